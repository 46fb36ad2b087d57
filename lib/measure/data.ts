import type { Dtype } from '../base/data-types';
import type { Device, Matrix } from '../devices/device';

/** X and y on a device. */
export interface Resident {
  readonly X: Matrix;
  readonly y: Matrix;
  dispose(): void;
}

const BLOCK_VALUES = 1 << 20;

/** Values in [−1, 1), the same in every run: Knuth's linear congruential generator on 32 bits. */
export function values(count: number, dtype: Dtype): Float32Array | Float64Array {
  const made = dtype === 'float32' ? new Float32Array(count) : new Float64Array(count);
  let state = 1;
  for (let i = 0; i < count; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    made[i] = state / 2 ** 31 - 1;
  }
  return made;
}

/** The same block of rows over and over: what rows hold makes no difference to the time. */
function* blocks(rows: number, columns: number, dtype: Dtype): Generator<Float32Array | Float64Array> {
  const blockRows = Math.min(rows, Math.max(1, Math.floor(BLOCK_VALUES / columns)));
  const block = values(blockRows * columns, dtype);
  for (let row = 0; row < rows; row += blockRows) {
    yield block.subarray(0, Math.min(blockRows, rows - row) * columns);
  }
}

export async function matrix(device: Device, rows: number, columns: number, dtype: Dtype): Promise<Matrix> {
  return await device.matrix({ shape: [rows, columns], dtype, chunks: blocks(rows, columns, dtype) });
}

/** m×n values and m targets. */
export async function resident(
  device: Device,
  rows: number,
  columns: number,
  dtype: Dtype,
): Promise<Resident> {
  const X = await matrix(device, rows, columns, dtype);
  try {
    const y = await matrix(device, rows, 1, dtype);
    return {
      X,
      y,
      dispose: () => {
        X.dispose();
        y.dispose();
      },
    };
  } catch (error) {
    X.dispose();
    throw error;
  }
}
