import { checkObject, fileName, invalid, refuseUnknown } from '../base/arguments';
import { ThalwegError } from '../base/errors';
import { lazily } from '../base/lazily';
import { openOutputFile, writeWhole } from '../base/output-file';
import { packageVersion } from '../base/package-version';
import type { Device } from '../devices/device';
import { openDevice } from '../devices/open';
import type * as ModelFiles from '../model-files/model-file';
import type * as ModelTexts from '../model-files/model-text';
import type * as Exports from '../model-files/exports';
import type { Model as SavedModel } from '../model-files/model-schema';
import { MODEL_VERSION } from '../model/model-version';
import type { ModelJSON } from '../model/format';
import { learnedOf } from '../model/learned';
import { Model, type Prediction } from '../model/model';
import type * as BlockOutputs from '../predictions/block-outputs';
import { checkPlacement, checkSignal } from '../training/check-objective';
import type * as Blocks from '../tables/encoder/blocks';
import type { Encoder } from '../tables/encoder/encoding';
import type { Reading } from '../tables/encoder/reading';
import type * as Trained from '../tables/encoder/trained';
import type * as OpenSource from '../tables/files/open-source';
import type { Source } from '../tables/files/source';
import { Layer } from './layer';
import { Neuron } from './neuron';
import { Listed, Written } from './sinks';

/* eslint-disable @typescript-eslint/no-require-imports -- loaded at their first use */
const exporting = lazily(() => require('../model-files/exports') as typeof Exports);
const modelFiles = lazily(() => require('../model-files/model-file') as typeof ModelFiles);
const modelTexts = lazily(() => require('../model-files/model-text') as typeof ModelTexts);
const tables = lazily(() => ({
  ...(require('../tables/files/open-source') as typeof OpenSource),
  ...(require('../tables/encoder/trained') as typeof Trained),
  ...(require('../tables/encoder/blocks') as typeof Blocks),
  ...(require('../predictions/block-outputs') as typeof BlockOutputs),
}));
/* eslint-enable @typescript-eslint/no-require-imports */

/** How the rows of a file are predicted. */
export interface PredictTableOptions {
  /** Where; default 'auto'. */
  readonly device?: string | Device;
  /**
   * A file to write the predictions to, as `thalweg predict --output` does: CSV, or JSON lines where it ends in .jsonl or .ndjson.
   * Then none are resolved to.
   */
  readonly output?: string;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/**
 * A model that was loaded from its file.
 *
 * @example
 * ```ts
 * import { Neuron, loadModel, saveModel } from 'thalweg';
 *
 * await saveModel(new Neuron({ weights: [2], bias: 1 }), 'line.json', { features: ['x'] });
 * const model = await loadModel('line.json');
 * console.log(model.predict({ x: 3 })); // { value: 7 }
 * ```
 */
export class LoadedModel extends Model {
  readonly #json: ModelJSON;

  /** @internal Of a model that was checked. */
  static override of(json: ModelJSON): LoadedModel {
    return new LoadedModel(json);
  }

  /**
   * A model is loaded, not made.
   *
   * @param model what its file holds
   */
  protected constructor(model: object) {
    super(model);
    this.#json = model as ModelJSON;
  }

  /**
   * What the model says of each row of a data file, in its order, computed on a device. A model that names no columns takes
   * those of the file in their order.
   *
   * @param files one that `thalweg predict` reads, or several of the same columns
   * @throws {@link ThalwegError} ERR_FILE, ERR_COLUMN, and what devices fail with
   *
   * @example
   * ```ts
   * import { writeFileSync } from 'node:fs';
   * import { Neuron, loadModel, saveModel } from 'thalweg';
   *
   * writeFileSync('new.csv', 'x,name\n3,a\n,b\n');
   * await saveModel(new Neuron({ weights: [2], bias: 1 }), 'line.json', { features: ['x'] });
   * const model = await loadModel('line.json');
   * console.log(await model.predictTable('new.csv')); // [ { value: 7 }, { value: null } ]
   * ```
   */
  async predictTable(
    files: string | readonly string[],
    options: PredictTableOptions = {},
  ): Promise<Prediction[]> {
    checkObject('options', options);
    refuseUnknown(options, ['device', 'output', 'signal'], 'predictTable');
    const names: unknown = typeof files === 'string' ? [files] : files;
    if (!Array.isArray(names) || names.length === 0)
      throw invalid('files', 'the name of a file, or an array of one or more', names);
    for (const name of names as unknown[]) fileName('files', name);
    if (options.output !== undefined) fileName('output', options.output);
    const signal = checkSignal(options.signal);
    const { device: where } = checkPlacement(options);
    const { openSource, blocks, blockOutputs } = tables();
    const learned = learnedOf(this.#json);
    const source = await openSource(names as string[], {}, { signal });
    try {
      const reading = await this.#readingOf(source);
      const into =
        options.output === undefined
          ? new Listed((found) => this.predictionOf(found))
          : await Written.open(learned, options.output, signal);
      const device = typeof where === 'string' ? await openDevice(where) : where;
      try {
        for await (const block of blocks(source, reading)) {
          await into.add(block.used, await blockOutputs(learned, block, device, signal));
        }
        return await into.finish();
      } finally {
        await into.discard();
        if (device !== where) await device.close();
      }
    } finally {
      source.database.close();
    }
  }

  async #readingOf(source: Source): Promise<Reading> {
    const { readingFor, readingInOrder } = tables();
    const { features } = this.#json;
    const { reading } =
      features === undefined
        ? await readingInOrder(source, this.columns.length, 'the model')
        : await readingFor(source, this.#json as Encoder, { withTarget: false });
    return reading;
  }
}

/**
 * The model in a file that {@link saveModel} or `thalweg fit --output` wrote, or `JSON.stringify` of a neuron or a layer.
 *
 * @param path of the file
 * @throws {@link ThalwegError} ERR_FILE where it cannot be read, ERR_MODEL with the `path` of what does not fit
 *
 * @example
 * ```ts
 * import { Layer, loadModel, saveModel } from 'thalweg';
 *
 * const layer = new Layer({ weights: [[1, 0, -1]], activation: 'softmax', classes: ['a', 'b', 'c'] });
 * await saveModel(layer, 'letters.json');
 * console.log((await loadModel('letters.json')).predict([2]).label); // a
 * ```
 */
export async function loadModel(path: string): Promise<LoadedModel> {
  return LoadedModel.of(await modelFiles().readModel(fileName('path', path)));
}

/** What a neuron or a layer does not know of itself. */
export interface SaveOptions {
  /** The names of its inputs, in their order; numbers. Left out: they have none. */
  readonly features?: readonly string[];
  /** The name of what it predicts; default 'target'. With `features` only. */
  readonly target?: string;
}

/**
 * Writes a model's file, whole or not at all: what `thalweg predict`, {@link loadModel} and `thalweg/model` read.
 *
 * @param model what to save
 * @param path of the file, which is replaced
 * @throws {@link ThalwegError} ERR_FILE where it cannot be written, ERR_INVALID_ARGUMENT, ERR_MODEL for names that do not fit
 *
 * @example
 * ```ts
 * import { Neuron, loadModel, saveModel } from 'thalweg';
 *
 * const neuron = new Neuron({ weights: [2, -1], bias: 1 });
 * await saveModel(neuron, 'neuron.json', { features: ['income', 'age'], target: 'spent' });
 * console.log((await loadModel('neuron.json')).explain({ income: 3, age: 1 })); // { parts: { income: 6, age: -1 }, intercept: 1, z: 6 }
 * ```
 */
export async function saveModel(
  model: Neuron | Layer | Model,
  path: string,
  options: SaveOptions = {},
): Promise<void> {
  const file = fileName('path', path);
  const json = modelOf(model, options);
  await writeWhole(() => openOutputFile(file), modelTexts().modelText(json));
}

/**
 * Writes a model for others to use, whole or not at all: as ONNX, as safetensors, as one function of JavaScript, as one
 * SELECT or as PMML.
 *
 * @param model what to export
 * @param path of the file, whose ending says as what: .onnx, .safetensors, .js (.mjs, .cjs), .sql or .pmml
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT for another ending, ERR_MODEL for what the format cannot say: a column that it
 *   cannot read, with its name as `path`, or of PMML an activation; ERR_FILE
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { Neuron, exportModel } from 'thalweg';
 *
 * await exportModel(new Neuron({ weights: [2], bias: 1 }), 'line.sql', { features: ['x'] });
 * console.log(readFileSync('line.sql', 'utf8').includes('AS "prediction"')); // true
 * ```
 */
export async function exportModel(
  model: Neuron | Layer | Model,
  path: string,
  options: SaveOptions = {},
): Promise<void> {
  const { exportFormatOf, exported } = exporting();
  const format = exportFormatOf(fileName('path', path));
  const text = exported(modelOf(model, options), format, path);
  await writeWhole(() => openOutputFile(path), text);
}

/** @internal What the file of a model holds. @throws ThalwegError ERR_INVALID_ARGUMENT, ERR_MODEL */
export function modelOf(model: Neuron | Layer | Model, options: SaveOptions = {}): SavedModel {
  checkNames(options);
  const { checkModel } = modelFiles();
  if (model instanceof Neuron || model instanceof Layer) {
    const about = { format: 'thalweg-model', version: MODEL_VERSION, thalweg: packageVersion() };
    const learned = model instanceof Neuron ? { neuron: model.toJSON() } : { layer: model.toJSON() };
    const columns = options.features === undefined ? learned : withColumns(model, learned, options);
    return checkModel({ ...about, created: new Date().toISOString(), ...columns }, 'the model');
  }
  if (!isModel(model)) throw invalid('model', 'a Neuron, a Layer or what loadModel gave', model);
  if (options.features !== undefined)
    throw invalid('features', 'left out: the model has columns of its own', options.features);
  return checkModel(model.toJSON(), 'the model');
}

/** @throws ThalwegError ERR_INVALID_ARGUMENT */
function checkNames(options: object): void {
  checkObject('options', options);
  refuseUnknown(options, ['features', 'target'], 'a model that is written');
  const { features, target }: { readonly features?: unknown; readonly target?: unknown } = options;
  if (features !== undefined) {
    if (!Array.isArray(features)) throw invalid('features', 'an array of names, one an input', features);
    for (const [at, name] of (features as unknown[]).entries()) named(`features[${at}]`, name);
  }
  if (target === undefined) return;
  named('target', target);
  if (features === undefined)
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      'target goes with features, the names of the inputs: give both, or neither',
      { option: 'target' },
    );
}

function named(option: string, value: unknown): void {
  if (typeof value !== 'string') throw invalid(option, 'a name, which is a text', value);
}

/** Also of `thalweg/model`, where a bundler has made another class of it. */
function isModel(model: unknown): model is Model {
  return typeof model === 'object' && model !== null && 'toJSON' in model && 'predict' in model;
}

/** What it learned, with a column of numbers for each input, and a target that has the names of its classes where it can. */
function withColumns(
  { activation, classes }: Neuron | Layer,
  learned: object,
  { features = [], target: name = 'target' }: SaveOptions,
): object {
  const columns = {
    features: features.map((feature) => ({ name: feature, kind: 'number', mean: 0, scale: 1 })),
    missing: 'drop',
  };
  const isClass = activation === 'softmax' || classes?.length === 2;
  if (!isClass || classes?.every((label) => typeof label === 'string') !== true)
    return { ...columns, target: { name, kind: 'number' }, ...learned };
  const [[kind, fields] = ['neuron', {}]] = Object.entries(learned) as [string, object][];
  return {
    ...columns,
    target: { name, kind: 'category', levels: classes },
    [kind]: { ...fields, classes: undefined },
  };
}
