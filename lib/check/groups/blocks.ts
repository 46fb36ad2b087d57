import type { Dtype } from '../../base/data-types';
import type { Device } from '../../devices/device';
import type { Fault, Group } from '../group';
import { batchesFault } from './batches';
import { gradientFault } from './gradient';
import { predictFault } from './predict';
import { linear, stepsFault } from './steps';
import { uploadFault } from './upload';

interface BlockValues {
  readonly [name: string]: string | number;
  readonly part: string;
  readonly m: number;
  readonly n: number;
  readonly dtype: Dtype;
  readonly seed: number;
}

/** Bytes of an allocation at most: rows of a few KiB lie in several. */
export const smallAllocations = { THALWEG_MAX_ALLOCATION: '16384' };

type Common = Pick<BlockValues, 'm' | 'n' | 'dtype' | 'seed'>;

/** What is looked at in a matrix of several allocations: as the groups of these names do in one. */
const parts: Readonly<Record<string, (device: Device, common: Common) => Promise<Fault>>> = {
  upload: (device, common) => uploadFault(device, { pattern: 'bits', ...common }),
  gradient: (device, common) => gradientFault(device, { values: 'reals', ...common }),
  predict: (device, common) => predictFault(device, { activation: 'linear', reach: 2, ...common }),
  steps: (device, common) => stepsFault(device, { ...linear, iterations: 3, ends: 0, ...common }),
  stochastic: (device, common) => batchesFault(device, { batch: 1, ...linear, ...common }),
  'mini-batch': (device, common) => batchesFault(device, { batch: 17, ...linear, ...common }),
  gram: (device, common) => stepsFault(device, { ...linear, iterations: 3, ends: 0, ...common }, 'gram'),
};

const shapes = {
  quick: [[523, 33]],
  full: [
    [4099, 3],
    [523, 33],
    [67, 257],
    [11, 1028],
    [7, 4100],
    [5, 16_500],
  ],
} as const;

export const blocks: Group<BlockValues> = {
  name: 'blocks',
  what: 'matrices that lie in several allocations, their rows gathered',
  like: { part: 'gradient', m: 523, n: 33, dtype: 'float32', seed: 1 },
  words: { part: Object.keys(parts) },
  notFor: ({ shape }) => (shape === undefined ? 'its memory is one piece' : undefined),
  cases: ({ dtypes, quick }) =>
    Promise.resolve(
      dtypes.flatMap((dtype) =>
        shapes[quick ? 'quick' : 'full'].flatMap(([m, n]) =>
          Object.keys(parts)
            .filter((part) => isQuick(part, m, n))
            .map((part) => ({ part, m, n, dtype, seed: m + n })),
        ),
      ),
    ),
  run: async (target, { part, m, n, dtype, seed }) =>
    await parts[part]?.(await target.variant(smallAllocations), { m, n, dtype, seed }),
};

/** The plain reference of thousands of steps, and XᵀX of thousands of columns, take long. */
function isQuick(part: string, m: number, n: number): boolean {
  if (part === 'gram') return n < 300;
  return !['stochastic', 'mini-batch'].includes(part) || m < 1000;
}
