import type { Optimizer } from './optimizers';
import type { Schedule } from './schedules';
import type { Strategy } from './strategy';

/** How the objective is minimised. */
export interface Method {
  readonly strategy: Strategy;
  readonly optimizer: Optimizer;
  /** Undefined: a stable one is found in the data, or the optimiser has none. */
  readonly learningRate: number | undefined;
  /** What becomes of it; undefined: it stays. */
  readonly schedule: Schedule | undefined;
  /** Iterations of batch, epochs of the others. */
  readonly passes: number;
  /** Rows a step; mini-batch only. */
  readonly batchSize: number;
  /** How a stochastic epoch draws its rows. */
  readonly sampling: 'with-replacement' | 'shuffle';
  /** Undefined: from the system. */
  readonly seed: number | undefined;
  /** Undefined: all passes are taken. */
  readonly tolerance: number | undefined;
  /** Undefined: as long as it takes. */
  readonly maxSeconds: number | undefined;
  readonly plan: 'auto' | 'fused' | 'gram';
}
