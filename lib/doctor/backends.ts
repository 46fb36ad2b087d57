import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DeviceInfo } from '../addon/device-info';
import { type DriverBackend, type Outcome, probe } from '../drivers/probe';
import { systemText } from '../drivers/system/files';
import { type Finding, ok, problem } from './finding';
import { type Icd, readIcds } from './icd';
import { failureFinding } from './platform';
import { withPoclCache } from './pocl';

/** The drivers that devices are reached by, in the order in which they are asked. */
const backends = [
  { name: 'opencl', title: 'OpenCL' },
  { name: 'hip', title: 'HIP' },
] as const;

/** What the drivers of all backends answered. */
export interface Asked {
  readonly findings: readonly Finding[];
  /** Without the CPU device. */
  readonly devices: readonly DeviceInfo[];
  /** Those that neither crashed nor hung. */
  readonly answering: readonly DriverBackend[];
}

/** Asks each driver for its devices, in a process of its own each time. */
export async function askBackends(signal?: AbortSignal): Promise<Asked> {
  const asked = await Promise.all(backends.map((backend) => askBackend(backend, signal)));
  return {
    findings: asked.flatMap(({ findings }) => findings),
    devices: asked.flatMap(({ devices }) => devices),
    answering: asked.flatMap(({ answering }) => answering),
  };
}

async function askBackend({ name, title }: (typeof backends)[number], signal?: AbortSignal): Promise<Asked> {
  const outcome = await probe({ ask: 'survey', backend: name }, {}, signal);
  const part = name.toUpperCase() as Uppercase<typeof name>;
  switch (outcome.state) {
    case 'answered': {
      const { version, findings } = outcome.answer[name];
      const told = findings.map(({ fix, ...finding }) => (fix.length === 0 ? finding : { ...finding, fix }));
      return {
        answering: [name],
        devices: outcome.answer.devices.filter(({ backend }) => backend === name),
        findings: [
          ...(version === undefined ? [] : [ok(`${part}_READY`, `${title} answers: ${version}.`)]),
          ...(await withPoclCache(told)),
        ],
      };
    }
    case 'failed':
      return { answering: [], devices: [], findings: [failureFinding(outcome.failure)] };
    case 'crashed':
      return {
        answering: [],
        devices: [],
        findings: [
          problem(
            `${part}_CRASHES`,
            `Asking ${title} for its devices ends the process (${outcome.how})${await culprit(name, signal)}.${said(outcome)}`,
          ),
        ],
      };
    case 'hung':
      return {
        answering: [],
        devices: [],
        findings: [
          problem(
            `${part}_HANGS`,
            `Asking ${title} for its devices has no end; given up after ${outcome.seconds} s${await culprit(name, signal)}.${said(outcome)}`,
          ),
        ],
      };
  }
}

/** A driver's last words, on lines of their own. */
export function said({ output }: { readonly output: string }): string {
  return output === '' ? '' : `\nIt said:\n${output.split('\n').slice(-5).join('\n')}`;
}

/** Which of several registered OpenCL drivers it is, found by asking with each alone; '' where that does not tell. */
async function culprit(backend: string, signal?: AbortSignal): Promise<string> {
  if (backend !== 'opencl') return '';
  const icds = await readIcds();
  if (icds.length === 0 || isBad(await surveyWith([], signal))) return '';
  const bad: string[] = [];
  for (const icd of icds) {
    if (isBad(await surveyWith([icd], signal))) bad.push(path.basename(icd.file));
  }
  return bad.length === 0 ? '' : `; it is the driver of ${bad.join(' and ')}`;
}

function isBad({ state }: Outcome<unknown>): boolean {
  return state === 'crashed' || state === 'hung';
}

async function surveyWith(icds: readonly Icd[], signal?: AbortSignal): Promise<Outcome<unknown>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'thalweg-icd-'));
  try {
    for (const { file } of icds) {
      await writeFile(path.join(folder, path.basename(file)), (await systemText(file)) ?? '');
    }
    // With the slash, without which one of the loaders takes it for a file.
    return await probe({ ask: 'survey', backend: 'opencl' }, { OCL_ICD_VENDORS: `${folder}/` }, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
