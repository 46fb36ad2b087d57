import { availableMemory } from 'node:process';
import { blockRows } from './blocks';
import type { Values } from './groups';
import type { Block, Reading } from './reading';
import { RowEncoder } from './row-encoder';

/** Of the memory that is free, what kept values may take. */
const SHARE = 0.25;

/**
 * The values of the rows that are trained on, column by column, as the file was read for their statistics: to be encoded
 * without reading it again. They are given once, and gone then.
 */
export class KeptRows {
  #filled = 0;

  private constructor(
    readonly rows: number,
    private columns: Float64Array[],
  ) {}

  /** Room for `rows` of `columns`; undefined where there is none. */
  static of(rows: number, columns: number): KeptRows | undefined {
    if (rows * columns * Float64Array.BYTES_PER_ELEMENT > SHARE * availableMemory()) return undefined;
    return new KeptRows(
      rows,
      Array.from({ length: columns }, () => new Float64Array(rows)),
    );
  }

  /** Takes in the first `rows` of each of `values`. */
  add(values: Values, rows: number): void {
    for (const [index, column] of this.columns.entries())
      column.set((values[index] as Float64Array).subarray(0, rows), this.#filled);
    this.#filled += rows;
  }

  /** The rows as blocks, once; undefined where they were given already. */
  take(reading: Reading): Generator<Block> | undefined {
    const { columns } = this;
    if (columns.length === 0) return undefined;
    this.columns = [];
    return encoded(columns, this.rows, reading);
  }
}

/** Columns as `blocks` reads them: the features, y and the weight. */
function* encoded(columns: readonly Float64Array[], rows: number, reading: Reading): Generator<Block> {
  const encoder = new RowEncoder(reading);
  const capacity = blockRows(reading.features.map(({ encoding }) => encoding));
  for (let start = 0; start < rows; start += capacity) {
    const end = Math.min(rows, start + capacity);
    const block = encoder.block(end - start);
    for (let row = start; row < end; row += 1) encoder.append(block, columns, row);
    // None of them was left out.
    yield { ...encoder.finish(block), lacking: new Uint32Array(reading.features.length) };
  }
}
