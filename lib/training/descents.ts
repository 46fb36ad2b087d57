import type { VectorLike } from '../base/data-types';
import type { Matrix, MatrixLike } from '../devices/device';
import { descend } from '../engine/descend';
import type { Descent } from '../engine/descent';
import { rowsOf, targetsOf } from '../engine/operands';
import type { Strategy } from '../method/strategy';
import { type BatchOptions, type MiniBatchOptions, type StochasticOptions, checkTask } from './options';

async function descent(
  strategy: Strategy,
  X: MatrixLike,
  y: VectorLike | Matrix,
  options: unknown,
): Promise<Descent> {
  const { task, watch } = checkTask(strategy, options);
  return await descend(rowsOf('X', X), targetsOf('y', y), task, watch);
}

/**
 * Batch descent: `iterations` steps θ ← θ − learningRate·∇, each with the gradient over all rows. For a linear neuron
 * with squared loss ∇ = 2/m·Xᵀ(Xθ − y).
 *
 * @param X m×n
 * @param y m values
 * @throws ThalwegError ERR_INVALID_ARGUMENT, ERR_SHAPE, ERR_NOT_FINITE, ERR_DIVERGED, and those of `openDevice` and
 *   `device.matrix`; the signal's reason when cancelled
 */
export async function batchGradientDescent(
  X: MatrixLike,
  y: VectorLike | Matrix,
  options: BatchOptions,
): Promise<Descent> {
  return await descent('batch', X, y, options);
}

/**
 * Stochastic descent: m steps an epoch, each with the gradient of one row; for a linear neuron with squared loss
 * 2·xᵢ(xᵢθ − yᵢ). A seed gives the rows that numpy.random.seed(seed) and numpy.random.randint(m) give.
 *
 * @param X m×n
 * @param y m values
 * @throws as {@link batchGradientDescent}
 */
export async function stochasticGradientDescent(
  X: MatrixLike,
  y: VectorLike | Matrix,
  options: StochasticOptions,
): Promise<Descent> {
  return await descent('stochastic', X, y, options);
}

/**
 * Mini-batch descent: an epoch is one permutation of the rows, cut into batches of `batchSize`, a step with the mean
 * gradient of each. A seed gives the order that numpy.random.seed(seed) and numpy.random.permutation(m) give.
 *
 * @param X m×n
 * @param y m values
 * @throws as {@link batchGradientDescent}
 */
export async function miniBatchGradientDescent(
  X: MatrixLike,
  y: VectorLike | Matrix,
  options: MiniBatchOptions,
): Promise<Descent> {
  return await descent('mini-batch', X, y, options);
}
