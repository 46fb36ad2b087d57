import type { Parameters } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import type { ActivationName } from '../objective/activations';
import { ofThisRealm } from '../rows/rows';
import { Interruption } from './jobs';
import { type Inputs, type Rows, inputsOn, onePass } from './operands';
import type { Placement } from './task';

/** ERR_SHAPE for inputs of another count than a neuron has. */
export function otherWidth(option: string, columns: number, inputs: number): ThalwegError {
  const have = option === 'x' ? `x has ${columns} values` : `${option} has ${columns} columns`;
  return new ThalwegError('ERR_SHAPE', `${have}, and the neuron has ${inputs} inputs`, { option });
}

/** φ(Xθ + b) of inputs that are on a device, m values. */
export async function outputsOn(
  { device, X }: Pick<Inputs, 'device' | 'X'>,
  { theta, intercept }: Parameters,
  activation: ActivationName,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const [, columns] = X.shape;
  if (columns !== theta.length) throw otherWidth('X', columns, theta.length);
  const job = device.native.predict(X.native, theta, intercept, activation);
  return ofThisRealm(await new Interruption(signal).run(device, job));
}

/** φ(Xθ + b), m values. */
export async function outputs(
  X: Rows,
  parameters: Parameters,
  activation: ActivationName,
  placement: Placement,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const inputs = await inputsOn({ ...placement, work: onePass, signal }, X);
  try {
    return await outputsOn(inputs, parameters, activation, signal);
  } finally {
    inputs.dispose();
  }
}
