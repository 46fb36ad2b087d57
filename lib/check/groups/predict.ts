import { type Dtype, layerOfOne } from '../../base/data-types';
import type { Device } from '../../devices/device';
import { outputs } from '../../engine/outputs';
import { rowsOf } from '../../engine/operands';
import type { ActivationName } from '../../objective/activations';
import { roundoff } from '../bounds';
import { firstOutOfBounds } from '../compare';
import { Uniform, activations, exactIn, flat } from '../data';
import type { Fault, Group } from '../group';
import { parametersFor } from '../passes';
import * as plain from '../plain';
import { columnsFor, rowsFor } from '../sizes';

export interface PredictValues {
  readonly [name: string]: string | number;
  readonly activation: ActivationName;
  /** About how large |z| gets. */
  readonly reach: number;
  readonly m: number;
  readonly n: number;
  readonly dtype: Dtype;
  readonly seed: number;
}

export const predict: Group<PredictValues> = {
  name: 'predict',
  what: 'outputs, each by itself',
  like: { activation: 'sigmoid', reach: 4, m: 33, n: 257, dtype: 'float32', seed: 1 },
  cases: async (target) => {
    const cases: PredictValues[] = [];
    for (const dtype of target.dtypes) {
      for (const n of await columnsFor(target, dtype, 'forward')) {
        for (const m of await rowsFor(target, dtype, n))
          cases.push({ activation: 'linear', reach: 2, m, n, dtype, seed: m + n });
      }
      for (const activation of activations) {
        for (const reach of [1, 8, ...(activation === 'exp' ? [] : [60])])
          cases.push({ activation, reach, m: 1031, n: 3, dtype, seed: reach });
      }
    }
    return cases;
  },
  run: ({ device }, values) => predictFault(device, values),
};

/** What OpenCL allows exp, log1p and tanh, and what is done with them after, in units of the last place. */
const outputRoundings = 24;

/** What is wrong with a device's outputs. */
export async function predictFault(
  device: Device,
  { activation, reach, m, n, dtype, seed }: PredictValues,
): Promise<Fault> {
  const random = new Uniform(seed);
  const X = exactIn(
    dtype,
    random.array(m * n, () => random.signed()),
  );
  const data = { X, y: new Float64Array(m), m, n };
  const at = parametersFor(dtype, n, (2 * reach) / Math.sqrt(n), random);
  const got = await outputs(rowsOf('X', flat(dtype, data)), layerOfOne(at), activation, { device, dtype });
  return predictionFault(dtype, activation, data, at, got);
}

/** What is wrong with outputs of these rows. */
export function predictionFault(
  dtype: Dtype,
  activation: ActivationName,
  data: plain.Data,
  at: plain.Parameters,
  got: Float64Array,
): Fault {
  const { m, n } = data;
  const absolute = plain.sizesOf(data);
  const sizes = { theta: at.theta.map(Math.abs), intercept: Math.abs(at.intercept) };
  const u = roundoff[dtype];
  const output = (z: number): number => plain.output(activation, z);
  const right = Float64Array.from({ length: m }, (_, i) => output(plain.dot(data, i, at)));
  return firstOutOfBounds('output', got, right, (i) => {
    const z = plain.dot(data, i, at);
    const offset = 2 * (u + roundoff.float64) * (n + 2) * plain.dot(absolute, i, sizes);
    const change = Math.max(...[z - offset, z + offset].map((end) => Math.abs(output(end) - output(z))));
    return 2 * change + outputRoundings * u * Math.abs(output(z)) + smallest[dtype];
  });
}

/** Below the least normal number a device may flush to 0. */
const smallest = { float32: 2 ** -126, float64: 2 ** -1022 };
