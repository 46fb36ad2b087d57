import { ThalwegError } from '../base/errors';
import { Model } from './model';
import { parsed } from './parse';

export { type ErrorCode, type ErrorDetails, ThalwegError } from '../base/errors';
export type { ActivationName, LayerActivationName } from '../objective/activations';
export type { Label } from '../base/data-types';
export {
  type Explanation,
  type LabelPrediction,
  Model,
  type Prediction,
  type Row,
  type ValuePrediction,
  type ValuesPrediction,
} from './model';

/**
 * The model in a model's file, or in what `JSON.stringify` gives of a neuron or a layer: in plain JavaScript, for a browser
 * too.
 *
 * @param json the text of the file, or what `JSON.parse` gives of it
 * @throws {@link ThalwegError} ERR_MODEL, with the `path` of what does not fit
 *
 * @example
 * ```ts
 * import { loadModel } from 'thalweg/model';
 *
 * const model = loadModel('{"weights":[0.5,-0.5],"bias":0,"activation":"sigmoid","classes":["no","yes"]}');
 * console.log(model.predict([4, 1]).label, model.predict([4, 1]).probabilities); // yes { no: 0.182…, yes: 0.817… }
 * ```
 */
export function loadModel(json: string | object): Model {
  if (typeof json !== 'string') return Model.of(parsed(json));
  let object: unknown;
  try {
    object = JSON.parse(json.replace(/^\ufeff/, ''));
  } catch (cause) {
    const message = `the model is not JSON (${(cause as Error).message}). Give the text of a model's file.`;
    throw new ThalwegError('ERR_MODEL', message, { cause });
  }
  return Model.of(parsed(object));
}
