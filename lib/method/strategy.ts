/** Which rows a step sees: all, one, or a batch of them. */
export type Strategy = 'batch' | 'stochastic' | 'mini-batch';

/** @internal All of them. */
export const strategies = ['batch', 'stochastic', 'mini-batch'] as const satisfies readonly Strategy[];

/** What a descent tells while it runs. */
interface Progress {
  /** The loss known last, penalties included. */
  readonly loss: number;
  /** Seconds since the descent began. */
  readonly seconds: number;
}

/** What a batch descent tells `onProgress`. */
export interface BatchProgress extends Progress {
  /** How many iterations are done. */
  readonly iteration: number;
}

/** What a stochastic or mini-batch descent tells `onProgress`. */
export interface EpochProgress extends Progress {
  /** How many epochs are done. */
  readonly epoch: number;
}
