import type { LayerParameters } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import type { LayerActivationName } from '../objective/activations';
import { ofThisRealm } from '../rows/rows';
import { Interruption } from './jobs';
import { type Inputs, type Rows, inputsOn, onePass } from './operands';
import type { Placement } from './task';

/** ERR_SHAPE for inputs of another count than a neuron, or what else it is, has. */
export function otherWidth(option: string, columns: number, inputs: number, model = 'neuron'): ThalwegError {
  const have = option === 'x' ? `x has ${columns} values` : `${option} has ${columns} columns`;
  return new ThalwegError('ERR_SHAPE', `${have}, and the ${model} has ${inputs} inputs`, { option });
}

/** φ(XΘ + b) of inputs that are on a device, m·K values, row by row. */
export async function outputsOn(
  { device, X }: Pick<Inputs, 'device' | 'X'>,
  { theta, intercepts }: LayerParameters,
  activation: LayerActivationName,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const [, columns] = X.shape;
  const inputs = theta.length / intercepts.length;
  if (columns !== inputs) throw otherWidth('X', columns, inputs);
  const job = device.native.predict(X.native, theta, intercepts, activation);
  return ofThisRealm(await new Interruption(signal).run(device, job));
}

/** φ(XΘ + b), m·K values, row by row. */
export async function outputs(
  X: Rows,
  parameters: LayerParameters,
  activation: LayerActivationName,
  placement: Placement,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const several = parameters.intercepts.length > 1;
  const inputs = await inputsOn({ ...placement, work: onePass, signal, several }, X);
  try {
    return await outputsOn(inputs, parameters, activation, signal);
  } finally {
    inputs.dispose();
  }
}
