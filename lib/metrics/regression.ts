import { oneOf } from '../base/arguments';
import type { HostMatrix, VectorLike } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { type Columns, checkLength, checkOptions, columnsOf, vector, vectorOf, weightsOf } from './arguments';
import { Determination } from './determination';
import type { MetricOptions } from './options';
import { Mean } from './sums';

/** Options of {@link r2Score}, {@link meanSquaredError} and {@link meanAbsoluteError}. */
export interface RegressionOptions extends MetricOptions {
  /** What becomes of the figures of several outputs: their mean, the default, or one each. */
  readonly multioutput?: 'uniform-average' | 'raw-values';
}

/** m values, or m×K. */
type Values = VectorLike | HostMatrix;

/** One figure, or one an output. */
type Figure<Options> = Options extends Record<'multioutput', 'raw-values'> ? Float64Array : number;

interface Checked {
  readonly truth: Columns;
  readonly predicted: Columns;
  readonly weights: Float64Array;
}

function checkedTargets(metric: string, yTrue: Values, yPred: Values, options: RegressionOptions): Checked {
  checkOptions(metric, options, ['multioutput']);
  const [truth, predicted] = [columnsOf('yTrue', yTrue), columnsOf('yPred', yPred)];
  checkLength('yPred', predicted.rows, truth.rows, 'yTrue');
  if (predicted.columns !== truth.columns) {
    const message = `yPred has ${predicted.columns} columns, and yTrue has ${truth.columns}`;
    throw new ThalwegError('ERR_SHAPE', message, { option: 'yPred' });
  }
  return { truth, predicted, weights: weightsOf(options, truth.rows) };
}

/** One figure an output: their mean, or all of them. */
function overOutputs(
  { truth, predicted, weights }: Checked,
  { multioutput = 'uniform-average' }: RegressionOptions,
  add: (output: number, y: number, found: number, weight: number) => void,
  figure: (output: number) => number,
): number | Float64Array {
  oneOf('multioutput', multioutput, ['uniform-average', 'raw-values']);
  const { columns, data } = truth;
  for (let at = 0; at < data.length; at += 1)
    add(
      at % columns,
      data[at] as number,
      predicted.data[at] as number,
      weights[Math.floor(at / columns)] as number,
    );
  const each = Float64Array.from({ length: columns }, (_, k) => figure(k));
  if (multioutput === 'raw-values') return each;
  const mean = new Mean();
  for (const one of each) mean.add(one, 1);
  return mean.mean;
}

function meanOf(
  metric: string,
  [yTrue, yPred]: readonly [Values, Values],
  options: RegressionOptions,
  value: (y: number, predicted: number) => number,
): Float64Array | number {
  const checked = checkedTargets(metric, yTrue, yPred, options);
  const means = Array.from({ length: checked.truth.columns }, () => new Mean());
  return overOutputs(
    checked,
    options,
    (k, y, found, weight) => {
      means[k]?.add(value(y, found), weight);
    },
    (k) => means[k]?.mean ?? NaN,
  );
}

/**
 * R² = 1 − Σ(y − ŷ)²/Σ(y − ȳ)²: 1 at best, 0 for the mean. Of targets that never change it is 1 where every prediction is
 * right and 0 otherwise, and of a single row NaN, as by `sklearn.metrics.r2_score`.
 *
 * @param yTrue m values, or m×K
 * @param yPred as many
 * @returns with `multioutput: 'raw-values'` one figure an output
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT, ERR_SHAPE, ERR_NOT_FINITE
 *
 * @example
 * ```ts
 * import { r2Score } from 'thalweg/metrics';
 *
 * console.log(r2Score([3, -0.5, 2, 7], [2.5, 0, 2, 8])); // 0.9486…
 * ```
 */
export function r2Score<Options extends RegressionOptions = RegressionOptions>(
  yTrue: Values,
  yPred: Values,
  options: Options = {} as Options,
): Figure<Options> {
  const checked = checkedTargets('r2Score', yTrue, yPred, options);
  const each = Array.from({ length: checked.truth.columns }, () => new Determination());
  return overOutputs(
    checked,
    options,
    (k, y, found, weight) => {
      each[k]?.add(y, found, weight);
    },
    (k) => (checked.truth.rows < 2 ? NaN : (each[k]?.r2 ?? NaN)),
  ) as Figure<Options>;
}

/**
 * The mean of (y − ŷ)².
 *
 * @param yTrue m values, or m×K
 * @param yPred as many
 * @returns with `multioutput: 'raw-values'` one figure an output
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT, ERR_SHAPE, ERR_NOT_FINITE
 *
 * @example
 * ```ts
 * import { meanSquaredError } from 'thalweg/metrics';
 *
 * console.log(meanSquaredError([3, -0.5, 2, 7], [2.5, 0, 2, 8])); // 0.375
 * ```
 */
export function meanSquaredError<Options extends RegressionOptions = RegressionOptions>(
  yTrue: Values,
  yPred: Values,
  options: Options = {} as Options,
): Figure<Options> {
  return meanOf(
    'meanSquaredError',
    [yTrue, yPred],
    options,
    (y, predicted) => (y - predicted) ** 2,
  ) as Figure<Options>;
}

/**
 * The mean of |y − ŷ|.
 *
 * @param yTrue m values, or m×K
 * @param yPred as many
 * @returns with `multioutput: 'raw-values'` one figure an output
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT, ERR_SHAPE, ERR_NOT_FINITE
 *
 * @example
 * ```ts
 * import { meanAbsoluteError } from 'thalweg/metrics';
 *
 * console.log(meanAbsoluteError([3, -0.5, 2, 7], [2.5, 0, 2, 8])); // 0.5
 * ```
 */
export function meanAbsoluteError<Options extends RegressionOptions = RegressionOptions>(
  yTrue: Values,
  yPred: Values,
  options: Options = {} as Options,
): Figure<Options> {
  return meanOf('meanAbsoluteError', [yTrue, yPred], options, (y, predicted) =>
    Math.abs(y - predicted),
  ) as Figure<Options>;
}

/** @internal 2·(y log(y/μ) − y + μ), where 0 log 0 is 0. */
export function poissonDeviance(y: number, mu: number): number {
  return 2 * ((y === 0 ? 0 : y * Math.log(y / mu)) - y + mu);
}

/**
 * The mean of 2·(y log(y/ŷ) − y + ŷ), for counts: 0 where every prediction is right.
 *
 * @param yTrue m values of 0 or more
 * @param yPred m values above 0
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT, ERR_SHAPE, ERR_NOT_FINITE
 *
 * @example
 * ```ts
 * import { meanPoissonDeviance } from 'thalweg/metrics';
 *
 * console.log(meanPoissonDeviance([2, 0, 1, 4], [0.5, 0.5, 2, 2])); // 1.4260…
 * ```
 */
export function meanPoissonDeviance(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: MetricOptions = {},
): number {
  checkOptions('meanPoissonDeviance', options, []);
  const truth = vector('yTrue', yTrue);
  const predicted = vectorOf('yPred', yPred, truth.length);
  refuse('yTrue', truth, (y) => y < 0, 'counts are 0 or more');
  refuse('yPred', predicted, (mu) => mu <= 0, 'predictions of counts are above 0');
  const weights = weightsOf(options, truth.length);
  const mean = new Mean();
  for (const [row, y] of truth.entries())
    mean.add(poissonDeviance(y, predicted[row] as number), weights[row] as number);
  return mean.mean;
}

function refuse(
  option: string,
  values: Float64Array,
  isWrong: (value: number) => boolean,
  rule: string,
): void {
  const row = values.findIndex(isWrong);
  if (row < 0) return;
  const message = `${option}[${row}] is ${values[row] ?? NaN}: ${rule}`;
  throw new ThalwegError('ERR_INVALID_ARGUMENT', message, { option, row });
}
