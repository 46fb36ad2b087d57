import type { ActivationName } from '../objective/activations';
import { finite, invalid, refuseUnknown } from '../base/arguments';
import type { Dtype, VectorLike } from '../base/data-types';
import type { Device, Matrix, MatrixLike } from '../devices/device';
import { lossGradientAt } from '../engine/loss-gradient';
import { type LossName } from '../objective/losses';
import { rowsOf, targetsOf } from '../engine/operands';
import { checkObjective, checkPlacement, checkSignal, given } from './options';
import { smallVector } from '../rows/rows';

/** Options of {@link lossGradient}; those shared with the descents mean what they mean there. */
export interface LossGradientOptions {
  /** Where the gradient is taken, n values. */
  readonly theta: VectorLike;
  /** b; default 0. */
  readonly intercept?: number;
  readonly activation?: ActivationName;
  readonly loss?: LossName;
  readonly fitIntercept?: boolean;
  readonly l1?: number;
  readonly l2?: number;
  readonly device?: string | Device;
  readonly dtype?: Dtype;
  readonly signal?: AbortSignal;
}

/** A loss and its gradient at one θ. */
export interface LossGradient {
  /** ∂loss/∂θ, n values; the l1 term, which has no derivative at 0, is left out. */
  readonly gradient: Float64Array;
  /** ∂loss/∂b; 0 without fitIntercept. */
  readonly interceptGradient: number;
  /** The mean loss over the rows, penalty included. */
  readonly loss: number;
  readonly device: string;
}

const names = 'theta intercept activation loss fitIntercept l1 l2 device dtype signal'.split(' ');

/**
 * The loss and its gradient at θ, by the one fused pass that every batch step makes.
 *
 * @param X m×n
 * @param y m values
 * @throws ThalwegError as `batchGradientDescent`
 */
export async function lossGradient(
  X: MatrixLike,
  y: VectorLike | Matrix,
  options: LossGradientOptions,
): Promise<LossGradient> {
  if (typeof options !== 'object' || (options as unknown) === null)
    throw invalid('options', 'an object', options);
  refuseUnknown(options, names, 'lossGradient');
  const parameters = {
    theta: smallVector('theta', options.theta),
    intercept: given(options.intercept, (value) => finite('intercept', value)) ?? 0,
  };
  return await lossGradientAt(
    rowsOf('X', X),
    targetsOf('y', y),
    { objective: checkObjective(options), parameters, placement: checkPlacement(options) },
    { signal: checkSignal(options.signal) },
  );
}
