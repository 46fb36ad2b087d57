import type { Dtype } from '../../base/data-types';
import type { Device } from '../../devices/device';
import { batchGradientDescent } from '../../training/descents';
import { lossGradient } from '../../training/loss-gradient';
import { firstOutOfBounds } from '../compare';
import { Uniform, floats } from '../data';
import type { Fault, Group } from '../group';

interface SumsValues {
  readonly [name: string]: string | number;
  readonly of: string;
  readonly m: number;
  readonly n: number;
  readonly dtype: Dtype;
}

/** 4097² = 16785409 takes 25 bits, one more than a float32 has. */
const beyondFloat32 = 4097;

/** Two float32 hold 48 bits; a few are left to the roundings of a sum. */
const kept = 2 ** -40;

/** One for each kernel of a pass; a power of two rows, and one more. */
const lossShapes = [
  [2 ** 20, 1],
  [2 ** 17 + 1, 1],
  [2 ** 16, 17],
  [2 ** 14, 40],
  [2 ** 14, 300],
  [2 ** 12, 4100],
];

export const sums: Group<SumsValues> = {
  name: 'sums',
  what: 'sums that keep more digits than their terms',
  like: { of: 'losses', m: 65_536, n: 1, dtype: 'float32' },
  words: { of: ['losses', 'penalties', 'products'] },
  cases: ({ dtypes, quick }) =>
    Promise.resolve(
      dtypes.flatMap((dtype) => [
        ...(quick ? [[2 ** 17, 1]] : lossShapes).map(([m = 1, n = 1]) => ({ of: 'losses', m, n, dtype })),
        ...(quick ? [1, 40] : [1, 2, 40, 1025, 4100]).map((n) => ({ of: 'penalties', m: 2, n, dtype })),
        { of: 'products', m: 64, n: 2, dtype },
        ...(quick ? [] : [{ of: 'products', m: 1023, n: 7, dtype }]),
      ]),
    ),
  run: ({ device }, values) => faultOf(device, values),
};

async function faultOf(device: Device, values: SumsValues): Promise<Fault> {
  const { of } = values;
  return of === 'losses'
    ? await lossesFault(device, values)
    : of === 'penalties'
      ? await penaltiesFault(device, values)
      : await productsFault(device, values);
}

function within(what: string, got: number, right: number): Fault {
  return firstOutOfBounds(what, [got], [right], () => kept * Math.abs(right));
}

/** Labels are integers up to this one: float32 holds the sum of their squares over a few rows, and not over many. */
const largestLabel = 255;

/** Losses whose sum has more bits than a float32: in float32 the last ones would be lost. */
async function lossesFault(device: Device, { m, n, dtype }: SumsValues): Promise<Fault> {
  const random = new Uniform(m + n);
  const y = random.array(m, () => random.integer(0, largestLabel));
  const X = { data: floats(dtype, new Float64Array(m * n)), shape: [m, n] as [number, number] };
  const got = await lossGradient(X, floats(dtype, y), { theta: new Float64Array(n), device, dtype });
  const right = y.reduce((sum, value) => sum + value * value, 0) / m;
  return within('the loss', got.loss, right);
}

/** Σθⱼ² of weights whose squares no float32 holds. */
async function penaltiesFault(device: Device, { m, n, dtype }: SumsValues): Promise<Fault> {
  const theta = Float64Array.from({ length: n }, (_, j) => beyondFloat32 + 2 * (j % 3));
  const X = { data: floats(dtype, new Float64Array(m * n)), shape: [m, n] as [number, number] };
  const options = { theta, l1: 0.5, l2: 2, device, dtype };
  const got = await lossGradient(X, floats(dtype, new Float64Array(m)), options);
  const right = theta.reduce((sum, weight) => sum + weight / 2 + weight * weight, 0);
  return within('the penalty in the loss', got.loss, right);
}

/** XᵀX and yᵀy of values whose products no float32 holds. */
async function productsFault(device: Device, { m, n, dtype }: SumsValues): Promise<Fault> {
  const data = Float64Array.from({ length: m * n }, (_, k) => beyondFloat32 + 2 * (k % 5));
  const y = Float64Array.from({ length: m }, (_, i) => beyondFloat32 + 2 * (i % 7));
  const options = { plan: 'gram', iterations: 1, learningRate: 2 ** -40, device, dtype } as const;
  const X = { data: floats(dtype, data), shape: [m, n] as [number, number] };
  const { loss } = await batchGradientDescent(X, floats(dtype, y), options);
  return within('the loss at 0', loss[0] ?? NaN, y.reduce((sum, value) => sum + value * value, 0) / m);
}
