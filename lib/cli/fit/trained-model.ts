import { ThalwegError } from '../../base/errors';
import { Layer, Neuron } from '../../index';
import { type Learned, checkModel, learnedOf, readJson } from '../../model-files/model-file';
import type { Model } from '../../model-files/model-schema';

/** What a model's file holds. */
export interface TrainedModel {
  readonly learned: Learned;
  /** How the columns of a table become its inputs: what `thalweg fit` wrote says so, JSON of a neuron or layer does not. */
  readonly encoder: Model | undefined;
}

/**
 * Reads what `thalweg fit --output`, `JSON.stringify(neuron)` or `JSON.stringify(layer)` wrote.
 *
 * @throws ThalwegError `ERR_FILE` where it cannot be read, `ERR_MODEL` at the field that does not fit
 */
export async function readTrained(path: string): Promise<TrainedModel> {
  const object = await readJson(path);
  if (!isBare(object)) {
    const model = checkModel(object, path);
    return { learned: learnedOf(model), encoder: model };
  }
  try {
    return { learned: 'biases' in object ? learnedLayer(object) : learnedNeuron(object), encoder: undefined };
  } catch (cause) {
    throw new ThalwegError('ERR_MODEL', `${path}: ${(cause as Error).message}`, { path, cause });
  }
}

function isBare(object: unknown): object is object {
  return typeof object === 'object' && object !== null && 'weights' in object && !('format' in object);
}

function learnedNeuron(object: object): Learned {
  const { activation, weights, bias, classes } = Neuron.fromJSON(object);
  return { activation, parameters: { theta: weights, intercepts: Float64Array.of(bias) }, classes };
}

function learnedLayer(object: object): Learned {
  const { activation, weights, biases, classes } = Layer.fromJSON(object);
  return { activation, parameters: { theta: weights.data, intercepts: biases }, classes };
}
