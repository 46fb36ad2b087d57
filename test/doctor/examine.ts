import { thalweg } from '../cli/thalweg';
import type { Diagnosis, Finding } from '../../lib';
import { FakeDriver } from './fake-driver';
import { type Machine, cpuNode, fakeMachine, osReleases, rx6500xt, rx6500xtCard } from './machine';

const driver = new FakeDriver();
afterAll(() => {
  driver.remove();
});

export const { library } = driver;

/** What `thalweg doctor --json` says of a machine. */
export class Examination {
  constructor(
    readonly exitCode: number | null,
    readonly diagnosis: Diagnosis,
  ) {}

  get codes(): string[] {
    return this.diagnosis.findings.map(({ code }) => code);
  }

  /** The one finding of that code. */
  finding(code: string): Finding {
    const found = this.diagnosis.findings.filter((finding) => finding.code === code);
    if (found.length === 1 && found[0] !== undefined) return found[0];
    throw new Error(`${found.length} findings of ${code} among ${this.codes.join(', ')}`);
  }
}

/**
 * Examines a machine that has these files and kfd nodes, with the fake driver as its OpenCL library where variables tell
 * it what to be, and with none otherwise.
 */
export async function examine(
  machine: Machine,
  variables: Readonly<Record<string, string>> = {},
): Promise<Examination> {
  const faked = Object.keys(variables).some((name) => name.startsWith('FAKE_DRIVER_'));
  const env = {
    THALWEG_OPENCL_LIBRARY: faked ? library : '/nowhere/libOpenCL.so.1',
    THALWEG_HIP_LIBRARY: '/nowhere/libamdhip64.so',
    THALWEG_SYSTEM_ROOT: fakeMachine(machine),
    ...variables,
  };
  const { code, stdout, stderr } = await thalweg(['doctor', '--json'], { env });
  expect(stderr).toBe('');
  const diagnosis = JSON.parse(stdout) as Diagnosis;
  expect(code).toBe(diagnosis.ok ? 0 : 1);
  return new Examination(code, diagnosis);
}

const driverFile = '/opt/rocm/lib/libamdocl64.so';

/** A Manjaro desktop with an RX 6500 XT, all in order. */
export const desktop = {
  files: {
    ...rx6500xtCard,
    '/etc/os-release': osReleases.manjaro,
    '/dev/kfd': '',
    '/dev/dri/renderD128': '',
    '/etc/OpenCL/vendors/amdocl64.icd': `${driverFile}\n`,
    [driverFile]: '',
    '/etc/group': 'root:x:0:\nvideo:x:985:\nrender:x:989:\n',
  },
  nodes: [cpuNode, rx6500xt],
} satisfies Machine;

/** The driver offers the card by its own name. */
export const native = { FAKE_DRIVER_TARGET: 'gfx1034' };
