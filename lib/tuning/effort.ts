import type { MatrixChunks } from '../data-types';
import type { DeviceInfo } from '../device-info';

/** How much is spent on a measurement. */
export interface Effort {
  /** Of X. */
  readonly bytes: number;
  /** Of one measurement, about. */
  readonly seconds: number;
  /** Of which the median counts. */
  readonly repeats: number;
}

const mebi = 2 ** 20;

/** More than most caches hold, and little of the memory. */
export function effortFor({ backend, type, memoryBytes }: DeviceInfo): Effort {
  // Compiled kernels for the CPU take long as it is.
  const bytes = backend !== 'cpu' && type === 'cpu' ? 16 * mebi : 128 * mebi;
  return { bytes: Math.min(bytes, memoryBytes / 32), seconds: 0.01, repeats: 5 };
}

/** Rows of small numbers in float32, in blocks that are all alike. */
export function repeatedRows(rows: number, columns: number): MatrixChunks {
  const blockRows = Math.min(rows, Math.max(1, Math.floor(mebi / (4 * columns))));
  const block = Float32Array.from({ length: blockRows * columns }, (_, k) => ((k * 7) % 31) / 31 - 0.5);
  return { shape: [rows, columns], dtype: 'float32', chunks: blocks(block, blockRows, rows, columns) };
}

function* blocks(
  block: Float32Array,
  blockRows: number,
  rows: number,
  columns: number,
): Generator<Float32Array> {
  for (let done = 0; done < rows; done += blockRows) {
    yield block.subarray(0, Math.min(blockRows, rows - done) * columns);
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
