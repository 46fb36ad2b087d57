import { checkObject, finite, refuseUnknown } from '../base/arguments';
import type { VectorLike } from '../base/data-types';
import type { Matrix, MatrixLike } from '../devices/device';
import { lossGradientAt } from '../engine/loss-gradient';
import { rowsOf, targetsOf } from '../engine/operands';
import {
  type ObjectiveOptions,
  type PredictOptions,
  checkObjective,
  checkPlacement,
  checkSignal,
  given,
  objectiveOptionNames,
  predictOptionNames,
} from './options';
import { smallVector } from '../rows/rows';
import { type WeightOptions, checkWeighting, weightOptionNames, weightsOf } from './weights';

/** Options of {@link lossGradient}. */
export interface LossGradientOptions extends ObjectiveOptions, WeightOptions, PredictOptions {
  /** Where the gradient is taken, n values. */
  readonly theta: VectorLike;
  /** b; default 0. */
  readonly intercept?: number;
}

/** A loss and its gradient at one θ. */
export interface LossGradient {
  /** ∂loss/∂θ, n values, the l2 term included; the l1 term, which has no derivative at 0, is left out. */
  readonly gradient: Float64Array;
  /** ∂loss/∂b; 0 without fitIntercept. */
  readonly interceptGradient: number;
  /** The mean loss over the rows, both penalties included. */
  readonly loss: number;
  /** The id of the device that computed. */
  readonly device: string;
}

const names = ['theta', 'intercept', ...objectiveOptionNames, ...weightOptionNames, ...predictOptionNames];

/**
 * The loss and its gradient at θ, by the one fused pass that every batch step makes: for tests, and for optimisers of your
 * own.
 *
 * @param X m×n; neither X nor y may be changed until the promise settles
 * @param y m values
 * @throws as {@link batchGradientDescent}, but for ERR_DIVERGED
 *
 * @example
 * ```ts
 * import { lossGradient } from 'thalweg';
 *
 * const X = [[1, 1], [1, 2], [2, 2], [2, 3]];
 * const { gradient, loss } = await lossGradient(X, [6, 8, 9, 11], { theta: [0, 0] });
 * console.log(loss, gradient); // 75.5 Float64Array(2) [ -27, -36.5 ]
 * ```
 */
export async function lossGradient(
  X: MatrixLike,
  y: VectorLike | Matrix,
  options: LossGradientOptions,
): Promise<LossGradient> {
  checkObject('options', options);
  refuseUnknown(options, names, 'lossGradient');
  const parameters = {
    theta: smallVector('theta', options.theta),
    intercept: given(options.intercept, (value) => finite('intercept', value)) ?? 0,
  };
  const objective = checkObjective(options);
  const targets = targetsOf('y', y);
  const weights = weightsOf(checkWeighting(options, objective), targets);
  return await lossGradientAt(
    { X: rowsOf('X', X), y: targets, weights },
    { objective, parameters, placement: checkPlacement(options) },
    { signal: checkSignal(options.signal) },
  );
}
