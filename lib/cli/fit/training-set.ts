import type { Device, Matrix } from '../../index';
import { blocks } from '../../tables/encoder/blocks';
import type { Reading } from '../../tables/encoder/reading';
import { width } from '../../tables/encoder/encoding';
import type { Source } from '../../tables/files/source';

/** Rows to train on: X (rows × columns) in the device's memory, and y. */
export interface TrainingSet {
  readonly X: Matrix;
  readonly y: Float64Array;
}

/**
 * Streams the rows that `reading` selects to a device, a few megabytes at a time.
 *
 * @param rows How many they are, which `statistics` has counted.
 * @param onRows Told how many rows of the file were read so far.
 */
export async function loadTrainingSet(
  source: Source,
  reading: Reading,
  rows: number,
  device: Device,
  onRows: (read: number) => void,
): Promise<TrainingSet> {
  const y = new Float64Array(rows);
  const columns = width(reading.features.map(({ encoding }) => encoding));
  async function* chunks(): AsyncGenerator<Float32Array | Float64Array> {
    let filled = 0;
    let read = 0;
    for await (const block of blocks(source, reading)) {
      y.set(block.y, filled);
      filled += block.rows;
      if (block.rows > 0) {
        yield block.X;
      }
      onRows((read += block.used.length));
    }
  }
  const X = await device.matrix({ shape: [rows, columns], dtype: reading.dtype, chunks: chunks() });
  return { X, y };
}
