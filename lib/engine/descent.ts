import type { Dtype } from '../base/data-types';

/** What a descent found. */
export interface Descent {
  /** θ, n values. */
  readonly theta: Float64Array;
  /** b; 0 unless it was fitted. */
  readonly intercept: number;
  /** The training loss, penalty included: at the θ each iteration starts from (batch), or after each epoch. */
  readonly loss: Float64Array;
  /** Steps taken. */
  readonly iterations: number;
  readonly stopped: 'completed' | 'converged';
  /** The id of the device that computed. */
  readonly device: string;
  readonly dtype: Dtype;
  readonly plan: 'fused' | 'gram' | 'sequential';
  /** The rate used, which 'auto' picked. */
  readonly learningRate: number;
  /** What reproduces the order of rows; stochastic and mini-batch only. */
  readonly seed?: number;
  /** Seconds of the descent itself: rows that were copied to the device first are not counted. */
  readonly seconds: number;
}
