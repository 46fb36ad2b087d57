import type { Dtype } from '../../base/data-types';
import type { Device } from '../../devices/device';
import type { Fault, Group } from '../group';
import { integerFault, integerPass, linearSquared, passOn, realFault, realPass, valueKinds } from '../passes';
import { columnsFor, rowsFor } from '../sizes';
import type { Target } from '../target';

export interface GradientValues {
  readonly [name: string]: string | number;
  readonly values: string;
  readonly m: number;
  readonly n: number;
  readonly dtype: Dtype;
  readonly seed: number;
}

export const gradient: Group<GradientValues> = {
  name: 'gradient',
  what: 'the fused pass: loss and gradient',
  like: { values: 'reals', m: 33, n: 257, dtype: 'float32', seed: 1 },
  words: { values: valueKinds },
  cases: async (target) => {
    const cases: GradientValues[] = [];
    for (const dtype of target.dtypes) {
      for (const n of await columnsFor(target, dtype, 'gradient')) {
        for (const m of await rowsFor(target, dtype, n)) cases.push(...bothKinds(m, n, dtype));
      }
    }
    return cases;
  },
  run: (target: Target, values) => gradientFault(target.device, values),
};

function bothKinds(m: number, n: number, dtype: Dtype): GradientValues[] {
  return valueKinds.map((values) => ({ values, m, n, dtype, seed: m + n }));
}

/** What is wrong with a gradient on a device. */
export async function gradientFault(
  device: Device,
  { values, m, n, dtype, seed }: GradientValues,
): Promise<Fault> {
  if (values === 'integers') {
    const pass = integerPass(dtype, m, n, seed);
    return integerFault(device, pass, await passOn(device, pass));
  }
  const pass = realPass(dtype, linearSquared, m, n, seed);
  return realFault(pass, await passOn(device, pass));
}
