import type { Dtype } from '../../base/data-types';
import type { Device } from '../../devices/device';
import { miniBatchGradientDescent } from '../../training/descents';
import { passBounds } from '../bounds';
import { firstOutOfBounds } from '../compare';
import { Uniform, flat, floats, realData } from '../data';
import type { Fault, Group } from '../group';
import { linearSquared } from '../passes';
import * as plain from '../plain';
import { columnsFor, rowsFor } from '../sizes';

export interface LossValues {
  readonly [name: string]: string | number;
  readonly m: number;
  readonly n: number;
  readonly dtype: Dtype;
  readonly seed: number;
}

export const loss: Group<LossValues> = {
  name: 'loss',
  what: 'passes without a gradient: the loss after an epoch of one large batch',
  like: { m: 33, n: 257, dtype: 'float32', seed: 1 },
  cases: async (target) => {
    const cases: LossValues[] = [];
    for (const dtype of target.dtypes) {
      for (const n of await columnsFor(target, dtype, 'forward')) {
        const most = Math.max(...(await rowsFor(target, dtype, n)));
        for (const m of target.quick ? [most] : [3, most]) cases.push({ m, n, dtype, seed: m + n });
      }
    }
    return cases;
  },
  run: ({ device }, values) => lossFault(device, values),
};

/** What is wrong with the loss that a device tells of the θ that it tells. */
async function lossFault(device: Device, { m, n, dtype, seed }: LossValues): Promise<Fault> {
  const data = realData(dtype, m, n, 'squared', new Uniform(seed));
  const options = { learningRate: 0.02, epochs: 1, batchSize: m, seed: 1, fitIntercept: true, device, dtype };
  const got = await miniBatchGradientDescent(flat(dtype, data), floats(dtype, data.y), options);
  const right = plain.lossGradient(linearSquared, data, got).loss;
  return firstOutOfBounds(
    'the loss',
    got.loss,
    [right],
    () =>
      passBounds(dtype, linearSquared, data, got).loss + passBounds('float64', linearSquared, data, got).loss,
  );
}
