/** Sums that keep twice the digits of their terms: Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation" (1974). */
export class Sums {
  readonly #sums: Float64Array;
  /** What rounding has left out of each. */
  readonly #rest: Float64Array;

  constructor(count: number) {
    this.#sums = new Float64Array(count);
    this.#rest = new Float64Array(count);
  }

  add(at: number, value: number): void {
    const before = this.#sums[at] as number;
    const sum = before + value;
    this.#sums[at] = sum;
    this.#rest[at] = (this.#rest[at] as number) + lost(before, value, sum);
  }

  /** Adds the first `count` of values, one after the other. */
  addEach(at: number, values: ArrayLike<number>, count: number): void {
    this.setParts(at, addedUp(this.parts(at), values, count));
  }

  /** What a loop of its own goes on from, and comes to by `lost`. */
  parts(at: number): Parts {
    return [this.#sums[at] as number, this.#rest[at] as number];
  }

  setParts(at: number, [sum, rest]: Parts): void {
    this.#sums[at] = sum;
    this.#rest[at] = rest;
  }

  /** An infinity where the sum has overflowed. */
  get(at: number): number {
    const sum = this.#sums[at] as number;
    return Number.isFinite(sum) ? sum + (this.#rest[at] as number) : sum;
  }

  /** Multiplies a sum by a power of two, which rounds nothing. */
  scale(at: number, factor: number): void {
    this.#sums[at] = (this.#sums[at] as number) * factor;
    this.#rest[at] = (this.#rest[at] as number) * factor;
  }

  values(): Float64Array {
    return this.#sums.map((_, at) => this.get(at));
  }
}

/** A sum as it is rounded, and what rounding has left out of it. */
export type Parts = readonly [sum: number, rest: number];

/** What rounding leaves out of `before + value`, which is `sum`: Knuth's, without a branch, of finite sums. */
export function lost(before: number, value: number, sum: number): number {
  const added = sum - before;
  return before - (sum - added) + (value - added);
}

// Loops by themselves: V8 compiles a loop before what would stand behind it has run, and gives the code up there each time. Each
// term is added as it is made: a term waits for the one before, and what is made of the next fills that wait.

function addedUp(before: Parts, values: ArrayLike<number>, count: number): Parts {
  let [sum, rest] = before;
  for (let index = 0; index < count; index += 1) {
    const value = values[index] as number;
    const last = sum;
    sum = last + value;
    rest += lost(last, value, sum);
  }
  return [sum, rest];
}

function distancesAddedUp(
  before: Parts,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  count: number,
  squared: boolean,
): Parts {
  let [sum, rest] = before;
  for (let index = 0; index < count; index += 1) {
    const off = (a[index] as number) - (b[index] as number);
    const value = squared ? off * off : Math.abs(off);
    const last = sum;
    sum = last + value;
    rest += lost(last, value, sum);
  }
  return [sum, rest];
}

/** A mean of values that count by their weights: every metric that is a mean over rows is one of these. */
export class Mean {
  readonly #sums = new Sums(2);

  /** @param weight how much it counts, 0 or more */
  add(value: number, weight: number): void {
    if (weight === 0) return;
    this.#sums.add(0, value * weight);
    this.#sums.add(1, weight);
  }

  /** Adds the first `count` of values that count 1 each. */
  addEach(values: ArrayLike<number>, count: number): void {
    this.#sums.addEach(0, values, count);
    this.#sums.add(1, count);
  }

  /** Adds how far the first `count` values of `a` and `b` are apart, or the squares of that, each of which counts 1. */
  addDistances(a: ArrayLike<number>, b: ArrayLike<number>, count: number, squared: boolean): void {
    this.#sums.setParts(0, distancesAddedUp(this.#sums.parts(0), a, b, count, squared));
    this.#sums.add(1, count);
  }

  /** Adds values of the sum `total` that count `weight` together. */
  addAll(total: number, weight: number): void {
    this.#sums.add(0, total);
    this.#sums.add(1, weight);
  }

  /** What all count together. */
  get weight(): number {
    return this.#sums.get(1);
  }

  /** The values, each times its weight. */
  get total(): number {
    return this.#sums.get(0);
  }

  /** NaN where nothing counts. */
  get mean(): number {
    return this.total / this.weight;
  }
}
