import { flag, integer, oneOf } from '../base/arguments';
import type { HostMatrix, Label, VectorLike } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { checkOptions, checkProbabilities, columnsOf, vectorOf, weightsOf } from './arguments';
import { overClasses } from './classes';
import { positives } from './labels';
import type { ClassAverage, Labels, MetricOptions } from './options';
import { areaUnder, ascending, precisionOver, ranked } from './ranking';
import { Sums } from './sums';

/** Options of metrics that tell one label from the others. */
export interface PositiveOptions extends MetricOptions {
  /** The label that is to be found; default: the second of two in order, and of 0, 1 or true alone 1 or true. */
  readonly positive?: Label;
}

/** Options of {@link rocCurve}. */
export interface RocCurveOptions extends PositiveOptions {
  /** Whether points on a straight line between others are left out; default true. */
  readonly dropIntermediate?: boolean;
}

/** A receiver operating characteristic, point by point. */
export interface RocCurve {
  /** Of the negative rows the share with a score of the threshold or more; NaN where there are none. */
  readonly fpr: Float64Array;
  /** Of the positive rows the share with a score of the threshold or more; NaN where there are none. */
  readonly tpr: Float64Array;
  /** Descending, the first Infinity, where no row is found. */
  readonly thresholds: Float64Array;
}

/**
 * True over false positives at every threshold, as `sklearn.metrics.roc_curve` has them.
 *
 * @param yTrue m labels
 * @param yScore m scores, larger where a row is rather positive
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT, ERR_SHAPE, ERR_NOT_FINITE
 *
 * @example
 * ```ts
 * import { rocCurve } from 'thalweg/metrics';
 *
 * const { fpr, tpr, thresholds } = rocCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]);
 * console.log([...fpr], [...tpr]); // [ 0, 0, 0.5, 0.5, 1 ] [ 0, 0.5, 0.5, 1, 1 ]
 * console.log([...thresholds]); // [ Infinity, 0.8, 0.4, 0.35, 0.1 ]
 * ```
 */
export function rocCurve(yTrue: Labels, yScore: VectorLike, options: RocCurveOptions = {}): RocCurve {
  checkOptions('rocCurve', options, ['positive', 'dropIntermediate']);
  const { dropIntermediate = true } = options;
  const drop = flag('dropIntermediate', dropIntermediate);
  const found = positives(yTrue, options);
  const scores = vectorOf('yScore', yScore, found.length);
  const { thresholds, truePositives, falsePositives } = ranked(
    found,
    scores,
    weightsOf(options, found.length),
  );
  const kept = Array.from(thresholds.keys());
  const points = drop
    ? kept.filter((at) => isCorner(truePositives, at) || isCorner(falsePositives, at))
    : kept;
  const rates = (counts: Float64Array): Float64Array => {
    const all = counts.at(-1) as number;
    return Float64Array.from([0, ...points.map((at) => counts[at] as number)], (count) =>
      all > 0 ? count / all : NaN,
    );
  };
  return {
    fpr: rates(falsePositives),
    tpr: rates(truePositives),
    thresholds: Float64Array.from([Infinity, ...points.map((at) => thresholds[at] as number)]),
  };
}

/** Whether a count grows otherwise before a point than after it; the first and the last point are corners. */
function isCorner(counts: Float64Array, at: number): boolean {
  const [before, here, after] = [counts[at - 1], counts[at] as number, counts[at + 1]];
  return before === undefined || after === undefined || after - here !== here - before;
}

/** Options of {@link rocAuc} and {@link averagePrecision}. */
export interface RankingOptions extends PositiveOptions {
  /** The labels of the columns of `yScore`; default those of `yTrue` in order. */
  readonly labels?: readonly Label[];
  /**
   * How three classes and more become one figure, each told from all others: 'macro' is the mean, 'weighted' that by how
   * often they are there, 'micro' that of all rows and columns as one; null: one a class. Default 'macro'.
   */
  readonly average?: ClassAverage | null;
}

/** One figure, or one a class where there are three or more. */
type Ranking<Options> = Options extends Record<'average', null> ? number | Float64Array : number;

/**
 * The area below {@link rocCurve}: how probable it is that a positive row has a higher score than a negative one, where
 * equal scores count half. NaN where all rows are positive, or none.
 *
 * @param yTrue m labels
 * @param yScore m scores, or of K classes m×K, of which those of two classes are in the second column
 * @returns with `average: null` and three classes or more one figure a class, in their order
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT, ERR_SHAPE, ERR_NOT_FINITE
 *
 * @example
 * ```ts
 * import { rocAuc } from 'thalweg/metrics';
 *
 * console.log(rocAuc(['no', 'no', 'yes', 'yes'], [0.1, 0.4, 0.35, 0.8])); // 0.75
 * ```
 */
export function rocAuc<Options extends RankingOptions = RankingOptions>(
  yTrue: Labels,
  yScore: VectorLike | HostMatrix,
  options: Options = {} as Options,
): Ranking<Options> {
  return overClasses('rocAuc', { yTrue, yScore, options }, (positive, scores, weights) =>
    areaUnder(ranked(positive, scores, weights)),
  ) as Ranking<Options>;
}

/**
 * Precision at every threshold, by how much of the positive rows each adds: Σ (Rₙ − Rₙ₋₁) Pₙ, as
 * `sklearn.metrics.average_precision_score`. 0 where no row is positive.
 *
 * @param yTrue m labels
 * @param yScore as of {@link rocAuc}
 * @returns as of {@link rocAuc}
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT, ERR_SHAPE, ERR_NOT_FINITE
 *
 * @example
 * ```ts
 * import { averagePrecision } from 'thalweg/metrics';
 *
 * console.log(averagePrecision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])); // 0.8333…
 * ```
 */
export function averagePrecision<Options extends RankingOptions = RankingOptions>(
  yTrue: Labels,
  yScore: VectorLike | HostMatrix,
  options: Options = {} as Options,
): Ranking<Options> {
  return overClasses('averagePrecision', { yTrue, yScore, options }, (positive, scores, weights) =>
    precisionOver(ranked(positive, scores, weights)),
  ) as Ranking<Options>;
}

/** Options of {@link calibrationCurve}. */
export interface CalibrationOptions extends PositiveOptions {
  /** How many bins; default 5. */
  readonly bins?: number;
  /** 'uniform': bins of one width, the default; 'quantile': of as many rows, which takes no weights. */
  readonly strategy?: 'uniform' | 'quantile';
}

/** How often rows are positive, by how probable that was said to be; bins without rows are left out. */
export interface CalibrationCurve {
  /** Of each bin the share of positive rows. */
  readonly probTrue: Float64Array;
  /** Of each bin the mean of the probabilities. */
  readonly probPred: Float64Array;
  /** What the rows of each bin count together. */
  readonly counts: Float64Array;
}

/**
 * Probabilities beside what came of them, as `sklearn.calibration.calibration_curve`.
 *
 * @param yTrue m labels
 * @param yProba m probabilities of the positive label
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT, ERR_SHAPE, ERR_NOT_FINITE
 *
 * @example
 * ```ts
 * import { calibrationCurve } from 'thalweg/metrics';
 *
 * const { probTrue, probPred } = calibrationCurve([0, 0, 1, 1], [0.25, 0.25, 0.75, 1], { bins: 2 });
 * console.log([...probTrue], [...probPred]); // [ 0, 1 ] [ 0.25, 0.875 ]
 * ```
 */
export function calibrationCurve(
  yTrue: Labels,
  yProba: VectorLike,
  options: CalibrationOptions = {},
): CalibrationCurve {
  checkOptions('calibrationCurve', options, ['positive', 'bins', 'strategy']);
  const { bins: count = 5, strategy: named = 'uniform' } = options;
  const bins = integer('bins', count, 1, 1e6);
  const strategy = oneOf('strategy', named, ['uniform', 'quantile']);
  if (strategy === 'quantile' && options.sampleWeight !== undefined) {
    const message =
      "sampleWeight has no meaning with strategy 'quantile', whose bins count rows: use 'uniform'";
    throw new ThalwegError('ERR_INVALID_ARGUMENT', message, { option: 'strategy' });
  }
  const found = positives(yTrue, options);
  const probabilities = vectorOf('yProba', yProba, found.length);
  checkProbabilities('yProba', columnsOf('yProba', probabilities));
  const weights = weightsOf(options, found.length);
  const edges = strategy === 'uniform' ? evenly(bins) : quantiles(probabilities, evenly(bins));
  const [total, positive, sum] = [new Sums(bins), new Sums(bins), new Sums(bins)];
  for (const [row, probability] of probabilities.entries()) {
    const weight = weights[row] as number;
    const bin = binOf(probability, edges);
    total.add(bin, weight);
    sum.add(bin, weight * probability);
    if (found[row] === 1) positive.add(bin, weight);
  }
  const filled = Array.from(total.values().keys()).filter((bin) => total.get(bin) > 0);
  const means = (sums: Sums): Float64Array =>
    Float64Array.from(filled, (bin) => sums.get(bin) / total.get(bin));
  return {
    probTrue: means(positive),
    probPred: means(sum),
    counts: Float64Array.from(filled, (bin) => total.get(bin)),
  };
}

/** From 0 to 1, both included, rounded as by numpy.linspace. */
function evenly(bins: number): Float64Array {
  const step = 1 / bins;
  return Float64Array.from({ length: bins + 1 }, (_, at) => (at === bins ? 1 : at * step));
}

/** As numpy.percentile has them: between two values in a straight line. */
function quantiles(values: Float64Array, shares: Float64Array): Float64Array {
  const order = ascending(values);
  const at = (place: number): number => values[order[place] as number] as number;
  return shares.map((share) => {
    const place = ((share * 100) / 100) * (values.length - 1);
    const low = Math.min(Math.floor(place), values.length - 1);
    const [from, to] = [at(low), at(Math.min(low + 1, values.length - 1))];
    const part = place - low;
    return part >= 0.5 ? to - (to - from) * (1 - part) : from + (to - from) * part;
  });
}

/** The number of inner edges below a value. */
function binOf(value: number, edges: Float64Array): number {
  let [low, high] = [1, edges.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
