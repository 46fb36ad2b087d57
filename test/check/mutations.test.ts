import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import type { CheckReport, DeviceReport } from '../../lib/check';
import { thalweg } from '../cli/thalweg';
import { faultsLibrary } from '../faults/with-faults';
import { emulators } from '../hip/emulator';
import { describeWithOpenclFaults } from '../support/each-device';
import { type Mutation, mutations } from './mutations';

const kernels = path.join(__dirname, '..', '..', 'kernels');
const folder = mkdtempSync(path.join(tmpdir(), 'thalweg-mutations-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const separator = '\u001e';

function environmentOf({ on, edit, environment }: Mutation): Record<string, string> {
  const text = edit === undefined ? undefined : `${edit.from}${separator}${edit.to}`;
  if (on === 'hip') {
    return {
      THALWEG_HIP_LIBRARY: emulators().wave32,
      HIP_EMULATOR_BLOCK: '32',
      ...(text === undefined ? {} : { HIP_EMULATOR_EDIT: text }),
      ...environment,
    };
  }
  const { THALWEG_OPENCL_LIBRARY: real } = process.env;
  return {
    ...(real === undefined ? {} : { OPENCL_FAULTS_LIBRARY: real }),
    THALWEG_OPENCL_LIBRARY: faultsLibrary(),
    THALWEG_KERNEL_SHAPE: on,
    ...(text === undefined ? {} : { OPENCL_FAULTS_EDIT: text }),
    ...environment,
  };
}

/** What a check of the mutated device comes to. */
async function checked(mutation: Mutation, more: Record<string, string> = {}): Promise<DeviceReport> {
  const { on, group } = mutation;
  const what = mutation.case === undefined ? ['--quick', '--group', group] : ['--case', mutation.case];
  const args = ['check', '--device', on === 'hip' ? 'hip' : 'opencl', ...what, '--json'];
  // What is wrong on purpose must not be kept for others.
  const env = { THALWEG_CACHE: 'off', ...environmentOf(mutation), ...more };
  const { code, stdout, stderr } = await thalweg(args, { env });
  const { devices } = JSON.parse(stdout) as CheckReport;
  const [device] = devices;
  if (device === undefined) throw new Error(`nothing was checked: ${stderr}`);
  expect(code).toBe(device.ok ? 0 : 1);
  return device;
}

function failedGroups({ groups }: DeviceReport): string[] {
  return groups.filter(({ failed }) => failed > 0).map(({ group }) => group);
}

describeWithOpenclFaults('a device made wrong on purpose', () => {
  const found = new Map<string, DeviceReport>();

  beforeAll(async () => {
    // Built once, before several ask for them.
    emulators();
    const waiting = [...mutations];
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        found.set(next.what, await checked(next));
    };
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
  }, 300_000);

  it.each(mutations)('is found by the group $group: $what', ({ what, group, says, edit }) => {
    // An edit of what is no longer there would change nothing.
    const text = edit === undefined ? '' : readFileSync(path.join(kernels, edit.file), 'utf8');
    expect(text).toContain(edit?.from ?? '');
    const report = found.get(what);
    expect(report?.failure?.what).not.toMatch(/ERR_DEVICE_LOST|ERR_KERNEL_BUILD|the process ended/);
    expect(report && failedGroups(report)).toEqual([group]);
    expect(`${report?.failure?.case ?? ''}: ${report?.failure?.what ?? ''}`).toMatch(
      says ?? /is .*, not |ERR_DIVERGED/,
    );
  });

  it('is found by the group cache: a kernel that was kept is another', async () => {
    const cache = path.join(folder, 'stale');
    const edit = { file: '', from: 'return fma(-rate, g, intercept);', to: 'return intercept;' };
    const stale: Mutation = {
      what: '',
      group: 'cache',
      on: 'rows',
      environment: { THALWEG_CACHE: cache, THALWEG_FLOAT64: 'off' },
    };
    // What the wrong device compiles is kept under the key of what is right.
    const spoilt = await checked({ ...stale, edit, case: 'steps n=3' });
    expect(failedGroups(spoilt)).toEqual(['steps']);
    const report = await checked(stale);
    expect(failedGroups(report)).toEqual(['cache']);
    expect(report.failure?.what).toMatch(/^with kept kernels the result\[\d+\] is .*, not .* to the bit$/);
  });

  it('and one as it should be is found right', async () => {
    const report = await checked({
      what: '',
      group: 'steps',
      on: 'rows',
      environment: { THALWEG_FLOAT64: 'off' },
    });
    expect(report).toMatchObject({ ok: true, groups: [{ group: 'steps', state: 'passed' }] });
  });
});

describeWithOpenclFaults('a device as it is', () => {
  const asItIs = { what: '', group: '', environment: { THALWEG_FLOAT64: 'off' } };

  it('predicts in several launches', async () => {
    const report = await checked({ ...asItIs, on: 'rows', case: 'large mebibytes=80 n=8' });
    expect(report).toMatchObject({ ok: true, groups: [{ group: 'large', state: 'passed', skipped: [] }] });
  });

  it('takes a last batch the same way alone and after others, whose rows are too many for one launch', async () => {
    const report = await checked({ ...asItIs, on: 'wide', case: 'repeats call=mini-batch m=37 n=4100' });
    expect(report).toMatchObject({ ok: true, groups: [{ group: 'repeats', state: 'passed' }] });
  });
});

describeWithOpenclFaults('a driver that does not come back', () => {
  const broken = (fault: string): Mutation => ({
    ...{ what: '', group: 'upload', on: 'rows' },
    environment: { THALWEG_FLOAT64: 'off', OPENCL_FAULTS: fault, THALWEG_PROBE_SECONDS: '3' },
  });

  it.each([
    ['crashes', 'clEnqueueNDRangeKernel:1*', /^the process ended \(SIGABRT\)/],
    ['hangs', 'clEnqueueNDRangeKernel:1!', /^it had no end, and was given up after 3 s/],
  ])('fails the case in which it %s', async (_how, fault, what) => {
    const report = await checked(broken(fault));
    expect(report).toMatchObject({
      ok: false,
      groups: [{ group: 'upload', state: 'unfinished', failed: 1 }],
      failure: {
        case: expect.stringMatching(/^upload pattern=places m=1 n=1 /) as unknown,
        what: expect.stringMatching(what) as unknown,
        command: expect.stringMatching(
          /^thalweg check --device opencl:0 --case 'upload pattern=places m=1 n=1 dtype=float32 seed=2'$/,
        ) as unknown,
      },
    });
  });
});
