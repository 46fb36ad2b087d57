import type { Optimizer } from './optimizers';
import type { Schedule } from './schedules';
import type { Strategy } from './strategy';

/** How the objective is minimised. */
export interface Method {
  readonly strategy: Strategy;
  readonly optimizer: Optimizer;
  /** Whether 'lbfgs' begins with the solution of least squares, of a linear neuron with squared loss. */
  readonly isDirect: boolean;
  /** Undefined: a stable one is found in the data, or the optimiser has none. */
  readonly learningRate: number | undefined;
  /** What becomes of it; undefined: it stays. */
  readonly schedule: Schedule | undefined;
  /** Iterations of batch, epochs of the others. */
  readonly passes: number;
  /** Over X, also those in which 'lbfgs' looks for the length of a step; undefined: as many as the iterations take. */
  readonly mostPasses: number | undefined;
  /** Rows a step; mini-batch only. */
  readonly batchSize: number;
  /** Steps that each rank takes by itself between two averages over ranks; undefined: all take each step together. */
  readonly averageEvery: number | undefined;
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
