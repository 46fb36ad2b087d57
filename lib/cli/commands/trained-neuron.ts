import { ThalwegError } from '../../base/errors';
import { Neuron } from '../../index';
import { checkModel, neuronOf, readJson } from '../../model-files/model-file';
import type { Encoder } from '../../tables/encoder/encoding';

/** A neuron out of a file. */
export interface TrainedNeuron {
  readonly neuron: Neuron;
  /** How the columns of a table become its inputs: what `thalweg fit` wrote says so, `JSON.stringify(neuron)` does not. */
  readonly encoder: Encoder | undefined;
}

/**
 * Reads what `thalweg fit --output` or `JSON.stringify(neuron)` wrote.
 *
 * @throws ThalwegError `ERR_FILE` where it cannot be read, `ERR_MODEL` at the field that does not fit
 */
export async function readTrained(path: string): Promise<TrainedNeuron> {
  const object = await readJson(path);
  if (isNeuron(object)) return { neuron: neuronIn(path, object), encoder: undefined };
  const model = checkModel(object, path);
  return { neuron: new Neuron(neuronOf(model)), encoder: model };
}

function isNeuron(object: unknown): boolean {
  return typeof object === 'object' && object !== null && 'weights' in object && !('format' in object);
}

function neuronIn(path: string, object: unknown): Neuron {
  try {
    return Neuron.fromJSON(object);
  } catch (cause) {
    throw new ThalwegError('ERR_MODEL', `${path}: ${(cause as Error).message}`, { path, cause });
  }
}
