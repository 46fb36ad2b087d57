import type { Dtype } from '../base/data-types';
import type { Strategy } from '../method/strategy';
import type { LayerActivationName } from '../objective/activations';
import type { LayerLossName } from '../objective/losses';

/** What one of several processes had. */
export interface StateRank {
  /** Those that it learned from; one without any had one that did not count. */
  readonly rows: number;
  /** The kind of its device. */
  readonly device: string;
  /** The id that this had, where 'auto' goes on. */
  readonly deviceId: string;
}

/** What a state goes with. */
export interface StateProblem {
  /** m; of several processes that of all. */
  readonly rows: number;
  /** n */
  readonly columns: number;
  /** K */
  readonly outputs: number;
  /** Whether rows have weights. */
  readonly weighted: boolean;
  /** The arithmetic. */
  readonly dtype: Dtype;
  /**
   * The kind of device: the backend with the card's name, or with the CPU's instruction-set level; of several processes that of
   * the first.
   */
  readonly device: string;
  /** The id that it had, where 'auto' goes on. */
  readonly deviceId: string;
  /** Which descent. */
  readonly strategy: Strategy;
  /** With its constants, by the names of its formulas. */
  readonly optimizer: Readonly<Record<string, string | number | boolean>>;
  /** How X was read. */
  readonly plan: 'fused' | 'gram' | 'sequential';
  /** φ */
  readonly activation: LayerActivationName;
  /** ℓ */
  readonly loss: LayerLossName;
  /** Whether b is fitted. */
  readonly fitIntercept: boolean;
  /** Whether features are scaled while training. */
  readonly standardize: boolean;
  /** Of mini-batch. */
  readonly batchSize?: number;
  /** Of stochastic. */
  readonly sampling?: 'with-replacement' | 'shuffle';
  /** Of both. */
  readonly seed?: number;
  /** Of both: whether rows were taken by windows, since X was not in the device's memory. */
  readonly windowed?: boolean;
  /** Of several processes: what each had, in the order of ranks. */
  readonly ranks?: readonly StateRank[];
  /** Of mini-batches of several processes that each took by itself: `resumeFrom` does not go on from there. */
  readonly averageEvery?: number;
}

/**
 * Where a descent stands, for one that goes on from there with the same bits (`resumeFrom`): plain JSON. It holds more
 * than these fields, weights and moments among it; `Descent.theta` has the weights for people.
 */
export interface TrainingState {
  /** Always 'thalweg-state'. */
  readonly format: 'thalweg-state';
  /** Of the format; every other than that of this thalweg is refused. */
  readonly version: 1;
  /** What it goes with; a descent of another kind refuses it. */
  readonly madeFor: StateProblem;
  /** Iterations, or whole epochs, since the first descent began. */
  readonly passes: number;
  /** Steps taken since then. */
  readonly steps: number;
}
