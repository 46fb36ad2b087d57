import type { Dtype } from '../../base/data-types';
import type { Device } from '../../devices/device';
import { batchGradientDescent, miniBatchGradientDescent } from '../../training/descents';
import { Uniform, floats } from '../data';
import type { Fault, Group } from '../group';
import { integerFault, integerPass, linearSquared, passOn, realFault, realPass, valueKinds } from '../passes';
import type { Data } from '../plain';
import { columnsFor, rowsFor } from '../sizes';
import { type Stepping, lossAt, rowsOf, startOf, stepped } from '../trajectory';
import { smallAllocations } from './blocks';
import { type HeldRows, gentleRate, heldRows, lossesFault, placeFault } from './steps';

/** Of what a case of rows that count is made. */
export interface Common {
  readonly values: string;
  readonly m: number;
  readonly n: number;
  readonly dtype: Dtype;
  readonly seed: number;
}

interface WeightValues extends Common {
  readonly [name: string]: string | number;
  readonly part: string;
}

/** How often each row counts: 0 to 3 times, the first at least once. */
export function countsOf({ m, seed }: Pick<Common, 'm' | 'seed'>): number[] {
  const random = new Uniform(seed + 1);
  return Array.from({ length: m }, (_, i) => random.integer(i === 0 ? 1 : 0, 3));
}

/** The rows as often as they count. */
export function repeated(data: Data, counts: readonly number[]): Data {
  return rowsOf(
    data,
    counts.flatMap((count, i) => Array.from({ length: count }, () => i)),
  );
}

async function passFault(device: Device, values: Common): Promise<Fault> {
  const { m, n, dtype, seed } = values;
  const exact = values.values === 'integers';
  const pass = exact ? integerPass(dtype, m, n, seed) : realPass(dtype, linearSquared, m, n, seed);
  const sampleWeight = countsOf(values);
  const got = await passOn(device, pass, { sampleWeight });
  const expected = { ...pass, data: repeated(pass.data, sampleWeight) };
  return exact ? integerFault(device, expected, got) : realFault(expected, got);
}

/** Steps over all rows: passes, XᵀWX, or batches that each hold all. */
export async function weightedStepsFault(
  device: Device,
  values: Common,
  by: 'passes' | 'gram' | 'batches',
  { data, X }: HeldRows = heldRows({ ...values, loss: 'squared' }),
): Promise<Fault> {
  const { n, dtype, seed } = values;
  const count = 3;
  const stepping: Stepping = { dtype, objective: linearSquared, learningRate: gentleRate(n) };
  const sampleWeight = countsOf(values);
  const { objective, learningRate } = stepping;
  const options = { ...objective, learningRate, sampleWeight, device, dtype };
  const y = floats(dtype, data.y);
  const got =
    by === 'batches'
      ? await miniBatchGradientDescent(X, y, { ...options, epochs: count, batchSize: data.m, seed })
      : await batchGradientDescent(X, y, {
          ...{ ...options, iterations: count, plan: by === 'gram' ? 'gram' : 'fused' },
        });
  const rows = repeated(data, sampleWeight);
  const places = [startOf(n)];
  for (let k = 0; k < count; k += 1) places.push(stepped(stepping, rows, places[k] ?? startOf(n)));
  // Batches tell the loss after each step, the others that before it.
  const losses = (by === 'batches' ? places.slice(1) : places.slice(0, count)).map((at) =>
    lossAt(stepping, rows, at),
  );
  return placeFault(got, places[count] ?? startOf(n)) ?? lossesFault(got.loss, losses);
}

const parts: Readonly<Record<string, (device: Device, common: Common) => Promise<Fault>>> = {
  pass: passFault,
  steps: (device, common) => weightedStepsFault(device, common, 'passes'),
  gram: (device, common) => weightedStepsFault(device, common, 'gram'),
  batches: (device, common) => weightedStepsFault(device, common, 'batches'),
};

/** Small batches of a few widths, one that is a pass, and one whose rows are gathered. */
const batches: readonly (readonly [part: string, m: number, n: number])[] = [
  ...[3, 33, 260].map((n) => ['batches', 37, n] as const),
  ['batches', 1100, 33],
  ['gathered', 523, 33],
  ['gathered', 1100, 3],
];

export const weights: Group<WeightValues> = {
  name: 'weights',
  what: 'rows that count 0 to 3 times, against rows that are there so often',
  like: { part: 'pass', values: 'reals', m: 33, n: 257, dtype: 'float32', seed: 1 },
  words: { part: [...Object.keys(parts), 'gathered'], values: valueKinds },
  cases: async (target) => {
    const cases: WeightValues[] = [];
    for (const dtype of target.dtypes) {
      for (const n of await columnsFor(target, dtype, 'gradient', true)) {
        const tall = await rowsFor(target, dtype, n);
        for (const m of [3, Math.ceil(Math.max(...tall) / 3)]) {
          for (const values of target.quick ? ['integers'] : valueKinds)
            cases.push({ part: 'pass', values, m, n, dtype, seed: m + n });
        }
      }
      for (const [m, n] of [
        [129, 5],
        [1031, 33],
      ] as const) {
        for (const part of ['steps', 'gram']) cases.push({ part, values: 'reals', m, n, dtype, seed: m + n });
      }
      for (const [part, m, n] of batches) cases.push({ part, values: 'reals', m, n, dtype, seed: m + n });
    }
    return cases;
  },
  run: async (target, { part, ...common }) => {
    if (part !== 'gathered') return await parts[part]?.(target.device, common);
    return await parts['batches']?.(await target.variant(smallAllocations), common);
  },
};
