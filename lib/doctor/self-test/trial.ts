import { type Dtype, dtypesOf } from '../../base/data-types';
import {
  batchGradientDescent,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../training/descents';
import type { Device } from '../../devices/device';
import { openDevice } from '../../devices/open';
import type { Stage, Trial } from '../../drivers/probe/questions';

/** Data to train on; mini-batches are tried as well where they have a size. */
export interface TrialShape {
  readonly rows: number;
  readonly columns: number;
  readonly batchSize?: number;
}

/** Narrow and wide: a device runs other kernels for each. */
export const SHAPES: readonly TrialShape[] = [
  { rows: 300, columns: 5 },
  { rows: 64, columns: 200 },
];

/** Largest difference from the CPU, relative to the largest weight, that rounding in another order explains. */
const TOLERANCES = { float32: 1e-3, float64: 1e-9 };

/**
 * Trains small neurons on a device and on the CPU, and compares.
 *
 * @throws ThalwegError as `openDevice` and the descents
 */
export async function trial(id: string, enter: (stage: Stage) => void): Promise<Trial> {
  enter('opening');
  const device = await openDevice(id);
  const cpu = await openDevice('cpu');
  enter('training');
  return { name: device.info.name, ...(await differenceFromCpu(device, cpu)) };
}

/** Trains small neurons on both devices, in every arithmetic that the first has. */
export async function differenceFromCpu(
  device: Device,
  cpu: Device,
  shapes = SHAPES,
): Promise<Omit<Trial, 'name'>> {
  const dtypes = dtypesOf(device.info);
  let agrees = true;
  let largestDifference = 0;
  for (const dtype of dtypes) {
    for (const shape of shapes) {
      const difference = distance(await fits(device, dtype, shape), await fits(cpu, dtype, shape));
      largestDifference = Math.max(largestDifference, difference);
      agrees &&= difference <= TOLERANCES[dtype];
    }
  }
  return { agrees, dtypes, largestDifference };
}

/** The weights of a batch descent and of a stochastic one, one after the other, and of mini-batches. */
async function fits(
  device: Device,
  dtype: Dtype,
  { rows, columns, batchSize }: TrialShape,
): Promise<number[]> {
  // Smooth, of full rank, the same everywhere.
  const data = Float64Array.from({ length: rows * columns }, (_, k) => Math.sin(1 + k * (k % 7)));
  const y = Float64Array.from({ length: rows }, (_, i) => Math.cos(i));
  const X = { data, shape: [rows, columns] as [number, number] };
  const common = { device, dtype, fitIntercept: true, learningRate: 0.5 / columns };
  const batch = await batchGradientDescent(X, y, { ...common, iterations: 20 });
  const stochastic = await stochasticGradientDescent(X, y, { ...common, epochs: 2, seed: 1 });
  const fitted = [...batch.theta, batch.intercept, ...stochastic.theta, stochastic.intercept];
  if (batchSize === undefined) return fitted;
  const inBatches = await miniBatchGradientDescent(X, y, { ...common, epochs: 2, batchSize, seed: 1 });
  return [...fitted, ...inBatches.theta, inBatches.intercept];
}

/** max |aⱼ − bⱼ| / max |bⱼ|; infinite where a is not a number. */
function distance(a: readonly number[], b: readonly number[]): number {
  const largest = Math.max(...b.map(Math.abs));
  const differences = b.map((value, j) => Math.abs((a[j] ?? NaN) - value) / largest);
  return differences.some(Number.isNaN) ? Infinity : Math.max(...differences);
}
