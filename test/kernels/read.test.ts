import type { Device } from '../../lib';
import { describeOnEachDevice } from '../support/each-device';

/** Bits of every kind that X may hold: finite numbers whose words differ from each other. */
function values(dtype: 'float32' | 'float64', count: number): Float32Array | Float64Array {
  const made = dtype === 'float32' ? new Float32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i += 1) made[i] = (i + 1) / 7 - count / 13;
  return made;
}

/** Σ words mod 2³², as the definition says. */
function sumOfWords({ buffer }: Float32Array | Float64Array): number {
  return new Uint32Array(buffer).reduce((sum, word) => (sum + word) >>> 0, 0);
}

async function readOn(
  device: Device,
  data: Float32Array | Float64Array,
  shape: [number, number],
  times: number,
): Promise<{ sum: number; seconds: number }> {
  const X = await device.matrix({ data, shape });
  try {
    return await device.native.readWords(X.native, times).promise;
  } finally {
    X.dispose();
  }
}

describeOnEachDevice('reading every word', (target) => {
  // Ends within a pack, a stretch and a group's stretch, and more than one launch takes of a group.
  it.each([
    [1, 1],
    [1, 3],
    [5, 7],
    [64, 64],
    [1025, 3],
    [4099, 33],
  ])('sums %d × %d values', async (m, n) => {
    for (const dtype of target.dtypes) {
      const data = values(dtype, m * n);
      const { sum } = await readOn(target.device, data, [m, n], 1);
      expect(sum).toBe(sumOfWords(data));
    }
  });

  it('gives the sum of one reading, however many there are', async () => {
    const data = values('float32', 300 * 41);
    const { sum, seconds } = await readOn(target.device, data, [300, 41], 5);
    expect(sum).toBe(sumOfWords(data));
    expect(seconds).toBeGreaterThan(0);
  });
});
