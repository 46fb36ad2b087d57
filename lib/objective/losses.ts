import type { ActivationName, LayerActivationName } from './activations';
import { number } from '../base/arguments';
import { ThalwegError } from '../base/errors';
import { activationTable, lossTable, type LossName } from './tables';

export type { LossName } from './tables';

/** Losses of a layer: `cross-entropy`, −log p_y for a label y from 0 to K − 1, goes with softmax. */
export type LayerLossName = LossName | 'cross-entropy';

/** @internal */
export const layerLossNames: readonly LayerLossName[] = [
  ...(Object.keys(lossTable) as LossName[]),
  'cross-entropy',
];

/**
 * The error of one output: yTrue − output.
 *
 * @param yTrue what the output should be
 * @param output what it is, in the same unit
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT for what is no number; NaN is one
 *
 * @example
 * ```ts
 * import { error } from 'thalweg';
 *
 * console.log(error(3, 2.5)); // 0.5
 * ```
 */
export function error(yTrue: number, output: number): number {
  return number('yTrue', yTrue) - number('output', output);
}

/** @internal The loss a neuron trains with unless one is named: each activation's own likelihood where it has one. */
export function lossFor(activation: ActivationName): LossName;
/** @internal The same of a layer. */
export function lossFor(activation: LayerActivationName): LayerLossName;
/** @internal */
export function lossFor(activation: LayerActivationName): LayerLossName {
  if (activation === 'softmax') return 'cross-entropy';
  return activationTable[activation].loss;
}

/** What is told of outputs that a loss needs: 'log' is undefined beyond 0 and 1. */
const needed = { positive: 'positive outputs', unit: 'outputs between 0 and 1' } as const;

/** Outputs between 0 and 1 are positive, too. */
function gives(activation: ActivationName, outputs: keyof typeof needed): boolean {
  const given = activationTable[activation].outputs;
  return given === outputs || (given === 'unit' && outputs === 'positive');
}

/** @internal Refuses the pairs whose loss is undefined at outputs that the activation can give. */
export function checkPair(activation: LayerActivationName, loss: LayerLossName): void {
  if (activation === 'softmax' || loss === 'cross-entropy') {
    if (activation === 'softmax' && loss === 'cross-entropy') return;
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `activation '${activation}' and loss '${loss}': softmax and cross-entropy go with each other alone`,
      { option: activation === 'softmax' ? 'loss' : 'activation' },
    );
  }
  const { outputs } = lossTable[loss];
  if (outputs === 'any' || gives(activation, outputs)) return;
  const names = Object.keys(activationTable) as ActivationName[];
  const fitting = names.filter((name) => gives(name, outputs)).map((name) => `'${name}'`);
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `loss '${loss}' needs ${needed[outputs]}, which activation '${activation}' does not give: ` +
      `use ${fitting.join(' or ')}`,
    { option: 'loss' },
  );
}
