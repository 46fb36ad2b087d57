import type { Dtype } from '../../base/data-types';
import type { Device, MatrixLike } from '../../devices/device';
import type { ActivationName } from '../../objective/activations';
import type { LossName } from '../../objective/losses';
import { batchGradientDescent } from '../../training/descents';
import { firstOutOfBounds } from '../compare';
import { Uniform, flat, floats, realData, takenPairs } from '../data';
import type { Fault, Group } from '../group';
import { integerPass, valueKinds } from '../passes';
import type { Data, Objective } from '../plain';
import { columnsFor } from '../sizes';
import type { Target } from '../target';
import { type Expected, type Place, type Stepping, lossAt, startOf, stepped } from '../trajectory';

export interface StepsValues {
  readonly [name: string]: string | number;
  readonly values: string;
  readonly activation: ActivationName;
  readonly loss: LossName;
  readonly l1: number;
  readonly l2: number;
  /** 0 or 1 */
  readonly intercept: number;
  readonly iterations: number;
  /** Iterations after which a tolerance is to end it; 0: none. */
  readonly ends: number;
  readonly m: number;
  readonly n: number;
  readonly dtype: Dtype;
  readonly seed: number;
}

export const linear = {
  values: 'reals',
  activation: 'linear',
  loss: 'squared',
  l1: 0,
  l2: 0,
  intercept: 1,
} as const;

export const steps: Group<StepsValues> = {
  name: 'steps',
  what: 'batch descents: θ after some steps, and the loss before each',
  like: { ...linear, iterations: 6, ends: 0, m: 129, n: 33, dtype: 'float32', seed: 1 },
  words: { values: valueKinds },
  cases: async (target) => {
    const cases: StepsValues[] = [];
    for (const dtype of target.dtypes) {
      const widths = [...new Set([...(await columnsFor(target, dtype, 'update')), 1, 1025])];
      for (const n of target.quick ? widths.filter((n) => n < 40 || n > 1000) : widths) {
        cases.push({ ...linear, iterations: 6, ends: 0, m: 129, n, dtype, seed: n });
        if (n <= widestExact)
          cases.push({ ...linear, values: 'integers', iterations: 2, ends: 0, m: 64, n, dtype, seed: n });
        // Residuals of 1 row go with rate and threshold alone.
        if (!target.quick)
          cases.push({
            ...linear,
            iterations: 3,
            ends: 0,
            l1: 0.03,
            l2: 0.5,
            intercept: 0,
            m: 1,
            n,
            dtype,
            seed: n,
          });
      }
      for (const pair of takenPairs)
        cases.push({
          ...linear,
          ...pair,
          iterations: 6,
          ends: 0,
          l1: 0.02,
          l2: 0.1,
          m: 257,
          n: 5,
          dtype,
          seed: 7,
        });
      cases.push({ ...linear, iterations: 6, ends: 0, l1: 0.3, m: 64, n: 33, dtype, seed: 3 });
      for (const n of [5, 33]) cases.push({ ...linear, iterations: 60, ends: 5, m: 64, n, dtype, seed: 4 });
      cases.push({ ...linear, iterations: 6, ends: 0, intercept: 0, m: 64, n: 33, dtype, seed: 3 });
    }
    return cases;
  },
  run: (target: Target, values) => stepsFault(target.device, values),
};

/** Columns over which labels of 1 grow, in a step, to no more than float32 can square. */
const widestExact = 2100;

export function objectiveOf({
  activation,
  loss,
  l1,
  l2,
  intercept,
}: Pick<StepsValues, 'activation' | 'loss' | 'l1' | 'l2' | 'intercept'>): Objective {
  return { activation, loss, fitIntercept: intercept === 1, l1, l2 };
}

/** A rate with which no step overshoots, for rows of values between −1 and 1. */
export function gentleRate(n: number): number {
  return 0.02 / (n + 1);
}

/** Rows, and what a device is given of them: rows of its own, or rows in JavaScript memory. */
export interface HeldRows {
  readonly data: Data;
  readonly X: MatrixLike;
}

/** Those of a case, with a place for every value. */
export function heldRows(values: Parameters<typeof dataOf>[0]): HeldRows {
  const data = dataOf(values);
  return { data, X: flat(values.dtype, data) };
}

/** What is wrong with a batch descent on a device. */
export async function stepsFault(
  device: Device,
  values: StepsValues,
  plan: 'fused' | 'gram' = 'fused',
  { data, X }: HeldRows = heldRows(values),
): Promise<Fault> {
  const { iterations, ends, m, n, dtype } = values;
  const exact = values.values === 'integers';
  const learningRate = exact ? m / 2 : 4 * gentleRate(n);
  const stepping: Stepping = { dtype, objective: objectiveOf(values), learningRate };
  const losses: Expected[] = [];
  let at = startOf(n);
  for (let k = 0; k < (ends > 0 ? ends : iterations); k += 1) {
    losses.push(exact ? exactly(lossAt(stepping, data, at)) : lossAt(stepping, data, at));
    at = exact ? { ...stepped(stepping, data, at), away: 0 } : stepped(stepping, data, at);
  }
  const got = await batchGradientDescent(X, floats(dtype, data.y), {
    ...{ ...stepping.objective, learningRate, iterations, device, dtype, plan },
    ...(ends === 0 ? {} : { tolerance: toleranceBefore(losses) }),
  });
  if (got.iterations !== losses.length) return `it took ${got.iterations} steps, not ${losses.length}`;
  return lossesFault(got.loss, losses) ?? placeFault(got, at);
}

/** A tolerance that the last change of the loss is within, and none before. */
function toleranceBefore(losses: readonly Expected[]): number {
  const changes = losses.slice(1).map(({ value }, k) => 1 - value / (losses[k]?.value ?? NaN));
  return Math.sqrt((changes.at(-1) ?? NaN) * (changes.at(-2) ?? NaN));
}

/**
 * Rows of the kind that a case names. Of m integers a step at the rate m/2, with a power of two rows, is exact: θ stays an
 * integer, and the square of what then remains of a label is below 2²⁴.
 */
export function dataOf({
  values,
  m,
  n,
  dtype,
  seed,
  loss,
}: Pick<StepsValues, 'values' | 'm' | 'n' | 'dtype' | 'seed' | 'loss'>): Data {
  return values === 'integers'
    ? integerPass(dtype, m, n, seed, 1).data
    : realData(dtype, m, n, loss, new Uniform(seed));
}

export function exactly({ value }: Expected): Expected {
  return { value, bound: 0 };
}

export function lossesFault(got: ArrayLike<number>, expected: readonly Expected[]): Fault {
  const values = expected.map(({ value }) => value);
  return firstOutOfBounds('loss', got, values, (k) => expected[k]?.bound ?? 0);
}

/** What is wrong with where a descent ended. */
export function placeFault(
  got: { readonly theta: Float64Array; readonly intercept: number },
  { theta, intercept, away }: Place,
): Fault {
  return firstOutOfBounds('theta', [...got.theta, got.intercept], [...theta, intercept], () => away);
}
