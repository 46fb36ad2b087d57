import { type Parts, Sums, lost } from './sums';

const spread = 0;
const squares = 1;

/** In units, of which squares add up. */
const LARGEST = 2 ** 400;

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

  /** Adds the first `count` rows, which count 1 each. */
  addEach(y: ArrayLike<number>, predicted: ArrayLike<number>, count: number): void {
    // The unit changes within these rows, as it does where there is none yet; so it may with what is no number.
    if (this.#unit === 0 || !(largestOf(y, count) * this.#unit < LARGEST)) {
      for (let row = 0; row < count; row += 1) this.add(y[row] as number, predicted[row] as number, 1);
      return;
    }
    const sums = this.#sums;
    const by = { unit: this.#unit, origin: this.#origin * this.#unit };
    const before = {
      centre: [this.#mean, this.#weight] as const,
      ...{ spread: sums.parts(spread), squares: sums.parts(squares) },
    };
    const after = addedUp(before, y, predicted, count, by);
    [this.#mean, this.#weight] = after.centre;
    sums.setParts(spread, after.spread);
    sums.setParts(squares, after.squares);
    this.#rows += count;
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

// Loops by themselves, as those of sums.ts are.

/** What is added up. */
interface Found {
  /** The mean of targets, in units and off the origin, and how many they are. */
  readonly centre: readonly [mean: number, weight: number];
  readonly spread: Parts;
  readonly squares: Parts;
}

/** Adds the terms of Σ(y − ȳ)² and of Σ(y − ŷ)², in units, of rows that count 1 each: the latter while the former divide. */
function addedUp(
  before: Found,
  y: ArrayLike<number>,
  predicted: ArrayLike<number>,
  count: number,
  { unit, origin }: { readonly unit: number; readonly origin: number },
): Found {
  let [mean, weight] = before.centre;
  let [spreadSum, spreadRest] = before.spread;
  let [squaresSum, squaresRest] = before.squares;
  for (let row = 0; row < count; row += 1) {
    const target = (y[row] as number) * unit;
    weight += 1;
    const value = target - origin;
    const fromMean = value - mean;
    mean += fromMean / weight;
    const apart = fromMean * (value - mean);
    const lastSpread = spreadSum;
    spreadSum = lastSpread + apart;
    spreadRest += lost(lastSpread, apart, spreadSum);
    const off = (predicted[row] as number) * unit - target;
    const square = off * off;
    const lastSquares = squaresSum;
    squaresSum = lastSquares + square;
    squaresRest += lost(lastSquares, square, squaresSum);
  }
  return {
    centre: [mean, weight],
    spread: [spreadSum, spreadRest],
    squares: [squaresSum, squaresRest],
  };
}

/** How large the largest of values is; NaN where one is not finite. */
function largestOf(values: ArrayLike<number>, count: number): number {
  let [largest, odd] = [0, 0];
  for (let row = 0; row < count; row += 1) {
    const size = Math.abs(values[row] as number);
    odd += size - size;
    if (size > largest) largest = size;
  }
  return odd === 0 ? largest : NaN;
}

/** 1 for what has a square; otherwise what brings it to between 1 and 2. */
function unitFor(size: number): number {
  const exponent = Math.floor(Math.log2(size));
  return Math.abs(exponent) < 400 ? 1 : 2 ** Math.min(-exponent, 1023);
}
