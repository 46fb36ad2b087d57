import { mkdirSync } from 'node:fs';
import path from 'node:path';
import {
  type Descent,
  batchGradientDescent,
  devices,
  openDevice,
  stochasticGradientDescent,
} from '../../lib';
import type { Costs } from '../../lib/devices/costs';
import { storeTuning } from '../../lib/devices/tuning/write';
import { fileWriter, fitJson, temporaryFolder } from '../cli/thalweg';
import { emulators } from '../hip/emulator';
import { withEnvironment } from '../support/each-device';

// What 'auto' is on a machine with a GPU, which is emulated, by costs that are made up.

const library = emulators().wave32;
const write = fileWriter(temporaryFolder());
const quick: Costs = {
  uploadRate: 1e12,
  passRate: 1e12,
  launchSeconds: 1e-9,
  stepSeconds: 1e-9,
  stepRate: 1e12,
};
const slow: Costs = { uploadRate: 1e3, passRate: 1e3, launchSeconds: 1, stepSeconds: 1, stepRate: 1e3 };

const X = { data: Float32Array.of(1, 1, 1, 2, 2, 2, 2, 3), shape: [4, 2] as [number, number] };
const y = Float32Array.of(6, 8, 9, 11);

/** Runs `body` with a cache where each device has costs: kept from run to run, for the kernels compiled meanwhile. */
async function withCosts<Result>(
  name: string,
  byId: Readonly<Record<string, Costs>>,
  body: () => Promise<Result>,
  more: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const folder = path.join(__dirname, '..', '..', 'build', 'test', `cache-${name}`);
  mkdirSync(folder, { recursive: true });
  return await withEnvironment({ THALWEG_HIP_LIBRARY: library, THALWEG_CACHE: folder, ...more }, async () => {
    for (const info of await devices()) {
      const costs = byId[info.id];
      if (costs !== undefined) await storeTuning(info, { settings: {}, costs });
    }
    return await body();
  });
}

async function batch(device?: string): Promise<Descent> {
  const named = device === undefined ? {} : { device };
  return await batchGradientDescent(X, y, { learningRate: 0.01, iterations: 3, ...named });
}

async function stochastic(): Promise<Descent> {
  return await stochasticGradientDescent(X, y, { learningRate: 0.01, epochs: 2, seed: 1 });
}

const gpuWins = { cpu: slow, 'hip:0': quick };

describe("'auto'", () => {
  it('is the GPU where that is expected to be quicker', async () => {
    const { device, theta } = await withCosts('gpu-wins', gpuWins, batch);
    expect(device).toBe('hip:0');
    const onCpu = await batch('cpu');
    theta.forEach((value, j) => {
      expect(value).toBeCloseTo(onCpu.theta[j] ?? NaN, 5);
    });
  });

  it('is the CPU where the GPU is expected to be slower, by what was measured or by default', async () => {
    expect(
      (await withCosts('gpu-loses', { cpu: slow, 'hip:0': { ...slow, launchSeconds: 2 } }, batch)).device,
    ).toBe('cpu');
    expect((await withCosts('defaults', {}, batch)).device).toBe('cpu');
  });

  it('depends on what is done: steps that wait, or passes', async () => {
    const costs = {
      cpu: { ...slow, stepSeconds: 1e-9, stepRate: 1e12 },
      'hip:0': { ...quick, stepSeconds: 100 },
    };
    const found = await withCosts('by-work', costs, async () => [await batch(), await stochastic()]);
    expect(found.map(({ device }) => device)).toEqual(['hip:0', 'cpu']);
  });

  it('counts the gram plan, in the API and on the command line', async () => {
    const [rows, columns] = [10_000, 8];
    const row = (i: number): number[] => Array.from({ length: columns + 1 }, (_, j) => Math.sin(i * (j + 1)));
    const lines = Array.from({ length: rows }, (_, i) => row(i));
    const X = lines.map((values) => values.slice(0, columns));
    const y = lines.map((values) => values[columns] ?? NaN);
    const names = Array.from({ length: columns }, (_, j) => `x${j}`);
    const file = write('tall.csv', `${[...names, 'y'].join(',')}\n${lines.join('\n')}\n`);
    // 300 passes are 1.9 s on the CPU, and XᵀX is a hundredth of a second; copying X takes the GPU 0.6 s.
    const costs = { cpu: { ...quick, passRate: 1e8 }, 'hip:0': { ...quick, uploadRate: 1e6 } };
    const options = { learningRate: 'auto', iterations: 300, fitIntercept: true } as const;
    await withCosts('gram', costs, async () => {
      const fused = await batchGradientDescent(X, y, { ...options, plan: 'fused', tolerance: 1 });
      expect(fused.device).toBe('hip:0');
      const gram = { device: 'cpu', plan: 'gram' };
      expect(await batchGradientDescent(X, y, options)).toMatchObject(gram);
      const env = { THALWEG_HIP_LIBRARY: library, THALWEG_CACHE: process.env['THALWEG_CACHE'] ?? '' };
      const args = [file, '--target', 'y', '--iterations', '300', '--learning-rate', 'auto'];
      expect(await fitJson(args, { env })).toMatchObject(gram);
    });
  });

  it('gives way to a device that is named, to THALWEG_DEVICE, and to where X is', async () => {
    expect((await withCosts('gpu-wins', gpuWins, () => batch('cpu'))).device).toBe('cpu');
    expect((await withCosts('gpu-wins', gpuWins, () => batch(), { THALWEG_DEVICE: 'cpu' })).device).toBe(
      'cpu',
    );
    const resident = await withCosts('gpu-wins', gpuWins, async () => {
      const device = await openDevice('cpu');
      const matrix = await device.matrix(X);
      const descent = await batchGradientDescent(matrix, y, { learningRate: 0.01, iterations: 3 });
      await device.close();
      return descent;
    });
    expect(resident.device).toBe('cpu');
  });

  it('is never an OpenCL device of the CPU', async () => {
    const costs = { cpu: slow, 'opencl:0': quick };
    const [listed, { device }] = await withCosts(
      'pocl',
      costs,
      async () => [await devices(), await batch()] as const,
      {
        THALWEG_HIP_LIBRARY: '/no/such/library.so',
      },
    );
    const first = listed.find(({ id }) => id === 'opencl:0');
    expect(device).toBe(first?.type === 'gpu' ? 'opencl:0' : 'cpu');
  });
});
