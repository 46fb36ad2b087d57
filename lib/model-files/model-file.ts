import { readText } from '../base/input-file';
import { ThalwegError } from '../base/errors';
import { requireConsistent } from '../model/consistent';
import type { ModelJSON } from '../model/format';
import type { Label } from '../base/data-types';
import { classesOf } from '../model/learned';
import { modelError } from '../model/model-error';
import { isBare, parsed } from '../model/parse';
import { type Model, modelSchema } from './model-schema';
import { parse } from './parse';

/** A model of the most weights stays below; what is larger is refused before it is read. */
const LARGEST_BYTES = 256 * 2 ** 20;

/**
 * What the file of a model holds, unchecked.
 *
 * @throws ThalwegError `ERR_FILE` where it cannot be read, `ERR_MODEL` where it is no JSON
 */
async function readJson(path: string): Promise<unknown> {
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
  requireConsistent(model, what);
  return model;
}

/**
 * What a file holds that `thalweg fit --output` or `saveModel` wrote, or `JSON.stringify` of a neuron or a layer.
 *
 * @throws ThalwegError `ERR_FILE` where it cannot be read, `ERR_MODEL` at the field that does not fit
 */
export async function readModel(path: string): Promise<ModelJSON> {
  const object = await readJson(path);
  return isBare(object) ? parsed(object, path) : checkModel(object, path);
}

/** What `toJSON` gives of the neuron of a model. @throws ThalwegError `ERR_MODEL` where it holds a layer */
export function neuronOf(model: Model, what: string): NeuronFields {
  const { neuron } = model;
  if (neuron === undefined)
    throw modelError(what, 'layer', 'is of several outputs: read it with Layer.fromJSON');
  return named(neuron, model);
}

type NeuronFields = Named<NonNullable<Model['neuron']>>;

/** What `toJSON` gives of the layer of a model. @throws ThalwegError `ERR_MODEL` where it holds a neuron */
export function layerOf(model: Model, what: string): LayerFields {
  const { layer } = model;
  if (layer === undefined) throw modelError(what, 'neuron', 'is one output: read it with Neuron.fromJSON');
  return named(layer, model);
}

type LayerFields = Named<NonNullable<Model['layer']>>;

type Named<Fields> = Omit<Fields, 'classes'> & { readonly classes?: Label[] };

function named<Fields extends { readonly classes?: Label[] | undefined }>(
  fields: Fields,
  model: Model,
): Named<Fields> {
  const classes = classesOf(model);
  return classes === undefined ? (fields as Named<Fields>) : { ...fields, classes: [...classes] };
}
