import { addon } from '../../addon/native';
import type { Dtype } from '../../base/data-types';
import type { Device } from '../../devices/device';
import type { Descent } from '../../engine/descent';
import type { ActivationName } from '../../objective/activations';
import type { LossName } from '../../objective/losses';
import { miniBatchGradientDescent, stochasticGradientDescent } from '../../training/descents';
import { floats, takenPairs } from '../data';
import type { Fault, Group } from '../group';
import { valueKinds } from '../passes';
import { columnsFor } from '../sizes';
import type { Target } from '../target';
import { type Expected, type Stepping, lossAt, rowsOf, startOf, stepped } from '../trajectory';
import { type HeldRows, gentleRate, heldRows, linear, lossesFault, objectiveOf, placeFault } from './steps';

export interface BatchValues {
  readonly [name: string]: string | number;
  readonly values: string;
  /** Rows a step; 1 are stochastic steps. */
  readonly batch: number;
  readonly activation: ActivationName;
  readonly loss: LossName;
  readonly l1: number;
  readonly l2: number;
  /** 0 or 1 */
  readonly intercept: number;
  readonly m: number;
  readonly n: number;
  readonly dtype: Dtype;
  readonly seed: number;
}

/** With penalties, each loss and activation: rows of few columns, since it takes every pair. */
const penalised = { values: 'reals', l1: 0.02, l2: 0.1, intercept: 1 };

export const stochastic: Group<BatchValues> = {
  name: 'stochastic',
  what: 'steps of one row, in the order that the seed gives, and the loss after them',
  like: { batch: 1, ...linear, m: 40, n: 33, dtype: 'float32', seed: 1 },
  words: { values: valueKinds },
  cases: async (target) => {
    const cases: BatchValues[] = [];
    for (const dtype of target.dtypes) {
      for (const n of await columnsFor(target, dtype, 'steps'))
        cases.push({ batch: 1, ...linear, m: n > 1000 ? 11 : 41, n, dtype, seed: n });
      for (const pair of takenPairs)
        cases.push({ batch: 1, ...pair, ...penalised, m: 30, n: 5, dtype, seed: 5 });
      cases.push({ batch: 1, ...linear, m: 1, n: 5, dtype, seed: 2 });
      for (const n of [1, 3, 33, 130])
        cases.push({ batch: 1, ...linear, values: 'integers', m: 3, n, dtype, seed: n });
    }
    return cases;
  },
  run: ({ device }: Target, values) => batchesFault(device, values),
};

export const miniBatch: Group<BatchValues> = {
  name: 'mini-batch',
  what: 'steps of several rows, the last batch short, and the loss after them',
  like: { batch: 32, ...linear, m: 80, n: 33, dtype: 'float32', seed: 1 },
  words: { values: valueKinds },
  cases: async (target) => {
    const cases: BatchValues[] = [];
    for (const dtype of target.dtypes) {
      for (const { batch, m, n } of await batchShapes(target, dtype))
        cases.push({ batch, ...linear, m, n, dtype, seed: n + batch });
      for (const n of [3, 130])
        cases.push({ batch: 16, ...linear, values: 'integers', m: 32, n, dtype, seed: n });
      for (const pair of takenPairs)
        cases.push({ batch: 16, ...pair, ...penalised, m: 90, n: 5, dtype, seed: 5 });
    }
    return cases;
  },
  run: ({ device }: Target, values) => batchesFault(device, values),
};

interface BatchShape {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
}

/** The most rows of a batch that is tried. */
const mostRows = 1100;

/**
 * For a few widths, batches on both sides of where a kernel changes: rows side by side, several a tile, and batches that are
 * passes of their own.
 */
async function batchShapes(target: Target, dtype: Dtype): Promise<BatchShape[]> {
  const shapes: BatchShape[] = [];
  for (const n of target.quick ? [5, 130] : [1, 4, 5, 33, 64, 130, 257, 1028, 4100]) {
    const sizes = target.quick ? [2, 37] : await batchesOf(target, dtype, n);
    for (const batch of sizes) {
      const m = Math.min(2 * batch + 1, Math.max(batch + 1, Math.floor(60_000 / n)));
      shapes.push({ batch, m, n });
    }
  }
  return shapes;
}

async function batchesOf(target: Target, dtype: Dtype, n: number): Promise<number[]> {
  const found = new Set([2, 3, 32]);
  if (target.shape === undefined) return [...found, 31, 257];
  let before: string | undefined;
  for (let batch = 2; batch <= mostRows; batch = batch < 8 ? batch + 1 : Math.ceil(batch * 1.13)) {
    const now = (await target.planOfBatch(dtype, n, batch))?.steps;
    if (before !== undefined && now !== before) found.add(batch).add(batch - 1);
    before = now;
  }
  return [...found].filter((batch) => batch * n < 300_000);
}

/** The rows of each step of an epoch, as the descents draw them. */
export function* batchesOfEpoch(
  draw: { permutation(count: number): Uint32Array; randint(bound: number, count: number): Uint32Array },
  m: number,
  batch: number,
): Generator<Uint32Array> {
  const order = batch === 1 ? draw.randint(m, m) : draw.permutation(m);
  for (let from = 0; from < m; from += batch) yield order.subarray(from, from + batch);
}

/** Integers stay exact for few steps only. */
const epochsOf = { integers: 1, reals: 2 };

/** What is wrong with a descent in batches on a device. */
export async function batchesFault(
  device: Device,
  values: BatchValues,
  { data, X }: HeldRows = heldRows(values),
): Promise<Fault> {
  const { batch, m, n, dtype, seed } = values;
  const exact = values.values === 'integers';
  const epochs = epochsOf[exact ? 'integers' : 'reals'];
  const learningRate = exact ? batch / 2 : gentleRate(n);
  const stepping: Stepping = { dtype, objective: objectiveOf(values), learningRate };
  const options = { ...stepping.objective, learningRate: stepping.learningRate, epochs, seed, device, dtype };
  const y = floats(dtype, data.y);
  const got: Descent =
    batch === 1
      ? await stochasticGradientDescent(X, y, options)
      : await miniBatchGradientDescent(X, y, { ...options, batchSize: batch });
  const draw = new (addon().IndexStream)(seed);
  const losses: Expected[] = [];
  let at = startOf(n);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (const rows of batchesOfEpoch(draw, m, batch)) at = stepped(stepping, rowsOf(data, rows), at);
    if (exact) at = { ...at, away: 0 };
    losses.push(lossAt(stepping, data, at));
  }
  return placeFault(got, at) ?? lossesFault(got.loss, losses);
}
