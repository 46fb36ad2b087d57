import { checkObject, refuseUnknown } from '../base/arguments';
import type { VectorLike } from '../base/data-types';
import type { MatrixLike } from '../devices/device';
import { lossGradientAt } from '../engine/loss-gradient';
import { interceptOf } from '../engine/descent';
import { sampleOf } from '../engine/ranks';
import { type Ranks, type World, checkWorld, overRanks } from '../mpi/world';
import { whenCounted } from '../rows/block-rows';
import { targetsOf } from '../engine/operands';
import { checkIntercepts, checkObjective, checkPlacement, checkSignal, given } from './check-objective';
import {
  type ObjectiveOptions,
  type PredictOptions,
  objectiveOptionNames,
  predictOptionNames,
} from './options';
import { smallVector } from '../rows/rows';
import { balancedOver, type WeightOptions, checkWeighting, weightOptionNames, weightsOf } from './weights';

/** Options of {@link lossGradient}. */
export interface LossGradientOptions extends ObjectiveOptions, WeightOptions, PredictOptions {
  /** Where the gradient is taken, n values; of K outputs n·K, feature by feature. */
  readonly theta: VectorLike;
  /** b, of K outputs K values; default 0. */
  readonly intercept?: number | VectorLike;
  /** `world` of 'thalweg/mpi': the loss over the rows of all ranks together. */
  readonly world?: World;
}

/** A loss and its gradient at one θ. */
export interface LossGradient {
  /** ∂loss/∂θ, as many values as θ has, the l2 term included; the l1 term, which has no derivative at 0, is left out. */
  readonly gradient: Float64Array;
  /** ∂loss/∂b; 0 without fitIntercept. Of several outputs a Float64Array, which its type does not tell. */
  readonly interceptGradient: number;
  /** The same, one value an output. */
  readonly interceptGradients: Float64Array;
  /** The mean loss over the rows, both penalties included. */
  readonly loss: number;
  /** The id of the device that computed. */
  readonly device: string;
}

const names = [
  'theta',
  'intercept',
  'world',
  ...objectiveOptionNames,
  ...weightOptionNames,
  ...predictOptionNames,
];

/**
 * The loss and its gradient at θ, by the one fused pass that every batch step makes: for tests, and for optimisers of your
 * own.
 *
 * @param X m×n; neither X nor y may be changed until the promise settles
 * @param y m values, m×K or, with softmax, m labels
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
  y: VectorLike | MatrixLike,
  options: LossGradientOptions,
): Promise<LossGradient> {
  checkObject('options', options);
  refuseUnknown(options, names, 'lossGradient');
  const theta = smallVector('theta', options.theta);
  const intercepts = given(options.intercept, (value) => checkIntercepts('intercept', value));
  const objective = checkObjective(options);
  const weighting = checkWeighting(options, objective);
  const world = checkWorld(options.world);
  const placement = checkPlacement(options);
  const signal = checkSignal(options.signal);
  const taken = async (ranks: Ranks | undefined, rows: MatrixLike) => {
    const sample = sampleOf(ranks, rows, () => targetsOf('y', y));
    const settled = ranks === undefined ? weighting : await balancedOver(ranks, weighting, sample.y);
    const weights = weightsOf(settled, sample.y);
    return await lossGradientAt(
      { ...sample, weights },
      { objective, parameters: { theta, intercepts }, placement, ranks },
      { signal },
    );
  };
  const found = await overRanks(world, (ranks) =>
    whenCounted(X, options, (counted) => taken(ranks, counted)),
  );
  return { ...found, interceptGradient: interceptOf(found.interceptGradients) };
}
