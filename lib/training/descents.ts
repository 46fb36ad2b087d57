import type { VectorLike } from '../base/data-types';
import type { MatrixLike } from '../devices/device';
import { descend } from '../engine/descend';
import type { Descent } from '../engine/descent';
import { targetsOf } from '../engine/operands';
import { sampleOf } from '../engine/ranks';
import { type Ranks, overRanks } from '../mpi/world';
import { whenCounted } from '../rows/block-rows';
import type { Strategy } from '../method/strategy';
import { checkTask } from './check-task';
import { type BatchOptions, type MiniBatchOptions, type StochasticOptions } from './options';
import { balancedOver, weighedTask, weightsOf } from './weights';

async function descent(
  strategy: Strategy,
  X: MatrixLike,
  y: VectorLike | MatrixLike,
  options: unknown,
): Promise<Descent> {
  const { task, watch, weighting: asked, world } = checkTask(strategy, options);
  const learn = async (ranks: Ranks | undefined, rows: MatrixLike): Promise<Descent> => {
    const sample = sampleOf(ranks, rows, () => targetsOf('y', y));
    // One process holds the device before it waits for anything: whoever closes it next waits for the descent.
    const weighting = ranks === undefined ? asked : await balancedOver(ranks, asked, sample.y);
    return await descend(
      { ...sample, weights: weightsOf(weighting, sample.y) },
      weighedTask({ ...task, ranks }, weighting, sample.y),
      watch,
    );
  };
  return await overRanks(world, (ranks) => whenCounted(X, options, (counted) => learn(ranks, counted)));
}

/**
 * Batch descent: `iterations` steps θ ← θ − learningRate·∇, each with the gradient over all rows. For a linear neuron
 * with squared loss ∇ = 2/m·Xᵀ(Xθ − y). With `l1` a step ends in the proximal one, sign(θⱼ)·max(|θⱼ| − learningRate·l1, 0),
 * which sets small weights to exactly 0 (Beck and Teboulle, "A Fast Iterative Shrinkage-Thresholding Algorithm", 2009).
 *
 * @param X m×n; neither X nor y may be changed until the promise settles
 * @param y m values; m×K for K outputs, whose losses add up; or, with softmax, m labels from 0 to K − 1
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT, ERR_SHAPE, ERR_NOT_FINITE, ERR_DIVERGED, and those of
 *   {@link openDevice} and {@link Device.matrix}; the signal's reason when cancelled
 *
 * @example
 * ```ts
 * import { batchGradientDescent } from 'thalweg';
 *
 * const X = [[1, 1], [1, 2], [2, 2], [2, 3]];
 * const y = [6, 8, 9, 11];
 * const { theta, intercept } = await batchGradientDescent(X, y, {
 *   learningRate: 'auto',
 *   iterations: 5000,
 *   fitIntercept: true,
 * });
 * console.log([...theta, intercept].map((value) => value.toFixed(3))); // [ '1.000', '2.000', '3.000' ]
 * ```
 */
export async function batchGradientDescent(
  X: MatrixLike,
  y: VectorLike | MatrixLike,
  options: BatchOptions,
): Promise<Descent> {
  return await descent('batch', X, y, options);
}

/**
 * Stochastic descent: m steps an epoch, each with the gradient of one row; for a linear neuron with squared loss
 * 2·xᵢ(xᵢθ − yᵢ). A seed gives the rows that numpy.random.seed(seed) and numpy.random.randint(m) give.
 *
 * @param X m×n; neither X nor y may be changed until the promise settles
 * @param y m values; m×K for K outputs, whose losses add up; or, with softmax, m labels from 0 to K − 1
 * @throws as {@link batchGradientDescent}
 *
 * @example
 * ```ts
 * import { stochasticGradientDescent } from 'thalweg';
 *
 * const X = [[1, 1], [1, 2], [2, 2], [2, 3]];
 * const y = [6, 8, 9, 11];
 * const { theta, intercept, iterations } = await stochasticGradientDescent(X, y, {
 *   learningRate: 'auto',
 *   epochs: 5000,
 *   fitIntercept: true,
 *   seed: 1,
 * });
 * console.log([...theta, intercept].map((value) => value.toFixed(3)), iterations); // [ '1.000', '2.000', '3.000' ] 20000
 * ```
 */
export async function stochasticGradientDescent(
  X: MatrixLike,
  y: VectorLike | MatrixLike,
  options: StochasticOptions,
): Promise<Descent> {
  return await descent('stochastic', X, y, options);
}

/**
 * Mini-batch descent: an epoch is one permutation of the rows, cut into batches of `batchSize`, a step with the mean
 * gradient of each. A seed gives the order that numpy.random.seed(seed) and numpy.random.permutation(m) give.
 *
 * @param X m×n; neither X nor y may be changed until the promise settles
 * @param y m values; m×K for K outputs, whose losses add up; or, with softmax, m labels from 0 to K − 1
 * @throws as {@link batchGradientDescent}
 *
 * @example
 * ```ts
 * import { miniBatchGradientDescent } from 'thalweg';
 *
 * const X = Array.from({ length: 100 }, (_, row) => [row / 100]);
 * const y = X.map(([x = 0]) => 2 * x + 1);
 * const { theta, intercept, iterations } = await miniBatchGradientDescent(X, y, {
 *   learningRate: 0.5,
 *   epochs: 200,
 *   batchSize: 32,
 *   fitIntercept: true,
 *   seed: 1,
 * });
 * console.log(theta[0]?.toFixed(3), intercept.toFixed(3), iterations); // 2.000 1.000 800
 * ```
 */
export async function miniBatchGradientDescent(
  X: MatrixLike,
  y: VectorLike | MatrixLike,
  options: MiniBatchOptions,
): Promise<Descent> {
  return await descent('mini-batch', X, y, options);
}
