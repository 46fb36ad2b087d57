import type { Dtype, VectorLike } from '../base/data-types';
import type { Device } from '../devices/device';
import type { BatchProgress, EpochProgress, Strategy } from '../method/strategy';
import type { ActivationName } from '../objective/activations';
import type { LossName } from '../objective/losses';

/** Options of any descent, checked and complete. */
export interface CheckedOptions {
  readonly strategy: Strategy;
  readonly learningRate: number | undefined;
  readonly passes: number;
  readonly batchSize: number;
  readonly seed: number | undefined;
  readonly sampling: 'with-replacement' | 'shuffle';
  readonly activation: ActivationName;
  readonly loss: LossName;
  readonly fitIntercept: boolean;
  readonly initialTheta: VectorLike | undefined;
  readonly l1: number;
  readonly l2: number;
  readonly tolerance: number | undefined;
  readonly device: string | Device;
  readonly dtype: Dtype | undefined;
  readonly plan: 'auto' | 'fused' | 'gram';
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: BatchProgress & EpochProgress) => void) | undefined;
}

/** What is minimised. */
export type CheckedObjective = Pick<CheckedOptions, 'activation' | 'loss' | 'fitIntercept' | 'l1' | 'l2'>;
