import type { Evaluation } from '../../metrics/evaluation';
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

/** R² of the mean, which is right where the targets never change. */
export function meanR2(isConstant: boolean): 0 | 1 {
  return isConstant ? 1 : 0;
}

/** What an evaluation is of. */
export interface Evaluated {
  readonly activation: LayerActivationName;
  /** The names of classes 0, 1, …; left out: these numbers. */
  readonly classes: readonly (string | number | boolean)[] | undefined;
}

/** The name of class k. */
export function nameOf({ classes }: Evaluated, k: number): string {
  return String(classes?.[k] ?? k);
}

/** `97.20 %`. */
export const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/**
 * A score beside that of the trivial model: `R² 0.5177 on 442 rows; 0 for their mean`, or `accuracy 97.20 % on …; 62.74 %
 * for always benign`.
 *
 * @param by what rows were weighted by, as `weighted` says it
 */
export function scoreText(evaluated: Evaluated, score: Evaluation, rows: string, by = ''): string {
  const value = score.score;
  if (value === null) return `no score on ${rows}: ${whyNoScore(score)}${by}`;
  if (tellsClasses(evaluated.activation)) {
    const trivial = score.trivialClass();
    const beside =
      trivial === undefined
        ? ''
        : `; ${percent(trivial.accuracy)} for always ${nameOf(evaluated, trivial.class)}`;
    return `accuracy ${percent(value)} on ${rows}${by}${beside}`;
  }
  const beside = score.isConstant ? constantText(score.count) : '';
  return `R² ${value.toFixed(4)} on ${rows}${by}${beside || '; 0 for their mean'}`;
}

function constantText(rows: number): string {
  return rows === 1 ? ', where the score says little' : ', which have one and the same target';
}

function whyNoScore({ count, overflowed }: Evaluation): string {
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
