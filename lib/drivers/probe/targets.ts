import type { DeviceInfo } from '../../addon/device-info';
import type { NativeSurvey } from '../../addon/native';
import { type DriverBackend, type Outcome, type Trial, probe } from './index';

/** Why a GPU of that target, as 'gfx1034', cannot be used by its own name; undefined where it can. */
export type Refusal = (target: string) => string | undefined;

/** What became of looking, by the backends that were asked. */
const known = new Map<string, Promise<Refusal>>();

/**
 * Tries the GPUs that drivers offer in processes of their own, so that none is loaded in this one. A GPU of AMD that does
 * not tell its target, as with Mesa's drivers, counts as any: it may be the one in question. Of several that may be it, the
 * first counts, as it is the one that is opened.
 *
 * @param device The name of the device that is about to be opened; of 'hip' and 'opencl', only theirs count.
 */
export async function refusedTargets(device: string): Promise<Refusal> {
  const backend = device.split(':')[0] ?? device;
  const backends: DriverBackend[] = backend === 'hip' || backend === 'opencl' ? [backend] : ['hip', 'opencl'];
  const key = backends.join();
  const looking = known.get(key) ?? lookForTargets(backends);
  known.set(key, looking);
  return await looking;
}

async function lookForTargets(backends: readonly DriverBackend[]): Promise<Refusal> {
  const surveys = await surveysOf(backends);
  const silent = surveys.flatMap(({ backend, outcome }) =>
    outcome.state === 'answered' ? [] : [`${backend} ${failureOf(outcome)}`],
  );
  const tried: { readonly gpu: DeviceInfo; readonly failure: string | undefined }[] = [];
  for (const gpu of surveys.flatMap(gpusOf)) {
    const outcome = await probe({ ask: 'fit', device: gpu.id });
    tried.push({ gpu, failure: agrees(outcome) ? undefined : `${gpu.id} ${failureOf(outcome)}` });
  }
  return (target) => {
    const first = tried.find(({ gpu: { isa, vendor } }) =>
      isa === undefined ? /AMD|Advanced Micro Devices/.test(vendor) : isa === target,
    );
    return first === undefined ? ['no driver offers it', ...silent].join('; ') : first.failure;
  };
}

interface Surveyed {
  readonly backend: DriverBackend;
  readonly outcome: Outcome<NativeSurvey>;
}

async function surveysOf(
  backends: readonly DriverBackend[],
  variables: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<Surveyed[]> {
  return await Promise.all(
    backends.map(async (backend) => ({
      backend,
      outcome: await probe({ ask: 'survey', backend }, variables, signal),
    })),
  );
}

function gpusOf({ outcome }: Surveyed): DeviceInfo[] {
  return outcome.state === 'answered' ? outcome.answer.devices.filter(({ type }) => type === 'gpu') : [];
}

/** What a driver did that did not do what it was asked, after its name. */
function failureOf(outcome: Outcome<unknown>): string {
  switch (outcome.state) {
    case 'answered':
      return 'computes wrong results';
    case 'failed':
      return `fails: ${outcome.failure.message}`;
    case 'crashed':
      return `ends the process (${outcome.how})`;
    case 'hung':
      return `does not answer in ${outcome.seconds} s`;
  }
}

/** The GPUs that drivers offer, each asked in a process of its own; none of one that does not answer. */
export async function offeredGpus(
  backends: readonly DriverBackend[],
  variables: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<DeviceInfo[]> {
  return (await surveysOf(backends, variables, signal)).flatMap(gpusOf);
}

/** Whether a device trained as the CPU does. */
export function agrees(outcome: Outcome<Trial>): boolean {
  return outcome.state === 'answered' && outcome.answer.agrees;
}
