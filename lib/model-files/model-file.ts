import { readText } from '../base/input-file';
import { type Feature, width } from '../tables/encoder/encoding';
import { ThalwegError } from '../base/errors';
import { type Model, modelSchema } from './model-schema';
import { modelError, parse } from './parse';

/** A model of the most features of 100 levels stays below; what is larger is refused before it is read. */
const LARGEST_BYTES = 64 * 2 ** 20;

/** The text of a model's file. */
export function modelText(model: Model): string {
  return `${JSON.stringify(model, null, 2)}\n`;
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

/** What `new Neuron` takes of a model: its weights, and the names of its target's classes. */
export function neuronOf({ neuron, target }: Model): Model['neuron'] & { readonly classes?: [Label, Label] } {
  if (target.kind === 'boolean') return { ...neuron, classes: [false, true] };
  return 'levels' in target ? { ...neuron, classes: [...target.levels] } : neuron;
}

type Label = string | boolean;

/** What no field shows alone: lengths that must agree, names that must differ. */
function checkTogether({ features, target, neuron }: Model, path: string): void {
  const names = new Set<string>([target.name]);
  for (const [index, feature] of features.entries()) {
    const place = `features[${index}]`;
    if (names.has(feature.name)) {
      throw modelError(path, `${place}.name`, 'stands twice');
    }
    names.add(feature.name);
    checkLevels(feature, path, place);
  }
  const columns = width(features);
  if (neuron.weights.length !== columns) {
    throw modelError(
      path,
      'neuron.weights',
      `must have ${columns} numbers, one a column, not ${neuron.weights.length}`,
    );
  }
  if ('levels' in target && target.levels[0] === target.levels[1]) {
    throw modelError(path, 'target.levels', 'must be two different texts');
  }
}

function checkLevels(feature: Feature, path: string, place: string): void {
  if (feature.kind !== 'category') {
    return;
  }
  const { levels, leftOut, means, scales } = feature;
  if (new Set([leftOut, ...levels]).size !== levels.length + 1) {
    throw modelError(path, `${place}.levels`, 'has a level twice');
  }
  for (const [name, numbers] of [
    ['means', means],
    ['scales', scales],
  ] as const) {
    if (numbers.length !== levels.length) {
      throw modelError(
        path,
        `${place}.${name}`,
        `must have ${levels.length} numbers, one a level, not ${numbers.length}`,
      );
    }
  }
}
