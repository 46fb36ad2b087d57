import { spawnSync } from 'node:child_process';
import path from 'node:path';
import {
  Neuron,
  batchGradientDescent,
  devices,
  isGpuAvailable,
  lossGradient,
  openDevice,
  stochasticGradientDescent,
} from '../../lib';
import { emulators } from '../hip/emulator';
import { Target, allConfigurations, describeOnUsualDevices, withEnvironment } from '../support/each-device';
import { type Expected, expectRejection } from '../support/expectations';

const X = [
  [1, 2],
  [3, 4],
];
const y = [1, 2];
const options = { learningRate: 0.01, iterations: 2 };

const hasOpencl = allConfigurations.some(({ info }) => info.backend === 'opencl');

/** No driver, whatever this machine has. */
const noDrivers = {
  THALWEG_HIP_LIBRARY: '/nowhere/libamdhip64.so',
  THALWEG_OPENCL_LIBRARY: '/nowhere/libOpenCL.so.1',
};
const driverMissing = (device: string): Expected => ({
  code: 'ERR_DRIVER_MISSING',
  device,
  message: new RegExp(`no device '${device}': .* cannot be loaded from /nowhere/.*npx thalweg doctor`, 's'),
});
const notAmong = (device: string, id: string): Expected => ({
  code: 'ERR_DEVICE_NOT_FOUND',
  device,
  message: new RegExp(`no device '${device}'; this machine has .*${id} .*npx thalweg doctor`, 's'),
});

/** Names of devices that are missing, the drivers there are, and how the absence is told. */
const missing: [name: string, drivers: string, environment: Record<string, string>, told: Expected][] = [
  ['gpu', 'none', noDrivers, notAmong('gpu', 'cpu')],
  ...['hip', 'hip:0', 'opencl', 'opencl:0'].map((name): (typeof missing)[number] => [
    name,
    'none',
    noDrivers,
    driverMissing(name),
  ]),
  ['hip:9', 'HIP', { ...noDrivers, THALWEG_HIP_LIBRARY: emulators().wave32 }, notAmong('hip:9', 'hip:0')],
];
if (hasOpencl) missing.push(['opencl:99', 'OpenCL', {}, notAmong('opencl:99', 'opencl:0')]);

describe('a device that is missing', () => {
  it.each(missing)(
    'is an error, never another device: %s, with drivers: %s',
    async (name, _drivers, environment, told) => {
      await withEnvironment(environment, async () => {
        await expectRejection(openDevice(name), { option: 'device', ...told });
        await expectRejection(batchGradientDescent(X, y, { ...options, device: name }), told);
        await expectRejection(new Neuron({ inputs: 2 }).predict(X, { device: name }), told);
      });
    },
  );

  it.each(missing)(
    "is an error when THALWEG_DEVICE makes it 'auto': %s, with drivers: %s",
    async (name, _drivers, environment, told) => {
      await withEnvironment({ ...environment, THALWEG_DEVICE: name }, async () => {
        await expectRejection(openDevice(), told);
        await expectRejection(openDevice('auto'), told);
        await expectRejection(batchGradientDescent(X, y, options), told);
        await expectRejection(stochasticGradientDescent(X, y, { learningRate: 0.1, epochs: 1 }), told);
        await expect(batchGradientDescent(X, y, { ...options, device: 'cpu' })).resolves.toMatchObject({
          device: 'cpu',
        });
      });
    },
  );

  it.each(['CPU', 'opencl:', 'opencl:-1', 'cuda', 'cpu:0', ''])(
    'is an error by a name that none can have: %p',
    async (name) => {
      await expectRejection(openDevice(name), {
        code: 'ERR_INVALID_ARGUMENT',
        option: 'id',
        message: "id must be one of 'auto', 'cpu'",
      });
      if (name === '') return;
      await withEnvironment({ THALWEG_DEVICE: name }, async () => {
        await expectRejection(openDevice(), {
          code: 'ERR_INVALID_ARGUMENT',
          option: 'THALWEG_DEVICE',
          message: 'THALWEG_DEVICE must be one of',
        });
      });
    },
  );

  it('is told by what was loaded: a library that is none', () => {
    const script = `
      const { openDevice, devices } = require('./dist/index.js');
      (async () => {
        const error = await openDevice('opencl').catch((failure) => failure);
        const list = await devices();
        console.log(JSON.stringify({ code: error.code, message: error.message, ids: list.map(({ id }) => id) }));
      })();`;
    const child = spawnSync(process.execPath, ['-e', script], {
      cwd: path.join(__dirname, '..', '..'),
      env: { ...process.env, ...noDrivers },
      encoding: 'utf8',
    });
    expect(child).toMatchObject({ status: 0, stderr: '' });
    const told = JSON.parse(child.stdout) as { code: string; message: string; ids: string[] };
    expect(told).toMatchObject({ code: 'ERR_DRIVER_MISSING', ids: ['cpu'] });
    expect(told.message).toMatch(/no device 'opencl'.*\/nowhere\/libOpenCL\.so\.1/s);
  });
});

describe('the environment', () => {
  it.each([
    ['THALWEG_THREADS', '0', 'an integer from 1 to 1024'],
    ['THALWEG_THREADS', '1e9', 'an integer from 1 to 1024'],
    ['THALWEG_THREADS', 'many', 'an integer from 1 to 1024'],
    ['THALWEG_CPU_LEVEL', 'x86_64_v9', 'must be one of'],
    ['THALWEG_KERNEL_SHAPE', 'tall', "'wide' or 'rows'"],
    ['THALWEG_MAX_ALLOCATION', '12', 'an integer from 4096'],
  ])('is checked: %s=%s', async (name, value, message) => {
    await withEnvironment({ [name]: value }, async () => {
      await expectRejection(openDevice('cpu'), { code: 'ERR_INVALID_ARGUMENT', option: name, message });
      await expectRejection(batchGradientDescent(X, y, { ...options, device: 'cpu' }), {
        code: 'ERR_INVALID_ARGUMENT',
        option: name,
        message,
      });
    });
    await expect(batchGradientDescent(X, y, { ...options, device: 'cpu' })).resolves.toMatchObject({
      device: 'cpu',
    });
  });

  it('counts an empty variable as unset', async () => {
    const empty = {
      THALWEG_DEVICE: '',
      THALWEG_THREADS: '',
      THALWEG_CPU_LEVEL: '',
      THALWEG_KERNEL_SHAPE: '',
      THALWEG_MAX_ALLOCATION: '',
    };
    await withEnvironment(empty, async () => {
      const device = await openDevice('cpu');
      expect(device.id).toBe('cpu');
      await device.close();
    });
  });

  it("says with THALWEG_DEVICE what 'auto' is", async () => {
    await withEnvironment({ THALWEG_DEVICE: 'cpu' }, async () => {
      const device = await openDevice();
      expect(device.id).toBe('cpu');
      await device.close();
      expect((await batchGradientDescent(X, y, options)).device).toBe('cpu');
    });
  });
});

it('lists the devices in full', async () => {
  const list = await devices();
  expect(list[0]).toMatchObject({ id: 'cpu', backend: 'cpu', type: 'cpu', float64: true });
  for (const info of list) {
    expect(info.id).toMatch(/^(cpu|(opencl|hip):\d+)$/);
    expect(info.id.split(':')[0]).toBe(info.backend);
    expect([typeof info.name, typeof info.vendor, typeof info.driver]).toEqual([
      'string',
      'string',
      'string',
    ]);
    expect(info.name).not.toBe('');
    expect(info.computeUnits).toBeGreaterThan(0);
    expect(info.memoryBytes).toBeGreaterThan(2 ** 20);
  }
  expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
  expect(await isGpuAvailable()).toBe(list.some(({ type }) => type === 'gpu'));
});

describeOnUsualDevices('misplaced matrices and devices', (target) => {
  const dtype = target.dtypes[0] as 'float32';

  it('refuses a disposed matrix, and disposes of one twice', async () => {
    const { device } = target;
    const [A, b] = [await device.matrix(X, { dtype }), await device.matrix([[1], [2]], { dtype })];
    A.dispose();
    A.dispose();
    const disposed: Expected = {
      code: 'ERR_DISPOSED',
      device: device.id,
      message: 'this matrix is disposed of',
    };
    await expectRejection(batchGradientDescent(A, b, options), disposed);
    await expectRejection(lossGradient(A, y, { theta: [1, 2] }), disposed);
    await expectRejection(new Neuron({ inputs: 2 }).predict(A), disposed);
    await expectRejection(
      new Neuron({ inputs: 2 }).fit(A, y, { strategy: 'batch', standardize: true, ...options }),
      disposed,
    );
    b.dispose();
    await expectRejection(batchGradientDescent(X, b, { ...options, dtype }), disposed);
  });

  it('refuses a matrix of another device', async () => {
    const other = await openDevice('cpu');
    const there = await other.matrix(X, { dtype });
    const here = await target.device.matrix([[1], [2]], { dtype });
    const misplaced: Expected = { code: 'ERR_INVALID_ARGUMENT', message: /X is on cpu, and/ };
    await expectRejection(batchGradientDescent(there, here, options), {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'y',
      message: /y is on .*, and X is on another device/,
    });
    await expectRejection(batchGradientDescent(there, y, { ...options, device: target.device }), {
      ...misplaced,
      option: 'device',
      device: 'cpu',
    });
    await expectRejection(batchGradientDescent(there, y, { ...options, device: 'opencl' }), {
      ...misplaced,
      option: 'device',
      device: 'cpu',
    });
    await expect(batchGradientDescent(there, y, { ...options, device: 'cpu' })).resolves.toMatchObject({
      device: 'cpu',
    });
    here.dispose();
    await other.close();
  });

  it('brings X to where y is', async () => {
    const here = await target.device.matrix([[1], [2]], { dtype });
    const found = await batchGradientDescent(X, here, { ...options, dtype });
    expect(found.device).toBe(target.device.id);
    here.dispose();
  });

  it('refuses matrices of two dtypes, and a dtype that a matrix has not', async () => {
    const { device, dtypes } = target;
    const A = await device.matrix(X, { dtype: 'float32' });
    const other = dtypes.at(-1) === 'float64' ? 'float64' : 'float32';
    const b = await device.matrix([[1], [2]], { dtype: other });
    const mismatched: Expected = {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'y',
      message: 'y is a float64 matrix, and X is float32',
    };
    const asked: Expected = {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'dtype',
      message: "X is a float32 matrix, and dtype is 'float64'",
    };
    await expectRejection(batchGradientDescent(A, y, { ...options, dtype: 'float64' }), asked);
    if (other === 'float64') await expectRejection(batchGradientDescent(A, b, options), mismatched);
    A.dispose();
    b.dispose();
  });

  it.each([
    [null, 'options'],
    [5, 'options'],
    [Promise.resolve({}), 'options'],
    [{ dtype: null }, 'dtype'],
    [{ residency: null }, 'residency'],
  ])('refuses %j for the options of a matrix', async (given, option) => {
    await expectRejection(target.device.matrix(X, given as never), {
      code: 'ERR_INVALID_ARGUMENT',
      option,
      message: /must be/,
    });
  });

  it('refuses null for the dtype of chunks', async () => {
    const chunks = { shape: [2, 2] as [number, number], dtype: null as never, chunks: [] };
    await expectRejection(target.device.matrix(chunks), {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'dtype',
      message: /dtype must be 'float32' or 'float64'; it is null/,
    });
  });

  it('refuses a matrix of too few rows, and of other columns than a neuron has', async () => {
    const { device } = target;
    const A = await device.matrix(X, { dtype });
    const short = await device.matrix([[1]], { dtype });
    await expectRejection(batchGradientDescent(A, short, options), {
      code: 'ERR_SHAPE',
      option: 'y',
      message: 'y has 1 values, and X has 2 rows',
    });
    await expectRejection(new Neuron({ inputs: 3 }).predict(A), {
      code: 'ERR_SHAPE',
      option: 'X',
      message: 'X has 2 columns, and the neuron has 3 inputs',
    });
    await expectRejection(device.matrix(A as never), {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'X',
      message: 'X is a Matrix already',
    });
    A.dispose();
    short.dispose();
  });

  it('refuses a closed device and its matrices, and closes one twice', async () => {
    const device = await new Target(target.configuration).open();
    const A = await device.matrix(X, { dtype });
    await device.close();
    await device.close();
    const closed: Expected = {
      code: 'ERR_DISPOSED',
      device: device.id,
      message: `the device ${device.id} is closed`,
    };
    await expectRejection(device.matrix(X), closed);
    await expectRejection(batchGradientDescent(X, y, { ...options, device, dtype }), closed);
    await expectRejection(batchGradientDescent(A, y, options), closed);
    await expectRejection(new Neuron({ inputs: 2 }).predict(A), closed);
    expect(() => {
      A.dispose();
    }).not.toThrow();
  });
});
