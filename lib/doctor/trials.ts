import type { DeviceInfo } from '../addon/device-info';
import { type Outcome, type Trial, probe } from '../drivers/probe';
import { agrees } from '../drivers/probe/targets';
import { said } from './backends';
import { type Finding, ok, problem } from './finding';

/** What came of training on the devices. */
export interface Trials {
  /** The devices that trained, and agreed with the CPU. */
  readonly working: readonly DeviceInfo[];
  readonly compilers: readonly Finding[];
  readonly devices: readonly Finding[];
}

/** The compiler is tried as well: kernels that were compiled before are not taken. */
const freshKernels = { THALWEG_CACHE: 'off' };

/** Trains a small neuron on each device, in a process of its own, and compares with the CPU. */
export async function tryDevices(devices: readonly DeviceInfo[], signal?: AbortSignal): Promise<Trials> {
  const tried: { readonly device: DeviceInfo; readonly outcome: Outcome<Trial> }[] = [];
  // One after the other: two processes on one card may run out of its memory.
  for (const device of devices) {
    tried.push({ device, outcome: await probe({ ask: 'fit', device: device.id }, freshKernels, signal) });
  }
  const answered = tried.filter(({ outcome }) => outcome.state === 'answered');
  const ids = answered.map(({ device }) => device.id).join(', ');
  const rejected = tried.flatMap(({ device, outcome }) => compilerFailure(device, outcome) ?? []);
  return {
    working: answered.filter(({ outcome }) => agrees(outcome)).map(({ device }) => device),
    compilers: [
      ...(ids === '' ? [] : [ok('COMPILER_READY', `Kernels were compiled for ${ids}.`)]),
      ...rejected,
    ],
    devices: tried.flatMap(({ device, outcome }) => deviceFinding(device, outcome) ?? []),
  };
}

function titleOf({ id, name }: DeviceInfo): string {
  return `${id} (${name})`;
}

/** The lines of a compiler's log that a person reads. */
const LOG_LINES = 10;

function compilerFailure(device: DeviceInfo, outcome: Outcome<Trial>): Finding | undefined {
  if (outcome.state !== 'failed' || outcome.failure.code !== 'ERR_KERNEL_BUILD') return undefined;
  const log = outcome.failure.log?.trim().split('\n').slice(0, LOG_LINES).join('\n') ?? '';
  return problem(
    'COMPILER_FAILED',
    `The driver of ${titleOf(device)} does not compile the kernels.${log === '' ? '' : `\n${log}`}`,
  );
}

/** Undefined where the compiler's finding says it. */
function deviceFinding(device: DeviceInfo, outcome: Outcome<Trial>): Finding | undefined {
  const title = titleOf(device);
  switch (outcome.state) {
    case 'answered': {
      const { dtypes, largestDifference } = outcome.answer;
      const arithmetic = dtypes.join(' and ');
      return outcome.answer.agrees
        ? ok('DEVICE_WORKS', `${title} trains, in ${arithmetic}, as the CPU does.`)
        : problem(
            'DEVICE_WRONG',
            `${title} computes wrong results: weights differ from the CPU's by ${(100 * largestDifference).toPrecision(2)} % of the largest.`,
          );
    }
    case 'failed':
      return outcome.failure.code === 'ERR_KERNEL_BUILD'
        ? undefined
        : problem('DEVICE_FAILS', `${title} cannot train: ${outcome.failure.message}`);
    case 'crashed':
      return problem(
        'DEVICE_CRASHES',
        `${title} ends the process (${outcome.how}) ${whileWhat(outcome)}.${said(outcome)}`,
      );
    case 'hung':
      return problem(
        'DEVICE_HANGS',
        `${title} has no end ${whileWhat(outcome)}; given up after ${outcome.seconds} s.${said(outcome)}`,
      );
  }
}

function whileWhat({ stage }: { readonly stage: string }): string {
  return stage === 'training' ? 'while it compiles or runs kernels' : 'while it is opened';
}
