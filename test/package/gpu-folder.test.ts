import { cpSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BareRoot } from './bare-root';
import { type Finished, cleanEnvironment, output, root } from './support';

/** What run.sh prints. */
interface Result {
  readonly ok: boolean;
  readonly devices: { id: string }[];
  readonly machine: { cores: number; glibc: string };
  readonly drivers: { settings: Record<string, string>; notes: string[] };
  readonly doctor: { findings: { code: string }[] };
  readonly check: Record<string, unknown>;
  readonly bench: Record<string, { devices: { passes: { gigabytesPerSecond: number }[] }[] }>;
  readonly times: Record<string, { failed: object; results: { case: string; columns: number }[] }>;
  readonly failed: { step: string; message: string }[];
}

const packed = path.join(root, 'build', 'package-gpu');
let bare: BareRoot;

beforeAll(() => {
  output(process.execPath, ['scripts/pack-gpu.mjs', packed], { env: cleanEnvironment() });
  bare = new BareRoot();
  bare.addPocl();
  cpSync(packed, path.join(bare.folder, 'gpu'), { recursive: true });
});

afterAll(() => {
  bare.dispose();
  rmSync(packed, { recursive: true, force: true });
});

const started = (...options: string[]): Finished => bare.run('sh', '/gpu/run.sh', ...options);
const resultOf = ({ stdout }: Finished): Result => JSON.parse(stdout) as Result;

test('has at most 45 MiB', () => {
  const files = readdirSync(packed, { recursive: true, encoding: 'utf8' }).map((file) =>
    statSync(path.join(packed, file)),
  );
  const bytes = files.filter((file) => file.isFile()).reduce((sum, { size }) => sum + size, 0);
  expect(bytes).toBeLessThanOrEqual(45 * 2 ** 20);
  expect(bytes).toBeGreaterThan(20 * 2 ** 20);
});

test('in an empty root with a driver, tells all of its devices as one JSON object, and leaves nothing', () => {
  const finished = started('--quick', '--device', 'cpu', '--device', 'opencl:0');
  const result = resultOf(finished);
  // There is no GPU in it, which is what the doctor is asked for.
  expect(result.failed.map(({ step }) => step)).toEqual(['doctor']);
  expect(result.failed[0]?.message).toContain('no graphics card');
  expect(finished.status).toBe(1);
  expect(result.devices.map(({ id }) => id)).toEqual(['cpu', 'opencl:0']);
  expect(result.drivers.settings).toEqual({ THALWEG_OPENCL_LIBRARY: '/gpu/lib/libOpenCL.so.1' });
  expect(result.doctor.findings.map(({ code }) => code)).toContain('GPU_NONE');
  expect(result.check).toMatchObject({ cpu: { ok: true }, 'opencl:0': { ok: true } });
  for (const id of ['cpu', 'opencl:0']) {
    const passes = result.bench[id]?.devices[0]?.passes ?? [];
    expect(passes.map(({ gigabytesPerSecond }) => gigabytesPerSecond > 0)).toEqual([true, true, true]);
  }
  const record = result.times['opencl:0'];
  expect(record?.failed).toEqual({});
  const dense = ['gpu-pass-16', 'gpu-step-16'].flatMap((id) => [8, 64, 256, 1024].map((n) => `${id} ${n}`));
  expect(record?.results.map((one) => `${one.case} ${one.columns}`)).toEqual([
    ...dense,
    ...['gpu-csr-16 47000', 'gpu-codes-16 65426'],
  ]);
  expect(bare.left()).toEqual([]);
});

test('measures what works where a driver ends the processes that use it', () => {
  bare.remove(output('sh', ['-c', 'command -v ld']).trim());
  const result = resultOf(started('--quick', '--device', 'cpu', '--device', 'opencl:0'));
  const steps = result.failed.map(({ step }) => step);
  expect(steps).toEqual(['doctor', 'check opencl:0', 'bench opencl:0', 'times opencl:0']);
  expect(result.bench.cpu?.devices).toHaveLength(1);
  expect(bare.left()).toEqual([]);
});

test('says in JSON why where Node does not start', () => {
  writeFileSync(path.join(bare.folder, 'gpu', 'node.xz'), 'torn');
  const finished = started();
  expect(finished.status).toBe(3);
  const { ok, failed } = resultOf(finished);
  expect(ok).toBe(false);
  expect(failed).toEqual([
    { step: 'node', message: expect.stringContaining('could not be unpacked') as string },
  ]);
  expect(bare.left()).toEqual([]);
});
