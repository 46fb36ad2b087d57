import type { Group } from '../group';
import { valueKinds } from '../passes';
import { type StepsValues, linear, stepsFault } from './steps';

/** Order n + 2 of AᵀA on both sides of its tiles of 4 and 8; odd, prime, and more than a group's share. */
const columns = { quick: [1, 2, 7, 33], full: [1, 2, 3, 5, 6, 7, 13, 14, 15, 30, 31, 33, 62, 63, 65, 130] };
/** On both sides of a slab of rows. */
const rows = { quick: [1031], full: [1, 2, 255, 256, 257, 1031] };

export const gram: Group<StepsValues> = {
  name: 'gram',
  what: 'descents on XᵀX, which is made once',
  like: { ...linear, iterations: 5, ends: 0, m: 257, n: 7, dtype: 'float32', seed: 1 },
  words: { values: valueKinds },
  cases: ({ dtypes, quick }) =>
    Promise.resolve(
      dtypes.flatMap((dtype) =>
        columns[quick ? 'quick' : 'full'].flatMap((n) => [
          ...rows[quick ? 'quick' : 'full'].map((m) => ({
            ...{ ...linear, iterations: 5, ends: 0, m, n, dtype, seed: m + n },
          })),
          { ...linear, values: 'integers', iterations: 2, ends: 0, m: 64, n, dtype, seed: n },
        ]),
      ),
    ),
  run: ({ device }, values) => stepsFault(device, values, 'gram'),
};
