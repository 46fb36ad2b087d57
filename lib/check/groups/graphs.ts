import type { Dtype } from '../../base/data-types';
import type { Device } from '../../devices/device';
import { batchGradientDescent } from '../../training/descents';
import { firstOtherBits } from '../compare';
import { flat, floats } from '../data';
import type { Group } from '../group';
import { linearSquared, realPass } from '../passes';

interface GraphValues {
  readonly [name: string]: string | number;
  readonly iterations: number;
  readonly m: number;
  readonly n: number;
  readonly dtype: Dtype;
  readonly seed: number;
}

/** One kernel a step, two, and two of a pass; a step of two. */
const shapes = {
  quick: [
    [257, 3],
    [67, 1028],
  ],
  full: [
    [257, 3],
    [1031, 34],
    [67, 1028],
    [19, 4100],
    [1031, 4100],
    [19, 16_500],
  ],
} as const;

/** More than a few blocks of recorded steps, the last one not whole. */
const iterations = 16 * 6 + 5;

export const graphs: Group<GraphValues> = {
  name: 'graphs',
  what: 'steps captured as graphs, against plain launches',
  like: { iterations, m: 257, n: 3, dtype: 'float32', seed: 1 },
  notFor: ({ device }) =>
    device.native.recordsSteps ? undefined : 'its driver, or THALWEG_GRAPHS=off, has no graphs of launches',
  cases: ({ dtypes, quick }) =>
    Promise.resolve(
      dtypes.flatMap((dtype) =>
        shapes[quick ? 'quick' : 'full'].map(([m, n]) => ({ iterations, m, n, dtype, seed: m + n })),
      ),
    ),
  run: async (target, values) =>
    firstOtherBits(
      'with graphs the result',
      await descended(await target.variant({ THALWEG_GRAPHS: 'on' }), values),
      await descended(await target.variant({ THALWEG_GRAPHS: 'off' }), values),
    ),
};

async function descended(device: Device, values: GraphValues): Promise<number[]> {
  const { m, n, dtype, seed } = values;
  const { data } = realPass(dtype, linearSquared, m, n, seed);
  const options = {
    learningRate: 0.02 / (n + 1),
    iterations: values.iterations,
    fitIntercept: true,
    l1: 0.001,
  };
  const { theta, intercept, loss } = await batchGradientDescent(flat(dtype, data), floats(dtype, data.y), {
    ...options,
    ...{ plan: 'fused', device, dtype },
  });
  return [...theta, intercept, ...loss];
}
