import type { LayerActivationName } from './activations';
import type { LayerLossName } from './losses';

/** What is minimised: the mean of ℓ(φ(xᵢθ + b), yᵢ), summed over the outputs, over the m rows, plus l1·Σ|θⱼ| + l2/2·Σθⱼ². */
export interface Objective {
  /** φ */
  readonly activation: LayerActivationName;
  /** ℓ */
  readonly loss: LayerLossName;
  /** Whether b moves. */
  readonly fitIntercept: boolean;
  readonly l1: number;
  readonly l2: number;
  /** K. Undefined: as many as y has columns, and of softmax as many as there are labels. */
  readonly outputs?: number | undefined;
}
