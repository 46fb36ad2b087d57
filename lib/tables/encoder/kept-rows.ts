import { availableMemory } from '../../base/memory';
import { blockRows } from './blocks';
import type { Values } from './groups';
import type { Block, Reading } from './reading';
import { RowEncoder } from './row-encoder';

/** Of the memory that is free, what kept values may take. */
const SHARE = 0.25;

/** About how large a piece is, of at least a chunk of DuckDB's. */
const PIECE_BYTES = 4 << 20;
const LEAST_PIECE_ROWS = 2048;

/**
 * The values of the rows that are trained on, column by column, as the file was read for their statistics: to be encoded
 * without reading it again. Those of features are given once, piece by piece, and each piece is gone then: no more of them
 * is held than is not yet where it goes. Pieces rather than whole columns also for what is read meanwhile: V8 looks for
 * memory that can go as memory is asked of it, and nothing else tells it of what DuckDB's chunks hold.
 */
export class KeptRows {
  /** y, and how much each row counts, where that is not 1. */
  readonly targets: Float64Array;
  readonly weights: Float64Array | undefined;
  #pieces: Float64Array[][] = [];
  #filled = 0;
  #taken = false;

  private constructor(
    readonly rows: number,
    private readonly features: number,
    isWeighted: boolean,
  ) {
    this.targets = new Float64Array(rows);
    if (isWeighted) this.weights = new Float64Array(rows);
  }

  /** Room for `rows` of `features`; undefined where there is none. */
  static of(rows: number, features: number, isWeighted: boolean): KeptRows | undefined {
    const bytes = rows * (features + (isWeighted ? 2 : 1)) * Float64Array.BYTES_PER_ELEMENT;
    return bytes > SHARE * availableMemory() ? undefined : new KeptRows(rows, features, isWeighted);
  }

  /** Takes in rows `from` to `count` of each of `values`: the features, y and the weight. */
  add(values: Values, count: number, from = 0): void {
    const { features, targets, weights } = this;
    targets.set((values[features] as Float64Array).subarray(from, count), this.#filled);
    weights?.set((values[features + 1] as Float64Array).subarray(from, count), this.#filled);
    const { pieceRows } = this;
    for (let done = from; done < count;) {
      const place = this.#filled % pieceRows;
      if (place === 0) this.#pieces.push(this.#piece());
      const step = Math.min(count - done, pieceRows - place);
      for (const [index, column] of (this.#pieces.at(-1) as Float64Array[]).entries())
        column.set((values[index] as Float64Array).subarray(done, done + step), place);
      done += step;
      this.#filled += step;
    }
  }

  /** The rows as blocks, each valid until the next, once; undefined where they were given already. */
  take(reading: Reading, holdsCodes: boolean): Generator<Block> | undefined {
    if (this.#taken) return undefined;
    this.#taken = true;
    return this.#encoded(reading, holdsCodes);
  }

  private get pieceRows(): number {
    const bytes = Float64Array.BYTES_PER_ELEMENT * Math.max(1, this.features);
    return Math.max(LEAST_PIECE_ROWS, Math.floor(PIECE_BYTES / bytes));
  }

  /** For the rows from the last taken in on. */
  #piece(): Float64Array[] {
    const rows = Math.min(this.pieceRows, this.rows - this.#filled);
    return Array.from({ length: this.features }, () => new Float64Array(rows));
  }

  *#encoded(reading: Reading, holdsCodes: boolean): Generator<Block> {
    const encoder = new RowEncoder(reading, holdsCodes, true);
    const capacity = blockRows(
      reading.features.map(({ encoding }) => encoding),
      holdsCodes,
    );
    const lacking = new Uint32Array(reading.features.length);
    const room = encoder.block(Math.min(capacity, this.pieceRows, this.rows));
    let first = 0;
    for (let piece = this.#pieces.shift(); piece !== undefined; piece = this.#pieces.shift()) {
      const rows = Math.min(this.pieceRows, this.rows - first);
      const beside = [this.targets, ...(this.weights === undefined ? [] : [this.weights])];
      const values = [...piece, ...beside.map((column) => column.subarray(first, first + rows))];
      for (let start = 0; start < rows; start += capacity) {
        const block = { ...room };
        encoder.append(block, values, start, Math.min(rows, start + capacity));
        yield { ...encoder.finish(block), lacking };
      }
      first += rows;
    }
  }
}
