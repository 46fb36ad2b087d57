import type { Scoring } from '../../metrics/score';
import type { LayerActivationName } from '../../objective/activations';
import { type LayerLossName, lossFor } from '../../objective/losses';
import { number } from './format';

/** Of those that are not called after their option. */
const LOSSES: Partial<Record<LayerLossName, string>> = {
  squared: 'mean squared error',
  absolute: 'mean absolute error',
  huber: 'mean Huber loss',
  poisson: 'mean Poisson loss',
  'cross-entropy': 'mean log loss',
};

/** Whether outputs are probabilities of classes, which are scored by how many are right. */
export function tellsClasses(activation: LayerActivationName): boolean {
  return activation === 'sigmoid' || activation === 'softmax';
}

/** `R² 0.5177 on 442 rows`, or `accuracy 97.2 % on …`. */
export function scoreText(activation: LayerActivationName, score: Scoring, rows: string): string {
  const value = score.score;
  if (value === null) return `no score on ${rows}: ${whyNoScore(score)}`;
  if (tellsClasses(activation)) return `accuracy ${(value * 100).toFixed(2)} % on ${rows}`;
  const constant = score.isConstant ? ', which have one and the same target' : '';
  return `R² ${value.toFixed(4)} on ${rows}${constant}`;
}

function whyNoScore({ count, overflowed }: Scoring): string {
  if (overflowed > 0) return `the predictions of ${number(overflowed)} are too large for float64`;
  return count === 0 ? 'there are none' : 'the squares of their errors are too large for float64';
}

/** `2859.7 mean squared error`. */
export function lossText(activation: LayerActivationName, loss: number | null): string {
  const name = lossFor(activation);
  return `${loss === null ? 'infinite' : number(loss)} ${LOSSES[name] ?? `mean ${name} loss`}`;
}

/** `, weighted by w`: what a score or a loss was weighted by, if by anything. */
export function weighted(...by: (string | undefined)[]): string {
  const names = by.filter((name) => name !== undefined);
  return names.length === 0 ? '' : `, weighted by ${names.join(' and ')}`;
}
