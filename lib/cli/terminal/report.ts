import type { TrainedActivation } from '../../metrics/score';
import { number } from './format';

const LOSSES: Record<TrainedActivation, string> = {
  linear: 'mean squared error',
  sigmoid: 'mean log loss',
  exp: 'mean Poisson loss',
};

/** `R² 0.5177 on 442 rows`, or `accuracy 97.2 % on …`. */
export function scoreText(
  activation: TrainedActivation,
  score: number | null,
  rows: string,
  overflowed: number,
): string {
  if (score === null) return `no score on ${rows}: ${whyNoScore(activation, overflowed)}`;
  return activation === 'sigmoid'
    ? `accuracy ${(score * 100).toFixed(2)} % on ${rows}`
    : `R² ${score.toFixed(4)} on ${rows}`;
}

function whyNoScore(activation: TrainedActivation, overflowed: number): string {
  if (overflowed > 0) return `the predictions of ${number(overflowed)} are too large for float64`;
  return activation === 'sigmoid' ? 'there are none' : 'the target is the same in all of them';
}

/** `2859.7 mean squared error`. */
export function lossText(activation: TrainedActivation, loss: number | null): string {
  return `${loss === null ? 'infinite' : number(loss)} ${LOSSES[activation]}`;
}
