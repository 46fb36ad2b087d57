import { flag, number, oneOf } from '../base/arguments';
import type { HostMatrix, Label, VectorLike } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { listed } from '../base/listed';
import {
  type Columns,
  checkLength,
  checkOptions,
  checkProbabilities,
  columnsOf,
  weightsOf,
} from './arguments';
import { classAverages } from './classes';
import { coded, refuseUndeclared } from './labels';
import type { ClassAverage, Labels, MetricOptions } from './options';
import { Mean, Sums } from './sums';

/** Options of {@link accuracyScore}. */
export interface AccuracyOptions extends MetricOptions {
  /** Whether it is a share, the default, or how many rows are right. */
  readonly normalize?: boolean;
}

/**
 * The share of rows whose label is right.
 *
 * @param yTrue m labels
 * @param yPred m labels of the same type
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT, ERR_SHAPE, ERR_NOT_FINITE
 *
 * @example
 * ```ts
 * import { accuracyScore } from 'thalweg/metrics';
 *
 * console.log(accuracyScore(['a', 'b', 'b', 'c'], ['a', 'b', 'c', 'c'])); // 0.75
 * ```
 */
export function accuracyScore(yTrue: Labels, yPred: Labels, options: AccuracyOptions = {}): number {
  checkOptions('accuracyScore', options, ['normalize']);
  const { normalize = true } = options;
  const isShare = flag('normalize', normalize);
  const [truth = new Int32Array(0), predicted] = coded({ yTrue, yPred }, {}).codes;
  const weights = weightsOf(options, truth.length);
  const right = new Mean();
  for (const [row, code] of truth.entries())
    right.add(code === predicted?.[row] ? 1 : 0, weights[row] as number);
  return isShare ? right.mean : right.total;
}

/** Options of {@link logLoss}. */
export interface LogLossOptions extends MetricOptions {
  /** The labels of the columns of `yProba`; default those of `yTrue` in order, of which there have to be two then. */
  readonly labels?: readonly Label[];
  /** Whether it is a mean, the default, or a sum over rows. */
  readonly normalize?: boolean;
}

/** Sums of a row's probabilities may be off by this: some are written with two digits. */
const slack = 0.01;

/**
 * The mean of −log p, p the probability that was given to a row's label; p is taken as 2⁻⁵² and 1 − 2⁻⁵² at the ends, as by
 * `sklearn.metrics.log_loss`.
 *
 * @param yTrue m labels
 * @param yProba m probabilities of the second of two labels, or m×K, those of all labels in their order
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT, ERR_SHAPE, ERR_NOT_FINITE
 *
 * @example
 * ```ts
 * import { logLoss } from 'thalweg/metrics';
 *
 * console.log(logLoss(['ham', 'spam'], [0.1, 0.8])); // 0.1642…
 * console.log(logLoss([2], [[0.25, 0.25, 0.5]], { labels: [0, 1, 2] })); // 0.6931…
 * ```
 */
export function logLoss(
  yTrue: Labels,
  yProba: VectorLike | HostMatrix,
  options: LogLossOptions = {},
): number {
  checkOptions('logLoss', options, ['labels', 'normalize']);
  const { normalize = true } = options;
  const isMean = flag('normalize', normalize);
  const { labels, codes } = coded({ yTrue }, options);
  const [code = new Int32Array(0)] = codes;
  refuseUndeclared(yTrue, code, labels);
  const given = columnsOf('yProba', yProba);
  checkLength('yProba', given.rows, code.length, 'yTrue');
  checkProbabilities('yProba', given);
  checkClasses(labels, given);
  const weights = weightsOf(options, code.length);
  const loss = new Mean();
  for (const [row, k] of code.entries()) {
    const { columns, data } = given;
    const p = columns === 1 ? ofTwo(data[row] as number, k) : (data[row * columns + k] as number);
    loss.add(-Math.log(Math.min(Math.max(p, Number.EPSILON), 1 - Number.EPSILON)), weights[row] as number);
  }
  return isMean ? loss.mean : loss.total;
}

function ofTwo(second: number, code: number): number {
  return code === 1 ? second : 1 - second;
}

function checkClasses(labels: readonly Label[], { columns, data }: Columns): void {
  const count = columns === 1 ? 2 : columns;
  if (labels.length !== count) {
    const message = `yProba is of ${count} classes, and there are ${labels.length} labels (${listed(labels)}): name all in labels`;
    throw new ThalwegError('ERR_SHAPE', message, { option: 'labels' });
  }
  for (let first = 0; columns > 1 && first < data.length; first += columns) {
    let sum = 0;
    for (let k = 0; k < columns; k += 1) sum += data[first + k] as number;
    if (Math.abs(sum - 1) <= slack) continue;
    const row = first / columns;
    const message = `the probabilities of yProba[${row}] add up to ${sum}, and have to be 1 together`;
    throw new ThalwegError('ERR_INVALID_ARGUMENT', message, { option: 'yProba', row });
  }
}

/** Options of {@link confusionMatrix}. */
export interface ConfusionOptions extends MetricOptions {
  /** The labels of rows and columns, in their order; rows of others are left out. Default: all, in order. */
  readonly labels?: readonly Label[];
  /** Shares instead of counts: of each true label, of each predicted one, or of all. */
  readonly normalize?: 'true' | 'pred' | 'all';
}

/** How often each label was taken for each. */
export interface ConfusionMatrix {
  /** Of the rows and the columns of `matrix`. */
  readonly labels: readonly Label[];
  /** `matrix[i][j]`: what rows of label i that were given label j count together. */
  readonly matrix: readonly (readonly number[])[];
}

/**
 * How often each label was taken for each; a row without any is 0 also where it is normalized, as by
 * `sklearn.metrics.confusion_matrix`.
 *
 * @param yTrue m labels
 * @param yPred m labels of the same type
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT, ERR_SHAPE, ERR_NOT_FINITE
 *
 * @example
 * ```ts
 * import { confusionMatrix } from 'thalweg/metrics';
 *
 * console.log(confusionMatrix(['a', 'b', 'b'], ['a', 'a', 'b']).matrix); // [ [ 1, 0 ], [ 1, 1 ] ]
 * ```
 */
export function confusionMatrix(
  yTrue: Labels,
  yPred: Labels,
  options: ConfusionOptions = {},
): ConfusionMatrix {
  checkOptions('confusionMatrix', options, ['labels', 'normalize']);
  const { normalize } = options;
  if (normalize !== undefined) oneOf('normalize', normalize, ['true', 'pred', 'all']);
  const { labels, codes } = coded({ yTrue, yPred }, options);
  const [truth = new Int32Array(0), predicted = new Int32Array(0)] = codes;
  const cells = countsOf(truth, predicted, labels.length, weightsOf(options, truth.length));
  const matrix = rowsOf(cells, labels.length);
  if (normalize === undefined) return { labels, matrix };
  const rowSums = matrix.map((row) => sumOf(row));
  const columnSums = labels.map((_, j) => sumOf(matrix.map((row) => row[j] ?? 0)));
  const all = sumOf(rowSums);
  const divisor = {
    true: (i: number) => rowSums[i],
    pred: (_: number, j: number) => columnSums[j],
    all: () => all,
  };
  const share = (cell: number, i: number, j: number): number => cell / (divisor[normalize](i, j) || 1);
  return { labels, matrix: matrix.map((row, i) => row.map((cell, j) => share(cell, i, j))) };
}

/** Row by row; pairs with a label that is not among them aside. */
function countsOf(
  truth: Int32Array,
  predicted: Int32Array,
  labels: number,
  weights: Float64Array,
): Float64Array {
  const cells = new Sums(labels * labels);
  for (const [row, i] of truth.entries()) {
    const j = predicted[row] as number;
    if (i >= 0 && j >= 0) cells.add(i * labels + j, weights[row] as number);
  }
  return cells.values();
}

function rowsOf(cells: Float64Array, labels: number): number[][] {
  return Array.from({ length: labels }, (_, i) => [...cells.subarray(i * labels, (i + 1) * labels)]);
}

function sumOf(values: Iterable<number>): number {
  const sum = new Mean();
  for (const value of values) sum.add(value, 1);
  return sum.total;
}

/** Options of {@link precisionRecallF1}. */
export interface PrecisionOptions extends MetricOptions {
  /** The labels to look at, in their order; default all, in order. */
  readonly labels?: readonly Label[];
  /**
   * How the figures of classes become one: 'macro' is their mean, 'weighted' that by how often they are there, 'micro' that
   * of all rows as one; null, the default, leaves one a class.
   */
  readonly average?: ClassAverage | null;
  /** What stands for a figure that would be divided by nothing: a precision where no row was given the label, a recall where none has it. Default 0. */
  readonly zeroDivision?: number;
}

/** Figures of each class, in the order of `labels`. */
export interface ClassFigures {
  /** The classes. */
  readonly labels: readonly Label[];
  /** Of the rows that were given a label the share that has it. */
  readonly precision: Float64Array;
  /** Of the rows that have a label the share that was given it. */
  readonly recall: Float64Array;
  /** 2·precision·recall / (precision + recall). */
  readonly f1: Float64Array;
  /** What the rows that have a label count together. */
  readonly support: Float64Array;
}

/** Figures of all classes as one. */
export interface AveragedFigures {
  /** Of the rows that were given a label the share that has it. */
  readonly precision: number;
  /** Of the rows that have a label the share that was given it. */
  readonly recall: number;
  /** 2·precision·recall / (precision + recall) of each class, averaged. */
  readonly f1: number;
}

/** One figure each, or one a class. */
type Figures<Options> = Options extends Record<'average', ClassAverage> ? AveragedFigures : ClassFigures;

/**
 * Precision, recall and F1 of each class, or averaged, as `sklearn.metrics.precision_recall_fscore_support`.
 *
 * @param yTrue m labels
 * @param yPred m labels of the same type
 * @returns with `average` one figure each
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT, ERR_SHAPE, ERR_NOT_FINITE
 *
 * @example
 * ```ts
 * import { precisionRecallF1 } from 'thalweg/metrics';
 *
 * const [yTrue, yPred] = [['a', 'b', 'b', 'b'], ['a', 'a', 'b', 'b']];
 * console.log([...precisionRecallF1(yTrue, yPred).precision]); // [ 0.5, 1 ]
 * console.log(precisionRecallF1(yTrue, yPred, { average: 'macro' }).f1); // 0.7333…
 * ```
 */
export function precisionRecallF1<Options extends PrecisionOptions = PrecisionOptions>(
  yTrue: Labels,
  yPred: Labels,
  options: Options = {} as Options,
): Figures<Options> {
  checkOptions('precisionRecallF1', options, ['labels', 'average', 'zeroDivision']);
  const { average = null, zeroDivision = 0 } = options;
  if (average !== null) oneOf('average', average, classAverages);
  number('zeroDivision', zeroDivision);
  const { labels, codes } = coded({ yTrue, yPred }, options);
  const [truth = new Int32Array(0), predicted = new Int32Array(0)] = codes;
  const sums = outcomesOf(truth, predicted, labels.length, weightsOf(options, truth.length));
  const figures = figuresOf(average === 'micro' ? together(sums) : sums, zeroDivision);
  return (average === null ? { labels, ...figures } : averagedFigures(figures, average)) as Figures<Options>;
}

/** @internal Of each class what its rows count together that were found, that were given it, and that have it. */
export interface Outcomes {
  readonly right: Float64Array;
  readonly given: Float64Array;
  readonly there: Float64Array;
}

function outcomesOf(
  truth: Int32Array,
  predicted: Int32Array,
  labels: number,
  weights: Float64Array,
): Outcomes {
  const [right, given, there] = [new Sums(labels), new Sums(labels), new Sums(labels)];
  for (const [row, i] of truth.entries()) {
    const [j, weight] = [predicted[row] as number, weights[row] as number];
    if (i >= 0) there.add(i, weight);
    if (j >= 0) given.add(j, weight);
    if (i >= 0 && i === j) right.add(i, weight);
  }
  return { right: right.values(), given: given.values(), there: there.values() };
}

function together({ right, given, there }: Outcomes): Outcomes {
  return {
    right: Float64Array.of(sumOf(right)),
    given: Float64Array.of(sumOf(given)),
    there: Float64Array.of(sumOf(there)),
  };
}

/** @internal */
export function figuresOf(
  { right, given, there }: Outcomes,
  zeroDivision: number,
): Omit<ClassFigures, 'labels'> {
  const shares = (over: (k: number) => number, times = 1): Float64Array =>
    right.map((found, k) => (over(k) === 0 ? zeroDivision : (times * found) / over(k)));
  return {
    precision: shares((k) => given[k] as number),
    recall: shares((k) => there[k] as number),
    f1: shares((k) => (given[k] as number) + (there[k] as number), 2),
    support: there,
  };
}

/** Figures that are NaN aside. */
function averagedFigures(
  { precision, recall, f1, support }: Omit<ClassFigures, 'labels'>,
  average: ClassAverage,
): AveragedFigures {
  const averaged = (values: Float64Array): number => {
    const [mean, plain] = [new Mean(), new Mean()];
    for (const [k, value] of values.entries()) {
      if (Number.isNaN(value)) continue;
      mean.add(value, average === 'weighted' ? (support[k] as number) : 1);
      plain.add(value, 1);
    }
    return mean.weight > 0 ? mean.mean : plain.mean;
  };
  return { precision: averaged(precision), recall: averaged(recall), f1: averaged(f1) };
}
