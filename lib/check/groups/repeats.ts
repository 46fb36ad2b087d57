import { firstOtherBits } from '../compare';
import type { Group } from '../group';
import { type CallValues, calls, callsOver, resultOf } from '../results';

/** How often a call is made. */
const times = 20;

const shapes = {
  quick: [
    [1031, 3],
    [257, 130],
  ],
  full: [
    [9001, 3],
    [2053, 33],
    [1031, 130],
    [67, 1028],
    [37, 4100],
    [37, 16_500],
  ],
} as const;

export const repeats: Group<CallValues> = {
  name: 'repeats',
  what: `the same call ${times} times, bit for bit`,
  like: { call: 'gradient', m: 1031, n: 130, dtype: 'float32', seed: 1 },
  words: { call: calls },
  cases: (target) => Promise.resolve(callsOver(target, shapes)),
  run: async ({ device }, values) => {
    const first = await resultOf(device, values);
    for (let time = 2; time <= times; time += 1) {
      const fault = firstOtherBits(`result ${time}`, await resultOf(device, values), first);
      if (fault !== undefined) return fault;
    }
    return undefined;
  },
};
