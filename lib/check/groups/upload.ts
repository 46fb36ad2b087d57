import type { Dtype } from '../../base/data-types';
import { translated } from '../../base/native-errors';
import type { Device } from '../../devices/device';
import { firstOtherBits } from '../compare';
import { Uniform } from '../data';
import type { Fault, Group } from '../group';

export interface UploadValues {
  readonly [name: string]: string | number;
  readonly pattern: string;
  readonly m: number;
  readonly n: number;
  readonly dtype: Dtype;
  readonly seed: number;
}

const shapes = {
  quick: [
    [1, 1],
    [7, 5],
    [257, 33],
    [4099, 65],
  ],
  full: [
    [1, 1],
    [1, 3],
    [3, 1],
    [7, 5],
    [1, 4099],
    [257, 33],
    [1031, 17],
    [4099, 65],
    [16_384, 65],
    [2053, 257],
  ],
} as const;

const patterns = ['places', 'alternating', 'bits'];

export const upload: Group<UploadValues> = {
  name: 'upload',
  what: 'patterns written, read back and summed',
  like: { pattern: 'bits', m: 257, n: 33, dtype: 'float32', seed: 1 },
  words: { pattern: patterns },
  cases: ({ quick, dtypes }) =>
    Promise.resolve(
      dtypes.flatMap((dtype) =>
        shapes[quick ? 'quick' : 'full'].flatMap(([m, n]) =>
          patterns.map((pattern) => ({ pattern, m, n, dtype, seed: m + n })),
        ),
      ),
    ),
  run: ({ device }, values) => uploadFault(device, values),
};

/** What is wrong with rows that a device was given. */
export async function uploadFault(
  device: Device,
  { pattern, m, n, dtype, seed }: UploadValues,
): Promise<Fault> {
  const words = wordsOf(pattern, m * n * (dtype === 'float64' ? 2 : 1), dtype, seed);
  const data = dtype === 'float64' ? new Float64Array(words.buffer) : new Float32Array(words.buffer);
  const matrix = await device.matrix({ data, shape: [m, n] });
  try {
    const back = await matrix.read(0, m);
    const read = firstOtherBits('what is read back', back, data);
    if (read !== undefined) return read;
    const middle = Math.floor(m / 2);
    const part = firstOtherBits(
      `row ${middle}`,
      await matrix.read(middle, 1),
      data.subarray(middle * n, (middle + 1) * n),
    );
    if (part !== undefined) return part;
    const { sum } = await translated(device.native.readWords(matrix.native, 1).promise);
    const right = words.reduce((total, word) => (total + word) >>> 0, 0);
    return sum === right ? undefined : `the sum of its 32-bit words is ${sum}, not ${right}`;
  } finally {
    matrix.dispose();
  }
}

/** Exponents of all ones are no numbers, and are refused before they reach the device. */
const finiteBits = { float32: 0xbf7f_ffff, float64: 0xbfef_ffff };

/** 32-bit words that make finite numbers. */
function wordsOf(pattern: string, count: number, dtype: Dtype, seed: number): Uint32Array {
  if (pattern === 'places') {
    // Of float64 the word that comes second holds the exponent: places are small numbers then.
    return Uint32Array.from({ length: count }, (_, at) => at + 1);
  }
  if (pattern === 'alternating')
    return Uint32Array.from({ length: count }, (_, at) => (at % 2 === 0 ? 0x5555_5555 : 0xaaaa_aaaa));
  const random = new Uniform(seed);
  const isHigh = (at: number): boolean => dtype === 'float32' || at % 2 === 1;
  return Uint32Array.from({ length: count }, (_, at) => {
    const word = Math.floor(random.next() * 2 ** 32);
    return isHigh(at) ? (word & finiteBits[dtype]) >>> 0 : word;
  });
}
