import { type Dtype, layerOfOne } from '../base/data-types';
import type { Device } from '../devices/device';
import {
  batchGradientDescent,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../training/descents';
import { outputs } from '../engine/outputs';
import { rowsOf } from '../engine/operands';
import { Uniform, flat, floats } from './data';
import type { Target } from './target';
import { linearSquared, parametersFor, passOn, realPass } from './passes';

/** Everything that a device does with rows. */
export const calls = ['gradient', 'predict', 'steps', 'stochastic', 'mini-batch', 'gram'] as const;
export type Call = (typeof calls)[number];

/** A call over rows that follow from a seed. */
export interface CallValues {
  readonly [name: string]: string | number;
  readonly call: string;
  readonly m: number;
  readonly n: number;
  readonly dtype: Dtype;
  readonly seed: number;
}

/** Every call over rows of some shapes. */
export function callsOver(
  { dtypes, quick }: Pick<Target, 'dtypes' | 'quick'>,
  shapes: Readonly<Record<'quick' | 'full', readonly (readonly [m: number, n: number])[]>>,
): CallValues[] {
  return dtypes.flatMap((dtype) =>
    shapes[quick ? 'quick' : 'full'].flatMap(([m, n]) =>
      calls
        // XᵀX of so many columns takes long.
        .filter((call) => call !== 'gram' || n < 200)
        .map((call) => ({ call, m, n, dtype, seed: m + n })),
    ),
  );
}

/** All numbers that a call gives, in one array, for comparisons bit for bit. */
export async function resultOf(device: Device, values: CallValues): Promise<number[]> {
  const { call, m, n, dtype, seed } = values;
  const pass = realPass(dtype, linearSquared, m, n, seed);
  const X = flat(dtype, pass.data);
  const y = floats(dtype, pass.data.y);
  const options = { fitIntercept: true, l1: 0.001, learningRate: 0.02 / (n + 1), device, dtype };
  switch (call) {
    case 'gradient': {
      const { gradient, interceptGradient, loss } = await passOn(device, pass);
      return [...gradient, interceptGradient, loss];
    }
    case 'predict': {
      const at = parametersFor(dtype, n, 1, new Uniform(seed));
      return [...(await outputs(rowsOf('X', X), layerOfOne(at), 'sigmoid', { device, dtype }))];
    }
    case 'stochastic':
      return ended(await stochasticGradientDescent(X, y, { ...options, epochs: 1, seed }));
    case 'mini-batch':
      return ended(await miniBatchGradientDescent(X, y, { ...options, epochs: 1, batchSize: 17, seed }));
    case 'gram':
      return ended(await batchGradientDescent(X, y, { ...options, iterations: 5, plan: 'gram' }));
    default:
      return ended(await batchGradientDescent(X, y, { ...options, iterations: 5, plan: 'fused' }));
  }
}

function ended({
  theta,
  intercept,
  loss,
}: {
  readonly theta: Float64Array;
  readonly intercept: number;
  readonly loss: Float64Array;
}): number[] {
  return [...theta, intercept, ...loss];
}
