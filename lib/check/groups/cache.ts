import { environment } from '../../base/environment';
import { firstOtherBits } from '../compare';
import type { Group } from '../group';
import { type CallValues, calls, callsOver, resultOf } from '../results';

const shapes = {
  quick: [[257, 3]],
  full: [
    [257, 3],
    [129, 34],
    [67, 257],
    [37, 4100],
    [37, 16_500],
  ],
} as const;

/** Reaches no file: kernels are compiled anew. */
const fresh = { THALWEG_CACHE: 'off' };

export const cache: Group<CallValues> = {
  name: 'cache',
  what: 'compiled kernels that are kept, against those just compiled',
  like: { call: 'gradient', m: 257, n: 3, dtype: 'float32', seed: 1 },
  words: { call: calls },
  notFor: ({ shape }) => {
    if (shape === undefined) return 'its code is not compiled here';
    return environment().cacheFolder === undefined ? 'no compiled kernels are kept' : undefined;
  },
  cases: (target) => Promise.resolve(callsOver(target, shapes)),
  run: async (target, values) => {
    // Sees to it that the kernels are kept.
    await resultOf(target.device, values);
    const { cacheFolder = '' } = environment();
    const kept = await target.variant({ THALWEG_CACHE: cacheFolder });
    return firstOtherBits(
      'with kept kernels the result',
      await resultOf(kept, values),
      await resultOf(await target.variant(fresh), values),
    );
  },
};
