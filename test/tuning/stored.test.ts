import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Device, type Dtype, lossGradient, openDevice } from '../../lib';
import { addon } from '../../lib/addon/native';
import { differenceFromCpu } from '../../lib/doctor/self-test/trial';
import { type Settings, type Shape, settingRanges, shapeOf } from '../../lib/addon/settings';
import { storedTuning, tuningFile } from '../../lib/devices/tuning/store';
import { storeTuning } from '../../lib/devices/tuning/write';
import { Uniform, flat, floats, realData } from '../support/arbitrary';
import { outOfBounds, passBounds } from '../../lib/check/bounds';
import { Target, allConfigurations, withEnvironment } from '../support/each-device';
import * as plain from '../support/plain';

// A folder of its own, so that no other suite finds what is stored here; compiled kernels stay from run to run.
const folder = path.join(__dirname, '..', '..', 'build', 'test', 'cache-tuned');
mkdirSync(folder, { recursive: true });
const costs = { uploadRate: 1e9, passRate: 1e10, launchSeconds: 1e-5, stepSeconds: 1e-6, stepRate: 1e9 };

const kernelDevices = allConfigurations.filter(
  ({ info, environment }) =>
    info.backend !== 'cpu' &&
    !('THALWEG_FLOAT64' in environment) &&
    !('THALWEG_MAX_ALLOCATION' in environment),
);

/** The device with a cache of this suite. */
async function openTuned(target: Target, more: Readonly<Record<string, string>> = {}): Promise<Device> {
  return await target.open({ THALWEG_CACHE: folder, ...more });
}

/** Runs `body` where the target's own variables and this suite's cache are set. */
async function here<Result>(target: Target, body: () => Promise<Result>): Promise<Result> {
  return await withEnvironment({ ...target.configuration.environment, THALWEG_CACHE: folder }, body);
}

async function store(target: Target, settings: Settings): Promise<string> {
  return await here(
    target,
    async () => (await storeTuning(target.configuration.info, { settings, costs })) ?? '',
  );
}

const namesOf: Readonly<Record<Shape, readonly (keyof Settings)[]>> = {
  wide: [
    ...(['groupSize', 'groupsPerUnit', 'elementsPerGroup', 'narrowFloats', 'rowRegisters'] as const),
    ...(['tileRegisters', 'sweepRows', 'cacheKibibytes'] as const),
  ],
  rows: ['groupsPerUnit', 'elementsPerGroup', 'tileRows'],
};

function extreme(shape: Shape, end: 'least' | 'most'): Settings {
  return Object.fromEntries(namesOf[shape].map((name) => [name, settingRanges[name][end]]));
}

const objective = { ...plain.linearSquared, fitIntercept: true };

async function expectRightGradients(
  device: Device,
  dtype: Dtype,
  shapes: readonly { m: number; n: number }[],
): Promise<void> {
  for (const { m, n } of shapes) {
    const random = new Uniform(m + n);
    const data = realData(dtype, m, n, 'squared', random);
    const theta = random.array(n, () => Math.fround(random.signed() / Math.sqrt(n)));
    const at = { theta, intercept: 0.5 };
    const got = await lossGradient(flat(dtype, data), floats(dtype, data.y), { ...objective, ...at, device });
    const expected = plain.lossGradient(objective, data, at);
    const bounds = passBounds(dtype, objective, data, at);
    const all = (of: plain.LossGradient): number[] => [...of.gradient, of.interceptGradient, of.loss];
    expect(outOfBounds(all(got), all(expected), all(bounds))).toEqual([]);
  }
}

it('there is a device with kernels to tune', () => {
  expect(kernelDevices.length).toBeGreaterThan(0);
});

const targets = kernelDevices.map((configuration) => new Target(configuration));

describe.each(targets.map((target) => [target.title, target] as const))('on %s', (_title, target) => {
  const { info, emulated } = target.configuration;
  let shape: Shape;

  beforeAll(async () => {
    shape = (await here(target, () => Promise.resolve(shapeOf(info)))) as Shape;
  });
  afterEach(async () => {
    rmSync((await here(target, () => Promise.resolve(tuningFile(info)))) ?? '', { force: true });
  });

  // One end is enough where each kernel takes seconds to compile.
  const ends = emulated === true ? (['most'] as const) : (['least', 'most'] as const);

  it.each(ends)(
    'parameters at the %s they may be are used, and right',
    async (end) => {
      await store(target, extreme(shape, end));
      const device = await openTuned(target);
      expect(device.native.settings).toEqual(extreme(shape, end));
      await expectRightGradients(device, end === 'least' || emulated === true ? 'float32' : 'float64', [
        { m: 301, n: 31 },
        { m: 131, n: 129 },
        { m: 37, n: 4100 },
        // At the least, several stretches of rows in the cache.
        { m: 37, n: 16_500 },
      ]);
      await device.close();
    },
    180_000,
  );

  it('descents with parameters at the most they may be agree with those on the CPU', async () => {
    await store(target, extreme(shape, 'most'));
    const device = await openTuned(target);
    const cpu = await openDevice('cpu');
    expect(await differenceFromCpu(device, cpu)).toMatchObject({ agrees: true });
    await Promise.all([device.close(), cpu.close()]);
  }, 180_000);

  it('some parameters leave the others as they are, and those of the other shape are no matter', async () => {
    const before = await openTuned(target);
    await store(target, { groupsPerUnit: 3, tileRows: 2, sweepRows: 1 });
    const after = await openTuned(target);
    const own = shape === 'wide' ? { sweepRows: 1 } : { tileRows: 2 };
    expect(after.native.settings).toEqual({ ...before.native.settings, groupsPerUnit: 3, ...own });
    await Promise.all([before.close(), after.close()]);
  });
});

describe('what is stored is ignored', () => {
  const target = new Target(kernelDevices[0] as (typeof kernelDevices)[number]);
  const { info } = target.configuration;
  let defaults: object;
  let file: string;
  let stored: string;

  beforeAll(async () => {
    const device = await openTuned(target);
    defaults = device.native.settings;
    await device.close();
    file = await store(target, { groupsPerUnit: 3 });
    stored = readFileSync(file, 'utf8');
  });
  beforeEach(() => {
    rmSync(file, { recursive: true, force: true });
    writeFileSync(file, stored);
  });
  afterAll(() => {
    rmSync(file, { recursive: true, force: true });
  });

  async function settingsNow(more: Readonly<Record<string, string>> = {}): Promise<object> {
    const device = await openTuned(target, more);
    const { settings } = device.native;
    await device.close();
    return settings;
  }

  it('not where nothing is wrong', async () => {
    expect(await settingsNow()).toEqual({ ...defaults, groupsPerUnit: 3 });
  });

  /** The file with some of its fields others. */
  const changed = (change: (object: Record<string, Record<string, unknown>>) => void) => (): string => {
    const object = JSON.parse(stored) as Record<string, Record<string, unknown>>;
    change(object);
    return JSON.stringify(object);
  };
  const setting = (name: string, value: unknown) =>
    changed(({ settings }) => Object.assign(settings ?? {}, { [name]: value }));

  it.each([
    ['nothing', () => ''],
    ['no JSON', () => 'groupsPerUnit: 3'],
    ['half of it', () => stored.slice(0, stored.length / 2)],
    ['an array', () => '[]'],
    ['null', () => 'null'],
    ['more than there can be', () => stored.padEnd(100_000)],
    ['an unknown parameter', setting('warpSize', 32)],
    ['a prototype for a parameter', () => stored.replace('"groupsPerUnit"', '"__proto__"')],
    ['a text for a number', setting('groupsPerUnit', '3')],
    ['a fraction', setting('groupsPerUnit', 3.5)],
    ['too large a number', setting('groupsPerUnit', 65)],
    ['no group at all', setting('groupsPerUnit', 0)],
    ['no power of two', setting('tileRows', 3)],
    ['an unknown field', changed((object) => Object.assign(object, { more: 1 }))],
    ['costs without one', changed(({ costs: some }) => delete some?.['passRate'])],
    ['a rate of 0', changed(({ costs: some }) => Object.assign(some ?? {}, { passRate: 0 }))],
    ['another version of the format', changed((object) => Object.assign(object, { version: 2 }))],
    ['another driver', changed(({ device }) => Object.assign(device ?? {}, { driver: 'another' }))],
    ['another card', changed(({ device }) => Object.assign(device ?? {}, { name: 'another' }))],
    ['another thalweg', changed(({ device }) => Object.assign(device ?? {}, { thalweg: '0.0.0' }))],
  ])('with %s in the file', async (_what, content) => {
    writeFileSync(file, content());
    expect(await settingsNow()).toEqual(defaults);
    expect(await here(target, () => storedTuning(info, addon()))).toBe('broken');
  });

  it('where the file cannot be read', async () => {
    rmSync(file);
    mkdirSync(file);
    expect(await settingsNow()).toEqual(defaults);
  });

  it('with THALWEG_CACHE=off, and with kernels of another shape', async () => {
    expect(await settingsNow({ THALWEG_CACHE: 'off' })).toEqual(defaults);
    const wide = await settingsNow({ THALWEG_KERNEL_SHAPE: 'wide' });
    const rows = await settingsNow({ THALWEG_KERNEL_SHAPE: 'rows' });
    const changedOnes = [wide, rows].filter((each) => (each as Settings).groupsPerUnit === 3);
    // HIP devices have one shape only.
    expect(changedOnes).toHaveLength(info.backend === 'opencl' ? 1 : 2);
  });
});
