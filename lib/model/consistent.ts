import { type Feature, width } from './features';
import type { ModelJSON } from './format';
import { modelError } from './model-error';

/**
 * Checks what no field of a model shows alone: lengths that must agree, names that must differ.
 *
 * @param what names the model in messages
 * @throws ThalwegError `ERR_MODEL` at the field that does not fit
 */
export function requireConsistent(model: ModelJSON, what: string): void {
  const { features, target, missing, neuron, layer, sparse } = model;
  if ((neuron === undefined) === (layer === undefined)) {
    throw modelError(what, 'neuron', neuron === undefined ? 'is missing' : 'stands beside a layer');
  }
  const columnFields = { features, target, missing };
  const absent = Object.entries(columnFields).find(([, value]) => value === undefined)?.[0];
  if (features === undefined) {
    if (target !== undefined || missing !== undefined) throw modelError(what, 'features', 'is missing');
  } else {
    if (absent !== undefined) throw modelError(what, absent, 'is missing');
    requireFeatures(features, target?.name, what);
    if (sparse === true && features.some(({ kind }) => kind !== 'number'))
      throw modelError(what, 'sparse', 'is for columns of numbers');
    requireCount(what, neuron === undefined ? 'layer.weights' : 'neuron.weights', {
      is: (neuron ?? layer)?.weights.length ?? 0,
      must: width(features),
      each: 'a column',
    });
  }
  if (layer !== undefined) requireLayer(layer, what);
  else if (neuron?.weights.length === 0) throw modelError(what, 'neuron.weights', 'must have a number');
  requireClasses(model, what);
}

function requireFeatures(features: readonly Feature[], target: string | undefined, what: string): void {
  const names = new Set<string | undefined>([target]);
  for (const [index, feature] of features.entries()) {
    const place = `features[${index}]`;
    if (names.has(feature.name)) throw modelError(what, `${place}.name`, 'stands twice');
    names.add(feature.name);
    requireLevels(feature, what, place);
  }
}

function requireCount(
  what: string,
  field: string,
  {
    is,
    must,
    each,
  }: { readonly is: number; readonly must: number; readonly each: `${'a' | 'an'} ${string}` },
): void {
  if (is === must) return;
  throw modelError(what, field, `must have ${must} numbers, one ${each}, not ${is}`);
}

function requireLevels(feature: Feature, what: string, place: string): void {
  if (feature.kind !== 'category') return;
  const { levels, leftOut, means, scales } = feature;
  const known = new Set([leftOut, ...levels]);
  if (known.size !== levels.length + 1) {
    throw modelError(what, `${place}.levels`, 'has a level twice');
  }
  for (const name of ['fill', 'other'] as const) {
    const level = feature[name];
    if (level !== undefined && !known.has(level))
      throw modelError(what, `${place}.${name}`, 'is no level of it');
  }
  for (const [name, numbers] of [
    ['means', means],
    ['scales', scales],
  ] as const) {
    requireCount(what, `${place}.${name}`, { is: numbers.length, must: levels.length, each: 'a level' });
  }
}

function requireLayer({ weights, biases, activation }: NonNullable<ModelJSON['layer']>, what: string): void {
  const least = activation === 'softmax' ? 2 : 1;
  if (biases.length < least) throw modelError(what, 'layer.biases', `must have at least ${least} numbers`);
  if (weights.length === 0) throw modelError(what, 'layer.weights', 'must have a row');
  for (const [row, { length }] of weights.entries()) {
    requireCount(what, `layer.weights[${row}]`, { is: length, must: biases.length, each: 'an output' });
  }
}

/** The names of outputs: as many as there are, but of one output those of 0 and 1. */
function requireClasses({ target, neuron, layer }: ModelJSON, what: string): void {
  const outputs = layer?.biases.length ?? 1;
  const isPair = outputs === 1 && (layer === undefined || layer.activation === 'sigmoid');
  const count = isPair ? 2 : outputs;
  const classes = (neuron ?? layer)?.classes;
  const field = `${neuron === undefined ? 'layer' : 'neuron'}.classes`;
  for (const [place, labels] of [
    ['target.levels', target?.levels],
    [field, classes],
  ] as const) {
    if (labels === undefined) continue;
    if (labels.length !== count) throw modelError(what, place, `must be ${count}, not ${labels.length}`);
    // Probabilities go by the names as texts.
    if (new Set(labels.map(String)).size !== count)
      throw modelError(what, place, 'must all be different as texts');
  }
  if (classes !== undefined && target?.levels !== undefined)
    throw modelError(what, field, 'stands beside the levels of the target');
}
