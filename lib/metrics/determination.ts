import { Sums } from './sums';

const spread = 0;
const squares = 1;

/** In units, of which squares add up. */
const LARGEST = 2 ** 400;

/** How well outputs of some rows meet their targets: native/device/cpu/level.h says what each is. */
export interface ValueSums {
  readonly rows: number;
  readonly overflowed: number;
  readonly weight: number;
  readonly mean: number;
  readonly spread: number;
  readonly unitSquares: number;
  readonly squares: number;
  readonly distances: number;
  readonly largest: number;
}

/** What targets are multiplied with, so that they have squares, and what is taken from them then. */
export interface Placing {
  readonly unit: number;
  readonly origin: number;
}

/**
 * How much of the targets' variation predictions explain, added up row by row: R² = 1 − Σw(y − ŷ)²/Σw(y − ȳ)². Targets are
 * taken relative to the first of them, which keeps the digits of small changes of large numbers.
 */
export class Determination {
  #rows = 0;
  #weight = 0;
  #origin = 0;
  /** A power of two that the sums of squares are of: those of targets of 1e200 or 1e-200 are no number. */
  #unit = 0;
  #mean = 0;
  readonly #sums = new Sums(2);

  /** @param weight how much the row counts, 0 or more */
  add(y: number, predicted: number, weight: number): void {
    if (weight === 0) return;
    if (this.#rows === 0) this.#origin = y;
    this.#rows += 1;
    this.#weight += weight;
    this.#measureWith(Math.abs(y));
    const unit = this.#unit || 1;
    const value = y * unit - this.#origin * unit;
    // Welford's update of Σ(y − ȳ)², by weights as West has it, "Updating Mean and Variance Estimates" (1979).
    const fromMean = value - this.#mean;
    this.#mean += (fromMean * weight) / this.#weight;
    this.#sums.add(spread, weight * fromMean * (value - this.#mean));
    this.#sums.add(squares, weight * (predicted * unit - y * unit) ** 2);
  }

  /** How the sums of rows that are to be added next are formed. @param weights left out: 1 */
  placingFor(y: ArrayLike<number>, weights?: ArrayLike<number>): Placing {
    let isFirst = this.#rows === 0;
    for (let row = 0; row < y.length && (isFirst || this.#unit === 0); row += 1) {
      if (weights?.[row] === 0) continue;
      if (isFirst) this.#origin = y[row] as number;
      isFirst = false;
      this.#measureWith(Math.abs(y[row] as number));
    }
    const unit = this.#unit || 1;
    return { unit, origin: this.#origin * unit };
  }

  /**
   * Adds rows whose sums are formed, by `placingFor` them.
   *
   * @param found of these rows, which are added one by one where the unit changes within them
   */
  addAll(
    found: ValueSums,
    y: ArrayLike<number>,
    predicted: ArrayLike<number>,
    weights?: ArrayLike<number>,
  ): void {
    if (!(found.largest * (this.#unit || 1) < LARGEST)) {
      for (let row = 0; row < y.length; row += 1)
        this.add(
          y[row] as number,
          predicted[row] as number,
          weights === undefined ? 1 : (weights[row] as number),
        );
      return;
    }
    if (found.rows === 0) return;
    // The means of parts as Chan, Golub and LeVeque put them together, "Updating Formulae and a Pairwise Algorithm for Computing
    // Sample Variances" (1979).
    const apart = found.mean - this.#mean;
    const weight = this.#weight + found.weight;
    const share = found.weight / weight;
    this.#sums.add(spread, found.spread);
    this.#sums.add(spread, apart * apart * this.#weight * share);
    this.#sums.add(squares, found.unitSquares);
    this.#mean += apart * share;
    this.#weight = weight;
    this.#rows += found.rows;
  }

  /** How many rows count. */
  get rows(): number {
    return this.#rows;
  }

  /** Whether every target is the same, so that R² says little. */
  get isConstant(): boolean {
    return this.#sums.get(spread) === 0;
  }

  /** The mean of the targets. */
  get mean(): number {
    return this.#origin + this.#mean / (this.#unit || 1);
  }

  /** Σw(y − ȳ)²/Σw, the mean squared error of the mean. */
  get variance(): number {
    const unit = this.#unit || 1;
    return this.#sums.get(spread) / this.#weight / unit / unit;
  }

  /**
   * 1 at best, 0 for the mean. Where the targets never change 1 if every prediction is right, otherwise 0, as in
   * scikit-learn. No finite number where the squares of errors are too large.
   */
  get r2(): number {
    if (this.isConstant) return this.#sums.get(squares) === 0 ? 1 : 0;
    return 1 - this.#sums.get(squares) / this.#sums.get(spread);
  }

  /** Chooses the unit by the first target that is not 0, and again for one that is far larger. */
  #measureWith(size: number): void {
    if (size === 0 || (this.#unit !== 0 && size * this.#unit < LARGEST)) return;
    const unit = unitFor(size);
    const change = unit / (this.#unit || 1);
    this.#unit = unit;
    this.#mean *= change;
    for (const sum of [spread, squares]) {
      // Twice, since the square of a change has a number no more than that of a target.
      this.#sums.scale(sum, change);
      this.#sums.scale(sum, change);
    }
  }
}

/** 1 for what has a square; otherwise what brings it to between 1 and 2. */
function unitFor(size: number): number {
  const exponent = Math.floor(Math.log2(size));
  return Math.abs(exponent) < 400 ? 1 : 2 ** Math.min(-exponent, 1023);
}
