import { zeros } from '../base/arguments';
import { type Moment, within } from './moments';
import type { SparseBlock, SparseLayout } from './row-source';
import { eachEntry, sparseColumns } from './sparse-rows';

/**
 * Means and deviations of sparse columns, of what they hold alone: the zeros, whose count is known, come in at the end by
 * the update of Chan, Golub and LeVeque (see moments.ts), and a column of 0 and 1 has √(p(1 − p)).
 */
export class SparseMoments {
  readonly #levels: readonly number[];
  readonly #coded: number;
  /** What the rows count, in which a column holds something. */
  readonly #counts: Float64Array;
  readonly #means: Float64Array;
  readonly #squares: Float64Array;
  readonly #least: Float64Array;
  readonly #greatest: Float64Array;
  #total = 0;
  #isWeighted = false;

  constructor({ levels, compressed }: SparseLayout) {
    this.#levels = levels;
    this.#coded = sparseColumns({ dense: 0, levels, compressed: 0, entries: 0 });
    const make = (length: number, value = 0): Float64Array => zeros('X', length).fill(value);
    this.#counts = make(this.#coded + compressed);
    [this.#means, this.#squares] = [make(compressed), make(compressed)];
    [this.#least, this.#greatest] = [make(compressed, Infinity), make(compressed, -Infinity)];
  }

  /**
   * Takes in whole rows.
   *
   * @param weights how much each row counts, 0 or more; left out: 1
   * @returns the first value that is not finite, with its row and its sparse column; undefined where all are
   */
  add(
    block: SparseBlock,
    weights?: Float64Array,
  ): { row: number; column: number; value: number } | undefined {
    let firstEntry = 0;
    let bad: { row: number; column: number; value: number } | undefined;
    this.#isWeighted ||= weights !== undefined;
    for (let row = 0; row < block.rows; row += 1) {
      const weight = weights === undefined ? 1 : (weights[row] as number);
      eachEntry(block, this.#levels, { row, firstEntry }, (column, value) => {
        if (!Number.isFinite(value)) bad ??= { row, column, value };
        if (weight > 0) this.#see(column, value, weight);
      });
      firstEntry += block.compressed?.lengths[row] ?? 0;
      if (weight > 0) this.#total += weight;
    }
    return bad;
  }

  #see(column: number, value: number, weight: number): void {
    const count = (this.#counts[column] as number) + weight;
    this.#counts[column] = count;
    const j = column - this.#coded;
    if (j < 0) return;
    const mean = this.#means[j] as number;
    const off = value - mean;
    const moved = mean + (off * weight) / count;
    this.#means[j] = moved;
    this.#squares[j] = (this.#squares[j] as number) + weight * off * (value - moved);
    if (value < (this.#least[j] as number)) this.#least[j] = value;
    if (value > (this.#greatest[j] as number)) this.#greatest[j] = value;
  }

  /** What is known of sparse column j. */
  moment(column: number): Moment {
    const [present, count] = [this.#total, this.#counts[column] as number];
    const absent = Math.max(0, present - count);
    const j = column - this.#coded;
    if (j < 0)
      return {
        present,
        mean: count / present,
        deviation: absent === 0 ? 0 : Math.sqrt(count * absent) / present,
      };
    const least = Math.min(this.#least[j] as number, absent > 0 ? 0 : Infinity);
    const greatest = Math.max(this.#greatest[j] as number, absent > 0 ? 0 : -Infinity);
    if (least === greatest || count === 0) return { present, mean: count === 0 ? 0 : least, deviation: 0 };
    const mean = this.#means[j] as number;
    const squares = (this.#squares[j] as number) + (mean * mean * count * absent) / present;
    const found = { present, mean: (mean * count) / present, deviation: Math.sqrt(squares / present) };
    return within({ least, greatest, isWeighted: this.#isWeighted }, found);
  }
}
