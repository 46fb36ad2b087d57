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

/** What rounding leaves out of `before + value`, which is `sum`: Knuth's, without a branch, of finite sums. */
export function lost(before: number, value: number, sum: number): number {
  const added = sum - before;
  return before - (sum - added) + (value - added);
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
