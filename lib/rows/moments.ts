import type { Floats } from './rows';

/** What a column's values say of its scale. */
export interface Moment {
  /** How many are not missing, or what these count together. */
  readonly present: number;
  readonly mean: number;
  /** The standard deviation, divided by `present`; 0 for a column that never changes. */
  readonly deviation: number;
}

/**
 * Means and deviations of columns, block by block, in the order of the rows. Values are taken relative to the first of
 * their column, which keeps the digits of small changes of large numbers; each block is summed in two passes, and blocks
 * are joined by the update of Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample
 * Variances" (1979). A row may count more than once, or not at all: weights take the place of counts.
 */
export class Moments {
  readonly #origins: Float64Array;
  readonly #counts: Float64Array;
  readonly #means: Float64Array;
  readonly #squares: Float64Array;
  readonly #least: Float64Array;
  readonly #greatest: Float64Array;
  /** Of one block. */
  readonly #sums: Float64Array;
  readonly #seen: Float64Array;
  readonly #rest: Float64Array;
  readonly #off: Float64Array;
  #weighted = false;

  constructor(private readonly columns: number) {
    const zeros = (): Float64Array => new Float64Array(columns);
    [this.#origins, this.#counts, this.#means, this.#squares] = [zeros(), zeros(), zeros(), zeros()];
    [this.#sums, this.#seen, this.#rest, this.#off] = [zeros(), zeros(), zeros(), zeros()];
    this.#least = zeros().fill(Infinity);
    this.#greatest = zeros().fill(-Infinity);
  }

  /**
   * Takes in whole rows; NaN is a missing value.
   *
   * @param weights how much each row counts, 0 or more; left out: 1
   * @returns whether every value was finite
   */
  add(rows: Floats, weights?: Floats): boolean {
    this.#weighted ||= weights !== undefined;
    const finite = this.#sum(rows, weights);
    this.#deviate(rows, weights);
    this.#join();
    return finite;
  }

  /** What is known of column j. */
  moment(j: number): Moment {
    const present = this.#counts[j] as number;
    const least = this.#least[j] as number;
    const greatest = this.#greatest[j] as number;
    if (present === 0 || least === greatest) return { present, mean: least, deviation: 0 };
    const half = greatest / 2 - least / 2 || greatest - least;
    const mean = (this.#origins[j] as number) + (this.#means[j] as number);
    const deviation = Math.sqrt((this.#squares[j] as number) / present);
    return {
      present,
      mean: Number.isFinite(mean) ? Math.min(Math.max(mean, least), greatest) : least / 2 + greatest / 2,
      // Its bounds by the range (von Szőkefalvi-Nagy; Popoviciu) hold whatever was rounded, or has overflowed. The lower
      // one is for rows that count 1.
      deviation: Math.max(
        this.#weighted ? 0 : half * Math.sqrt(2 / present),
        Number.isNaN(deviation) ? half : Math.min(deviation, half),
      ),
    };
  }

  #sum(rows: Floats, weights?: Floats): boolean {
    const { columns } = this;
    this.#sums.fill(0);
    this.#seen.fill(0);
    let odd = 0;
    let [weight, row] = [1, 0];
    for (let at = 0, j = 0; at < rows.length; at += 1, j = j + 1 === columns ? 0 : j + 1) {
      if (weights !== undefined && j === 0) weight = weights[row++] as number;
      const value = rows[at] as number;
      odd += value - value; // NaN where it is not finite
      if (Number.isNaN(value) || !(weight > 0)) continue;
      if (value < (this.#least[j] as number)) this.#least[j] = value;
      if (value > (this.#greatest[j] as number)) this.#greatest[j] = value;
      if ((this.#counts[j] as number) + (this.#seen[j] as number) === 0) this.#origins[j] = value;
      this.#seen[j] = (this.#seen[j] as number) + weight;
      this.#sums[j] = (this.#sums[j] as number) + weight * (value - (this.#origins[j] as number));
    }
    for (let j = 0; j < columns; j += 1)
      this.#sums[j] = (this.#sums[j] as number) / ((this.#seen[j] as number) || 1);
    return odd === 0;
  }

  /** Around the block's means, which `#sums` holds now. */
  #deviate(rows: Floats, weights?: Floats): void {
    const { columns } = this;
    this.#rest.fill(0);
    this.#off.fill(0);
    let [weight, row] = [1, 0];
    for (let at = 0, j = 0; at < rows.length; at += 1, j = j + 1 === columns ? 0 : j + 1) {
      if (weights !== undefined && j === 0) weight = weights[row++] as number;
      const value = rows[at] as number;
      if (Number.isNaN(value) || !(weight > 0)) continue;
      const off = value - (this.#origins[j] as number) - (this.#sums[j] as number);
      this.#rest[j] = (this.#rest[j] as number) + weight * off;
      this.#off[j] = (this.#off[j] as number) + weight * off * off;
    }
  }

  #join(): void {
    for (let j = 0; j < this.columns; j += 1) {
      const count = this.#seen[j] as number;
      if (count === 0) continue;
      const before = this.#counts[j] as number;
      const total = before + count;
      // What rounding has left in the block's mean is in the sum of what is off it.
      const rest = (this.#rest[j] as number) / count;
      const gap = (this.#sums[j] as number) + rest - (this.#means[j] as number);
      this.#means[j] = (this.#means[j] as number) + (gap * count) / total;
      this.#squares[j] =
        (this.#squares[j] as number) +
        Math.max(0, (this.#off[j] as number) - rest * rest * count) +
        (gap * gap * before * count) / total;
      this.#counts[j] = total;
    }
  }
}
