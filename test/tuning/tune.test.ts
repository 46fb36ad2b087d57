import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Diagnosis } from '../../lib';
import type { Tuned } from '../../lib/measure/tuning';
import { json, temporaryFolder, thalweg } from '../cli/thalweg';
import { faultsLibrary } from '../faults/with-faults';

const folder = temporaryFolder();
/** Half of the kernels, which is enough here. */
const float32 = { THALWEG_FLOAT64: 'off' };

interface Report {
  readonly devices: readonly Tuned[];
}

const storedIn = (cache: string): string[] =>
  existsSync(cache) ? readdirSync(cache).filter((name) => name.endsWith('.json')) : [];

/** What the doctor says of it; without OpenCL, whose compiler it would wait for. */
async function codesOf(env: Readonly<Record<string, string>>): Promise<string[]> {
  const { stdout } = await thalweg(['doctor', '--json'], {
    env: { ...env, THALWEG_OPENCL_LIBRARY: '/no/such/library.so' },
  });
  const { findings } = JSON.parse(stdout) as Diagnosis;
  return findings.filter(({ code }) => code.startsWith('TUNING')).map(({ code, what }) => `${code} ${what}`);
}

describe('thalweg tune --device cpu', () => {
  const cache = path.join(folder, 'cpu');
  const env = { THALWEG_CACHE: cache };

  it('stores what the time goes into, and the doctor says so until it is reset', async () => {
    const { devices } = (await json(['tune', '--device', 'cpu'], { env })) as Report;
    expect(devices).toHaveLength(1);
    const [cpu] = devices;
    expect(cpu).toMatchObject({ id: 'cpu', tuned: true, settings: {}, refused: [], speed: [] });
    expect(Object.values(cpu?.costs ?? {})).toHaveLength(5);
    for (const cost of Object.values(cpu?.costs ?? {})) expect(cost).toBeGreaterThan(0);
    expect(storedIn(cache)).toEqual([path.basename(cpu?.file ?? '')]);
    expect(JSON.parse(readFileSync(cpu?.file ?? '', 'utf8'))).toMatchObject({ costs: cpu?.costs });

    expect(await codesOf(env)).toContain('TUNING_READY Measured by thalweg tune: cpu.');
    expect(await json(['tune', '--reset'], { env })).toEqual({ removed: [cpu?.file] });
    expect(storedIn(cache)).toEqual([]);
    expect((await codesOf(env)).join()).toMatch(/^TUNING_NONE .*\bcpu\b/);
  });

  it('stores nothing where nothing is kept, and says so', async () => {
    const { code, stdout } = await thalweg(['tune', '--device', 'cpu'], { env: { THALWEG_CACHE: 'off' } });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^cpu .*\n.*upload .* GB\/s, pass .*\n.*Not stored: THALWEG_CACHE is off/);
  });

  it('fails at once where nothing can be written', async () => {
    const { code, stderr } = await thalweg(['tune', '--device', 'cpu'], {
      env: { THALWEG_CACHE: path.join(__filename, 'cache') },
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^thalweg: ERR_FILE: .*THALWEG_CACHE/);
  });
});

describe('thalweg tune on an OpenCL device', () => {
  const faults = { THALWEG_OPENCL_LIBRARY: faultsLibrary(), ...float32, THALWEG_KERNEL_SHAPE: 'rows' };

  it('refuses what computes wrongly, does not compile or loses the device, and stores the rest', async () => {
    const cache = path.join(folder, 'faults');
    // Of the rows a work-item handles at once, 4 is what it has itself.
    const env = {
      ...{ ...faults, THALWEG_CACHE: cache },
      OPENCL_FAULTS_BUILDS: '-DROWS=8 wrong;-DROWS=2 -2',
    };
    const { devices } = (await json(['tune', '--device', 'opencl'], { env })) as Report;
    const [tuned] = devices;
    expect(tuned).toMatchObject({ id: 'opencl:0', tuned: true, shape: 'rows', defaults: { tileRows: 4 } });
    expect(tuned?.refused).toEqual([
      { settings: { tileRows: 2 }, why: expect.stringMatching(/^ERR_DEVICE_LOST: /) as unknown },
      {
        settings: { tileRows: 8 },
        why: expect.stringMatching(/^the loss is .*, not .* rows in float32$/) as unknown,
      },
    ]);
    expect(tuned?.settings).not.toHaveProperty('tileRows');
    expect(tuned?.speed.map(({ columns }) => columns)).toEqual([8, 64, 256, 1024, 4096]);

    const stored = JSON.parse(readFileSync(tuned?.file ?? '', 'utf8')) as Tuned;
    expect(stored.settings).toEqual(tuned?.settings);
  }, 240_000);

  it('stores nothing where the device computes wrongly as it is', async () => {
    const cache = path.join(folder, 'wrong');
    const env = { ...faults, THALWEG_CACHE: cache, OPENCL_FAULTS_BUILDS: '-DROWS=4 wrong' };
    const { code, stdout } = await thalweg(['tune', '--device', 'opencl', '--json'], { env });
    expect(code).toBe(1);
    const { devices } = JSON.parse(stdout) as Report;
    expect(devices[0]).toMatchObject({
      tuned: false,
      failure: expect.stringMatching(/^the loss is .*, not /) as unknown,
    });
    expect(storedIn(cache)).toEqual([]);
  });

  it('stores nothing where a check finds what passes do not show', async () => {
    const cache = path.join(folder, 'checked');
    const env = {
      ...{ ...faults, THALWEG_CACHE: cache },
      // As it is; candidates of other kernels would only take longer.
      OPENCL_FAULTS_BUILDS: '-DROWS=1 -11;-DROWS=2 -11;-DROWS=8 -11',
      OPENCL_FAULTS_EDIT: '(VALUE(1) - output) * (VALUE(1) + output)\u001e(VALUE(1) - output)',
    };
    const { code, stdout } = await thalweg(['tune', '--device', 'opencl', '--json'], { env });
    expect(code).toBe(1);
    const { devices } = JSON.parse(stdout) as Report;
    expect(devices[0]).toMatchObject({
      tuned: false,
      failure: expect.stringMatching(
        /^with .* in the check 'objectives activation=tanh .*: .* is .*, not /,
      ) as unknown,
    });
    expect(storedIn(cache)).toEqual([]);
  }, 240_000);

  it('stores nothing where a compiler refuses everything', async () => {
    const cache = path.join(folder, 'refused');
    const env = { ...faults, THALWEG_CACHE: cache, OPENCL_FAULTS_BUILDS: '-DROWS=4 -11' };
    const { code, stderr } = await thalweg(['tune', '--device', 'opencl'], { env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/thalweg: ERR_KERNEL_BUILD: /);
    expect(storedIn(cache)).toEqual([]);
  });
});

test('a device that is not there is an error', async () => {
  const { code, stderr } = await thalweg(['tune', '--device', 'opencl:99'], {
    env: { THALWEG_CACHE: folder },
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^thalweg: ERR_DEVICE_NOT_FOUND: /);
});
