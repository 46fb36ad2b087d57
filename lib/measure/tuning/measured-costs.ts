import type { Costs } from '../../devices/costs';
import { batchGradientDescent, stochasticGradientDescent } from '../../training/descents';
import type { Device } from '../../devices/device';
import { type Resident, matrix, resident } from '../data';
import { median } from '../median';
import type { Effort } from './effort';

const columns = 256;
const launchesAStep = 2;
const shortRow = 64;
const longRow = 1024;
const stepRows = 2000;

/** Measures what the time of a call goes into; `measured` is called after each part. */
export async function measureCosts(
  device: Device,
  effort: Effort,
  signal: AbortSignal | undefined,
  measured: () => void,
): Promise<Costs> {
  const often = async (measure: () => Promise<number>): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i <= effort.repeats; i += 1) {
      signal?.throwIfAborted();
      times.push(await measure());
    }
    measured();
    // Without the first, which may compile and make threads.
    return median(times.slice(1));
  };
  const rows = Math.max(1, Math.floor(effort.bytes / (4 * columns)));
  const bytes = 4 * rows * columns;
  const upload = await often(() => uploadSeconds(device, rows));
  const empty = await often(() => passSeconds(device, 64, 8, 200));
  const launchSeconds = Math.max(empty / launchesAStep, 1e-9);
  const pass = await often(() => passSeconds(device, rows, columns, 5));
  const short = await often(() => stepSecondsOf(device, shortRow));
  const long = await often(() => stepSecondsOf(device, longRow));
  const passRate = bytes / Math.max(pass - empty, pass / 2);
  return { uploadRate: bytes / upload, passRate, launchSeconds, ...steps(short, long, passRate) };
}

/** How many parts `measureCosts` has. */
export const costParts = 5;

async function uploadSeconds(device: Device, rows: number): Promise<number> {
  const begun = performance.now();
  const X = await matrix(device, rows, columns, 'float32');
  X.dispose();
  return (performance.now() - begun) / 1000;
}

async function withRows<Result>(
  device: Device,
  rows: number,
  n: number,
  body: (rows: Resident) => Promise<Result>,
): Promise<Result> {
  const data = await resident(device, rows, n, 'float32');
  try {
    return await body(data);
  } finally {
    data.dispose();
  }
}

async function passSeconds(device: Device, rows: number, n: number, iterations: number): Promise<number> {
  return await withRows(device, rows, n, async ({ X, y }) => {
    const { seconds } = await batchGradientDescent(X, y, {
      ...{ learningRate: 1e-9, iterations, plan: 'fused', device },
    });
    return seconds / iterations;
  });
}

async function stepSecondsOf(device: Device, n: number): Promise<number> {
  return await withRows(device, stepRows, n, async ({ X, y }) => {
    const options = { learningRate: 1e-9, epochs: 1, seed: 1, device };
    const { seconds } = await stochasticGradientDescent(X, y, options);
    return seconds / stepRows;
  });
}

/** A step of n columns takes stepSeconds + 4n/stepRate: two of them tell both. */
function steps(short: number, long: number, passRate: number): Pick<Costs, 'stepSeconds' | 'stepRate'> {
  const stepRate = long > short ? (4 * (longRow - shortRow)) / (long - short) : passRate;
  return { stepRate, stepSeconds: Math.max(short - (4 * shortRow) / stepRate, 1e-9) };
}
