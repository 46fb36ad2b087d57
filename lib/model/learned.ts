import type { Label, LayerParameters } from '../base/data-types';
import type { LayerActivationName } from '../objective/activations';
import type { ModelJSON } from './format';

/** What a model has learned, whatever columns it reads. */
export interface Learned {
  readonly activation: LayerActivationName;
  readonly parameters: LayerParameters;
  /** What the targets 0, 1, … are, where they have names. */
  readonly classes: readonly Label[] | undefined;
}

/** The names of the classes of a model: of its target's levels, or those that its neuron or layer has. */
export function classesOf({ target, neuron, layer }: ModelJSON): readonly Label[] | undefined {
  if (target?.kind === 'boolean') return [false, true];
  return target?.levels ?? (neuron ?? layer)?.classes;
}

/** What a model has learned. */
export function learnedOf(model: ModelJSON): Learned {
  const { neuron, layer } = model;
  const classes = classesOf(model);
  if (layer !== undefined) {
    const parameters = {
      theta: Float64Array.from(layer.weights.flat()),
      intercepts: Float64Array.from(layer.biases),
    };
    return { activation: layer.activation, parameters, classes };
  }
  const { weights = [], bias = 0, activation = 'linear' } = neuron ?? {};
  return {
    activation,
    parameters: { theta: Float64Array.from(weights), intercepts: Float64Array.of(bias) },
    classes,
  };
}
