import type { Dtype } from '../../base/data-types';
import { type Pass, linearSquared, realPass } from '../../check/passes';

/** Odd shapes on both sides of the numbers of columns where kernels change. */
const shapes = [
  { m: 1031, n: 3 },
  { m: 523, n: 12 },
  { m: 301, n: 31 },
  { m: 203, n: 66 },
  { m: 131, n: 129 },
  { m: 35, n: 260 },
  { m: 19, n: 1026 },
  { m: 17, n: 2049 },
  { m: 9, n: 4099 },
  { m: 37, n: 4100 },
];

/** What every candidate has to compute as plain loops do, before it is timed. */
export function passesIn(dtype: Dtype): Pass[] {
  return shapes.map(({ m, n }) => realPass(dtype, linearSquared, m, n, m + n));
}
