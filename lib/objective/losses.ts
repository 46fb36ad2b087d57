import type { ActivationName } from './activations';
import { ThalwegError } from '../base/errors';

/**
 * Names of the losses ℓ(ŷ, y) of one row; a descent minimises the mean over the rows.
 *
 * - `squared`: (ŷ − y)²
 * - `log`: −(y log ŷ + (1 − y) log(1 − ŷ)), for sigmoid and labels 0 and 1
 * - `absolute`: |ŷ − y|
 * - `huber`: ½(ŷ − y)² up to |ŷ − y| = 1, then |ŷ − y| − ½
 * - `hinge`: max(0, 1 − y·ŷ), for labels −1 and 1
 * - `poisson`: ŷ − y log ŷ, for activations with positive outputs and y ≥ 0
 */
export type LossName = 'squared' | 'log' | 'absolute' | 'huber' | 'hinge' | 'poisson';

export const lossNames: readonly LossName[] = ['squared', 'log', 'absolute', 'huber', 'hinge', 'poisson'];

/** The error of one output: yTrue − output. */
export function error(yTrue: number, output: number): number {
  return yTrue - output;
}

/** The loss a neuron trains with unless one is named: each activation's own likelihood where it has one. */
export function lossFor(activation: ActivationName): LossName {
  if (activation === 'sigmoid') return 'log';
  return activation === 'exp' ? 'poisson' : 'squared';
}

const positiveOutputs: readonly ActivationName[] = ['exp', 'softplus', 'sigmoid'];

/** Refuses the pairs whose loss is undefined at outputs that the activation can give. */
export function checkPair(activation: ActivationName, loss: LossName): void {
  if (loss === 'log' && activation !== 'sigmoid') {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `loss 'log' needs outputs between 0 and 1, which activation '${activation}' does not give: use 'sigmoid'`,
      { option: 'loss' },
    );
  }
  if (loss === 'poisson' && !positiveOutputs.includes(activation)) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `loss 'poisson' needs positive outputs, which activation '${activation}' does not give: use 'exp' or 'softplus'`,
      { option: 'loss' },
    );
  }
}
