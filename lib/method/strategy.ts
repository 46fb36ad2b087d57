export type Strategy = 'batch' | 'stochastic' | 'mini-batch';

/** What a descent tells while it runs. */
export interface Progress {
  /** The loss known last. */
  readonly loss: number;
  /** Seconds since the descent began. */
  readonly seconds: number;
}

/** Iterations done. */
export interface BatchProgress extends Progress {
  readonly iteration: number;
}

/** Epochs done. */
export interface EpochProgress extends Progress {
  readonly epoch: number;
}
