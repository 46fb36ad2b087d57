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
  #weighted = false;

  constructor(private readonly columns: number) {
    const zeros = (): Float64Array => new Float64Array(columns);
    [this.#origins, this.#counts, this.#means, this.#squares] = [zeros(), zeros(), zeros(), zeros()];
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
    const { columns } = this;
    const count = rows.length / columns;
    let finite = true;
    for (let j = 0; j < columns; j += 1) {
      if (!this.#addColumn(j, { values: rows, start: j, step: columns, count }, weights)) finite = false;
    }
    return finite;
  }

  /** Takes in the first `count` rows of whole columns, as `add` does. */
  addColumns(columns: readonly Floats[], count: number, weights?: Floats): boolean {
    let finite = true;
    for (const [j, values] of columns.entries()) {
      if (!this.#addColumn(j, { values, start: 0, step: 1, count }, weights)) finite = false;
    }
    return finite;
  }

  /** What is known of column j. */
  moment(j: number): Moment {
    const present = this.#counts[j] as number;
    const least = this.#least[j] as number;
    const greatest = this.#greatest[j] as number;
    if (present === 0 || least === greatest) return { present, mean: least, deviation: 0 };
    const mean = (this.#origins[j] as number) + (this.#means[j] as number);
    const deviation = Math.sqrt((this.#squares[j] as number) / present);
    return within({ least, greatest, isWeighted: this.#weighted }, { present, mean, deviation });
  }

  #addColumn(j: number, strip: Strip, weights: Floats | undefined): boolean {
    this.#weighted ||= weights !== undefined;
    if (weights === undefined && this.#addPlain(j, strip)) return true;
    const { seen, sum, finite } = this.#sum(j, strip, weights);
    if (seen > 0)
      this.#join(j, seen, sum / seen, offMean(strip, weights, this.#origins[j] as number, sum / seen));
    return finite;
  }

  /** As below, of values that count 1 and are all finite; false, and nothing done, where they are not. */
  #addPlain(j: number, strip: Strip): boolean {
    const { values, start, count } = strip;
    if (count === 0) return true;
    const origin = (this.#counts[j] === 0 ? values[start] : this.#origins[j]) as number;
    const before = [this.#least[j] as number, this.#greatest[j] as number] as const;
    const { sum, least, greatest, finite } = plainSum(strip, origin, before);
    if (!finite) return false;
    this.#origins[j] = origin;
    this.#least[j] = least;
    this.#greatest[j] = greatest;
    this.#join(j, count, sum / count, plainOffMean(strip, origin, sum / count));
    return true;
  }

  /** What the values count together, and the sum of what they are off the column's first. */
  #sum(j: number, { values, start, step, count }: Strip, weights: Floats | undefined): Sum {
    let [seen, sum, odd, weight] = [0, 0, 0, 1];
    let origin = this.#origins[j] as number;
    let [least, greatest] = [this.#least[j] as number, this.#greatest[j] as number];
    let isFirst = this.#counts[j] === 0;
    for (let row = 0, at = start; row < count; row += 1, at += step) {
      if (weights !== undefined) weight = weights[row] as number;
      const value = values[at] as number;
      odd += value - value; // NaN where it is not finite
      if (Number.isNaN(value) || !(weight > 0)) continue;
      if (value < least) least = value;
      if (value > greatest) greatest = value;
      if (isFirst) origin = value;
      isFirst = false;
      seen += weight;
      sum += weight * (value - origin);
    }
    this.#origins[j] = origin;
    this.#least[j] = least;
    this.#greatest[j] = greatest;
    return { seen, sum, finite: odd === 0 };
  }

  #join(j: number, count: number, blockMean: number, off: OffMean): void {
    const before = this.#counts[j] as number;
    const total = before + count;
    // What rounding has left in the block's mean is in the sum of what is off it.
    const rest = off.sum / count;
    const gap = blockMean + rest - (this.#means[j] as number);
    this.#means[j] = (this.#means[j] as number) + (gap * count) / total;
    this.#squares[j] =
      (this.#squares[j] as number) +
      Math.max(0, off.squares - rest * rest * count) +
      (gap * gap * before * count) / total;
    this.#counts[j] = total;
  }
}

/** Those of the values of both. */
export function joined(a: Moment, b: Moment): Moment {
  if (b.present === 0) return a;
  if (a.present === 0) return b;
  const present = a.present + b.present;
  const [shareOfA, shareOfB] = [a.present / present, b.present / present];
  const gap = b.mean - a.mean;
  const deviation = Math.hypot(
    a.deviation * Math.sqrt(shareOfA),
    b.deviation * Math.sqrt(shareOfB),
    gap * Math.sqrt(shareOfA * shareOfB),
  );
  return { present, mean: a.mean + gap * shareOfB, deviation };
}

/** The range of a column's values. */
interface Range {
  readonly least: number;
  readonly greatest: number;
  /** Whether some rows do not count 1. */
  readonly isWeighted: boolean;
}

/**
 * What was found of a column that changes, within what its range allows. The bounds of the deviation (von Szőkefalvi-Nagy;
 * Popoviciu) hold whatever was rounded, or has overflowed; the lower one is for rows that count 1.
 */
export function within({ least, greatest, isWeighted }: Range, { present, mean, deviation }: Moment): Moment {
  const half = greatest / 2 - least / 2 || greatest - least;
  return {
    present,
    mean: Number.isFinite(mean) ? Math.min(Math.max(mean, least), greatest) : least / 2 + greatest / 2,
    deviation: Math.max(
      isWeighted ? 0 : half * Math.sqrt(2 / present),
      Number.isNaN(deviation) ? half : Math.min(deviation, half),
    ),
  };
}

/** The values of a column in a block: every `step`th from `start` on. */
interface Strip {
  readonly values: Floats;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

interface Sum {
  readonly seen: number;
  readonly sum: number;
  readonly finite: boolean;
}

// These two take most of the values there are, and stand for themselves: V8 compiles a loop before the code behind it was ever
// run, and what stands there beside a `return` has it fall back to the interpreter each time.

/** The sum of what values that count 1 are off `origin`, and the range of them and what came before. */
function plainSum(
  { values, start, step, count }: Strip,
  origin: number,
  [leastBefore, greatestBefore]: readonly [number, number],
): Omit<Sum, 'seen'> & { readonly least: number; readonly greatest: number } {
  let [sum, odd, least, greatest] = [0, 0, leastBefore, greatestBefore];
  const end = start + count * step;
  for (let at = start; at < end; at += step) {
    const value = values[at] as number;
    odd += value - value; // NaN where it is not finite
    if (value < least) least = value;
    if (value > greatest) greatest = value;
    sum += value - origin;
  }
  return { sum, least, greatest, finite: odd === 0 };
}

/** As `offMean`, of values that all are finite and count 1. */
function plainOffMean({ values, start, step, count }: Strip, origin: number, mean: number): OffMean {
  let [sum, squares] = [0, 0];
  const end = start + count * step;
  for (let at = start; at < end; at += step) {
    const off = (values[at] as number) - origin - mean;
    sum += off;
    squares += off * off;
  }
  return { sum, squares };
}

/** Of what a block's values are off their mean. */
interface OffMean {
  readonly sum: number;
  readonly squares: number;
}

function offMean(
  { values, start, step, count }: Strip,
  weights: Floats | undefined,
  origin: number,
  mean: number,
): OffMean {
  let [sum, squares, weight] = [0, 0, 1];
  for (let row = 0, at = start; row < count; row += 1, at += step) {
    if (weights !== undefined) weight = weights[row] as number;
    const value = values[at] as number;
    if (Number.isNaN(value) || !(weight > 0)) continue;
    const off = value - origin - mean;
    sum += weight * off;
    squares += weight * off * off;
  }
  return { sum, squares };
}
