import { Mean } from './sums';

const digitBits = 11;
const buckets = 1 << digitBits;
/** Of a key of 64 bits, the lowest first: the word, and how far right the digit is. */
const digits = [
  [0, 0],
  [0, digitBits],
  [0, 2 * digitBits],
  [1, 0],
  [1, digitBits],
  [1, 2 * digitBits],
] as const;

/**
 * The numbers of values in ascending order, equals in theirs: a radix sort over the bits of doubles, whose order is that
 * of integers once the negative ones are turned over. A comparison a pair would take ten times as long.
 */
export function ascending(values: ArrayLike<number>): Uint32Array {
  const { length } = values;
  const keys = keysOf(values);
  let order = new Uint32Array(length);
  for (let row = 0; row < length; row += 1) order[row] = row;
  let next = new Uint32Array(length);
  const starts = new Uint32Array(buckets);
  for (const [word, shift] of digits) {
    starts.fill(0);
    const key = keys[word];
    for (let row = 0; row < length; row += 1) {
      const digit = ((key[row] as number) >>> shift) & (buckets - 1);
      starts[digit] = (starts[digit] as number) + 1;
    }
    let start = 0;
    for (let digit = 0; digit < buckets; digit += 1) {
      const count = starts[digit] as number;
      starts[digit] = start;
      start += count;
    }
    for (let at = 0; at < length; at += 1) {
      const row = order[at] as number;
      const digit = ((key[row] as number) >>> shift) & (buckets - 1);
      const place = starts[digit] as number;
      starts[digit] = place + 1;
      next[place] = row;
    }
    [order, next] = [next, order];
  }
  return order;
}

/** Which of the two words of a double is the lower one: the bytes of 1 are all in the upper. */
const lowWord = new Uint32Array(Float64Array.of(1).buffer)[0] === 0 ? 0 : 1;

/** The lower and the upper words of unsigned integers that are in the order of the values. */
function keysOf(values: ArrayLike<number>): readonly [low: Uint32Array, high: Uint32Array] {
  const { length } = values;
  const [low, high] = [new Uint32Array(length), new Uint32Array(length)];
  const value = new Float64Array(1);
  const words = new Uint32Array(value.buffer);
  for (let row = 0; row < length; row += 1) {
    // −0 becomes 0, to which it is equal.
    value[0] = (values[row] as number) + 0;
    const lower = words[lowWord] as number;
    const upper = words[1 - lowWord] as number;
    const isNegative = upper >>> 31 === 1;
    low[row] = isNegative ? ~lower : lower;
    high[row] = isNegative ? ~upper : upper | 0x8000_0000;
  }
  return [low, high];
}

/**
 * How many rows, by their weights beside the largest of these, are at each threshold or above it, the highest threshold first.
 */
export interface Ranked {
  readonly thresholds: Float64Array;
  /** Of those that are positive, and of the others. */
  readonly truePositives: Float64Array;
  readonly falsePositives: Float64Array;
}

/**
 * Counts rows by their scores: a threshold for each score that is there, rows of weight 0 aside. Sums are taken in the order
 * in which scikit-learn takes them, so that points of a curve are the very same.
 */
export function ranked(
  positive: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights: ArrayLike<number>,
): Ranked {
  const order = ascending(scores);
  const unit = unitOf(weights);
  const thresholds = new Float64Array(order.length);
  const [trues, falses] = [new Float64Array(order.length), new Float64Array(order.length)];
  let [count, positives, negatives] = [0, 0, 0];
  for (let at = order.length - 1; at >= 0; at -= 1) {
    const row = order[at] as number;
    const weight = (weights[row] as number) * unit;
    if (weight === 0) continue;
    const score = scores[row] as number;
    if (positive[row] === 1) positives += weight;
    else negatives += weight;
    if (count === 0 || thresholds[count - 1] !== score) count += 1;
    thresholds[count - 1] = score;
    trues[count - 1] = positives;
    falses[count - 1] = negatives;
  }
  return {
    thresholds: thresholds.slice(0, count),
    truePositives: trues.slice(0, count),
    falsePositives: falses.slice(0, count),
  };
}

/** The largest power of two of a double. */
const mostDoublings = 1023;

/** A power of two, which rounds nothing, that takes weights near 1, so that their sums and products are in range. */
function unitOf(weights: ArrayLike<number>): number {
  let largest = 0;
  for (let row = 0; row < weights.length; row += 1) largest = Math.max(largest, weights[row] as number);
  if (largest === 0) return 1;
  return 2 ** Math.min(-Math.floor(Math.log2(largest)), mostDoublings);
}

/** The area below a curve of true over false positives by trapezes: NaN where there are only the one or the other. */
export function areaUnder({ truePositives, falsePositives }: Ranked): number {
  const area = new Mean();
  let [before, left] = [0, 0];
  for (let at = 0; at < truePositives.length; at += 1) {
    const [height, right] = [truePositives[at] as number, falsePositives[at] as number];
    area.add((before + height) / 2, right - left);
    [before, left] = [height, right];
  }
  return area.total / before / left;
}

/** Σ (Rₙ − Rₙ₋₁) Pₙ over thresholds, P the precision and R the recall there; 0 where nothing is positive, as in scikit-learn. */
export function precisionOver({ truePositives, falsePositives }: Ranked): number {
  const all = truePositives.at(-1) ?? 0;
  if (all === 0) return 0;
  const precision = new Mean();
  let before = 0;
  for (let at = 0; at < truePositives.length; at += 1) {
    const found = truePositives[at] as number;
    precision.add(found / (found + (falsePositives[at] as number)), found - before);
    before = found;
  }
  return precision.total / all;
}
