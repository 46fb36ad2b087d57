import { readText } from '../base/input-file';
import { type Feature, width } from '../tables/encoder/encoding';
import type { LayerParameters } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import type { LayerActivationName } from '../objective/activations';
import { type Model, modelSchema } from './model-schema';
import { modelError, parse } from './parse';

/** A model of the most weights stays below; what is larger is refused before it is read. */
const LARGEST_BYTES = 256 * 2 ** 20;

/** More than so many would be a line each for nobody. */
const MOST_LINES = 100_000;

/** The text of a model's file. */
export function modelText(model: Model): string {
  const weights = (model.layer?.weights ?? []).reduce((sum, row) => sum + row.length, 0);
  return `${weights > MOST_LINES ? JSON.stringify(model) : JSON.stringify(model, null, 2)}\n`;
}

/**
 * What the file of a model holds, unchecked.
 *
 * @throws ThalwegError `ERR_FILE` where it cannot be read, `ERR_MODEL` where it is no JSON
 */
export async function readJson(path: string): Promise<unknown> {
  const text = await readText(path, {
    what: 'model',
    largest: LARGEST_BYTES,
    tooLarge: (bytes) =>
      new ThalwegError(
        'ERR_MODEL',
        `${path} has ${bytes} bytes, more than any model (${LARGEST_BYTES}). Give a file that thalweg fit --output wrote.`,
        { path },
      ),
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ThalwegError(
      'ERR_MODEL',
      `${path} is not JSON (${(cause as Error).message}). Give a file that thalweg fit --output wrote.`,
      {
        path,
        cause,
      },
    );
  }
}

/**
 * Checks every field of a model.
 *
 * @param what names it in messages
 * @throws ThalwegError `ERR_MODEL` at the field that does not fit
 */
export function checkModel(object: unknown, what: string): Model {
  const model = parse(modelSchema, object, what);
  checkTogether(model, what);
  return model;
}

type Label = string | boolean | number;

/** What a model has learned, whatever columns it reads. */
export interface Learned {
  readonly activation: LayerActivationName;
  readonly parameters: LayerParameters;
  /** What the targets 0, 1, … are, where they have names. */
  readonly classes: readonly Label[] | undefined;
}

/** The names of the classes of a model's target. */
export function classesOf({ target }: Pick<Model, 'target'>): readonly Label[] | undefined {
  if (target.kind === 'boolean') return [false, true];
  return 'levels' in target ? target.levels : undefined;
}

/** What a model has learned. */
export function learnedOf(model: Model): Learned {
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

/** What `toJSON` gives of the neuron of a model. @throws ThalwegError `ERR_MODEL` where it holds a layer */
export function neuronOf(
  model: Model,
  what: string,
): NonNullable<Model['neuron']> & { readonly classes?: [Label, Label] } {
  const { neuron } = model;
  if (neuron === undefined)
    throw modelError(what, 'layer', 'is of several outputs: read it with Layer.fromJSON');
  const classes = classesOf(model);
  return classes === undefined ? neuron : { ...neuron, classes: [...classes] as [Label, Label] };
}

/** What `toJSON` gives of the layer of a model. @throws ThalwegError `ERR_MODEL` where it holds a neuron */
export function layerOf(
  model: Model,
  what: string,
): NonNullable<Model['layer']> & { readonly classes?: Label[] } {
  const { layer } = model;
  if (layer === undefined) throw modelError(what, 'neuron', 'is one output: read it with Neuron.fromJSON');
  const classes = classesOf(model);
  return classes === undefined ? layer : { ...layer, classes: [...classes] };
}

/** What no field shows alone: lengths that must agree, names that must differ. */
function checkTogether(model: Model, path: string): void {
  const { features, target, neuron, layer } = model;
  const names = new Set<string>([target.name]);
  for (const [index, feature] of features.entries()) {
    const place = `features[${index}]`;
    if (names.has(feature.name)) {
      throw modelError(path, `${place}.name`, 'stands twice');
    }
    names.add(feature.name);
    checkLevels(feature, path, place);
  }
  if ((neuron === undefined) === (layer === undefined)) {
    throw modelError(path, 'neuron', neuron === undefined ? 'is missing' : 'stands beside a layer');
  }
  const columns = width(features);
  checkCount(path, neuron === undefined ? 'layer.weights' : 'neuron.weights', {
    is: (neuron ?? layer)?.weights.length ?? 0,
    must: columns,
    each: 'a column',
  });
  if (layer !== undefined) checkLayer(layer, path);
  const levels: readonly unknown[] | undefined = 'levels' in target ? target.levels : undefined;
  if (levels !== undefined) checkClasses(levels, layer?.biases.length ?? 2, path);
}

function checkCount(
  path: string,
  field: string,
  {
    is,
    must,
    each,
  }: { readonly is: number; readonly must: number; readonly each: `${'a' | 'an'} ${string}` },
): void {
  if (is === must) return;
  throw modelError(path, field, `must have ${must} numbers, one ${each}, not ${is}`);
}

function checkLayer({ weights, biases, activation }: NonNullable<Model['layer']>, path: string): void {
  const least = activation === 'softmax' ? 2 : 1;
  if (biases.length < least) throw modelError(path, 'layer.biases', `must have at least ${least} numbers`);
  for (const [row, { length }] of weights.entries()) {
    checkCount(path, `layer.weights[${row}]`, { is: length, must: biases.length, each: 'an output' });
  }
}

function checkClasses(levels: readonly unknown[], count: number, path: string): void {
  if (levels.length !== count) {
    throw modelError(path, 'target.levels', `must be ${count}, not ${levels.length}`);
  }
  if (new Set(levels).size !== count) {
    throw modelError(path, 'target.levels', 'must all be different');
  }
}

function checkLevels(feature: Feature, path: string, place: string): void {
  if (feature.kind !== 'category') {
    return;
  }
  const { levels, leftOut, means, scales } = feature;
  const known = new Set([leftOut, ...levels]);
  if (known.size !== levels.length + 1) {
    throw modelError(path, `${place}.levels`, 'has a level twice');
  }
  for (const name of ['fill', 'other'] as const) {
    const level = feature[name];
    if (level !== undefined && !known.has(level))
      throw modelError(path, `${place}.${name}`, 'is no level of it');
  }
  for (const [name, numbers] of [
    ['means', means],
    ['scales', scales],
  ] as const) {
    checkCount(path, `${place}.${name}`, { is: numbers.length, must: levels.length, each: 'a level' });
  }
}
