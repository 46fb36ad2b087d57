import type { Dtype, LayerParameters } from '../base/data-types';
import type { PlaceOfRows } from '../devices/residency';
import type { LayerActivationName } from '../objective/activations';
import type { TrainingState } from './training-state';

/**
 * What a descent found. Numbers are float64, whatever it computed in.
 */
export interface Descent {
  /** θ, n values; of K outputs n·K, feature by feature: that of feature j and output k is number j·K + k. */
  readonly theta: Float64Array;
  /** b; 0 unless it was fitted. Of several outputs a Float64Array, which its type does not tell: see `intercepts`. */
  readonly intercept: number;
  /** b, one value an output. */
  readonly intercepts: Float64Array;
  /**
   * The training loss, the mean over the rows with the penalties. Batch: one a step, at the θ that it starts from, so that
   * the loss at the final θ is not among them, but for 'lbfgs', where it is the last. Otherwise one an epoch, after it.
   */
  readonly loss: Float64Array;
  /**
   * Steps taken: of batch, iterations; of stochastic, m an epoch; of mini-batch, ⌈m / batchSize⌉ an epoch, m with `averageEvery`
   * the rows of the rank that has most.
   */
  readonly iterations: number;
  /**
   * 'converged': by `tolerance`, or, with 'lbfgs', since the gradient is that of the optimum. 'early': by `maxSeconds`, or
   * by `patience`.
   * 'completed': all iterations or epochs are done; with 'lbfgs' also where rounding leaves no lower point, and with 'relu'
   * where it has not left weights of 0, at which the gradient says nothing.
   */
  readonly stopped: 'completed' | 'converged' | 'early';
  /** Whether it stopped as 'converged'. */
  readonly converged: boolean;
  /** The id of the device that computed. */
  readonly device: string;
  /** The arithmetic it computed in. */
  readonly dtype: Dtype;
  /** Where X was, or would have been were it not read but once: in the device's memory, in the host's or in a file. */
  readonly residency: PlaceOfRows;
  /**
   * How X was read: by each iteration, once for XᵀX, or row by row (stochastic and mini-batch). 'local': row by row by each
   * of several ranks alone, whose weights were averaged on the way (`averageEvery`), which is approximate.
   */
  readonly plan: 'fused' | 'gram' | 'sequential' | 'local';
  /** The rate used, which 'auto' may have picked; of a schedule, the initial one. 'lbfgs' has none. */
  readonly learningRate?: number;
  /** Pass it again for the same order of rows; stochastic and mini-batch only. */
  readonly seed?: number;
  /** The loss on the rows to validate with, penalties included, each time; with `validation`. */
  readonly validationLoss?: Float64Array;
  /** The lowest of them, and after how many iterations of batch or epochs, counted from the first descent. */
  readonly best?: {
    /** Of `validationLoss`. */
    readonly loss: number;
    /** Of batch. */
    readonly iteration?: number;
    /** Of the others. */
    readonly epoch?: number;
  };
  /**
   * Where it ended, for `resumeFrom` of one that goes on; made when it is asked for.
   *
   * @throws ThalwegError ERR_STATE for more weights than a text holds, some 50 million
   */
  readonly state: TrainingState;
  /** Seconds of the descent itself: rows that were copied to the device first are not counted, but those read once for it are. */
  readonly seconds: number;
}

/**
 * @internal Whether nothing could be learned: with weights of 0 and no intercept above that each output of relu is 0, and so is
 * its slope, whatever the targets are. A gradient and a change of the loss of 0 are no sign of the optimum there.
 */
export function isFlat(
  { theta, intercepts, loss }: LayerParameters & Pick<Descent, 'loss'>,
  activation: LayerActivationName,
): boolean {
  if (activation !== 'relu' || loss.at(-1) === 0) return false;
  return theta.every((weight) => weight === 0) && intercepts.every((intercept) => intercept <= 0);
}

/** @internal A descent whose state is made when it is asked for: as text it is larger than all else, and not many ask. */
export function withState(descent: Omit<Descent, 'state'>, make: () => TrainingState): Descent {
  let made: TrainingState | undefined;
  const get = (): TrainingState => (made ??= make());
  return Object.defineProperty(descent, 'state', { get, enumerable: true, configurable: true }) as Descent;
}

/** @internal The same descent but for some of it; its state stays to be made. */
export function withChanges(descent: Descent, changes: Partial<Descent>): Descent {
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(descent)) as Descent;
  return Object.assign(copy, changes);
}

/** @internal b as the API gives it: a number for one output, and what types do not tell for several. */
export function interceptOf(intercepts: Float64Array): number {
  return (intercepts.length === 1 ? intercepts[0] : intercepts) as number;
}
