import type { ActivationName } from './activations';
import type { LossName } from './losses';

/** What is minimised: the mean of ℓ(φ(xᵢθ + b), yᵢ) over the m rows, plus l1·Σ|θⱼ| + l2/2·Σθⱼ². */
export interface Objective {
  /** φ */
  readonly activation: ActivationName;
  /** ℓ */
  readonly loss: LossName;
  /** Whether b moves. */
  readonly fitIntercept: boolean;
  readonly l1: number;
  readonly l2: number;
}
