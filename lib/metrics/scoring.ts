import type { LayerActivationName } from '../objective/activations';
import { LayerScore } from './layer-score';
import { Score, type Scoring } from './score';

/** The score of so many outputs. */
export function scoreOf(activation: LayerActivationName, outputs: number): Scoring {
  return outputs === 1 && activation !== 'softmax'
    ? new Score(activation)
    : new LayerScore(activation, outputs);
}
