import { checkObject, integer, invalid, refuseUnknown, zeros } from '../base/arguments';
import type { HostMatrix, Label, LayerParameters, VectorLike } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { lazily } from '../base/lazily';
import type { MatrixLike } from '../devices/device';
import type { Descent } from '../engine/descent';
import { sampleOf } from '../engine/ranks';
import { type Ranks, overRanks, worldOf } from '../mpi/world';
import { type Rows, rowsOf, shapeOf, targetsOf } from '../engine/operands';
import { whenCounted } from '../rows/block-rows';
import { otherWidth, outputs } from '../engine/outputs';
import type * as ModelFiles from '../model-files/model-file';
import type { LayerActivationName } from '../objective/activations';
import { activated } from '../objective/forward';
import { type Floats, denseRows, refuseNotFinite, smallVector } from '../rows/rows';
import { fit, score } from '../training/estimator';
import { checkLayerActivation, checkPlacement, checkSignal, given } from '../training/check-objective';
import { type FitOptions, type PredictOptions, type ScoreOptions } from '../training/options';
import {
  byClass,
  checkPredictOptions,
  checkedTargets,
  goingOn,
  labelsOf,
  noJSON,
  requireLabels,
  scoreValue,
  scoreWeights,
  warnIfNotConverged,
  withTargets,
} from './common';
import { type Classes, type Targets, checkClasses, classesOf, numbersOf, requireClasses } from './labels';

/** Targets of a layer: m×K numbers; of softmax m labels, each a number from 0 to K − 1 or the name of its class. */
export type LayerTargets = Targets | MatrixLike;

/** m rows of K values. */
export interface Outputs {
  /** m·K values, row by row. */
  readonly data: Float64Array;
  /** [m, K] */
  readonly shape: [rows: number, outputs: number];
}

/** The weights of a layer. */
export interface LayerWeights {
  /** n·K values, feature by feature. */
  readonly data: Float64Array;
  /** [n, K] */
  readonly shape: [inputs: number, outputs: number];
}

/** How a layer begins: with its weights, or with counts of inputs and outputs and weights of 0. */
export type LayerOptions = (
  | {
      /** W, n rows of K values, one an output. */
      readonly weights: HostMatrix;
      /** Not beside `weights`. */
      readonly inputs?: undefined;
      /** Not beside `weights`. */
      readonly outputs?: undefined;
    }
  | {
      /** n, 1 to 2³² − 1. */
      readonly inputs: number;
      /** K, 1 to 2³² − 1; of softmax at least 2. */
      readonly outputs: number;
      /** Not beside `inputs`. */
      readonly weights?: undefined;
    }
) & {
  /** b, K values; default 0. */
  readonly biases?: VectorLike;
  /** φ; default 'linear'. */
  readonly activation?: LayerActivationName;
  /** The names of the outputs, K of them; of softmax those of the classes, of one sigmoid those of 0 and 1. */
  readonly classes?: readonly Label[];
};

/** A layer as JSON. */
export interface LayerJSON {
  /** W, n rows of K values. */
  readonly weights: number[][];
  /** b, K values. */
  readonly biases: number[];
  /** φ */
  readonly activation: LayerActivationName;
  /** The names of the outputs, where they have any. */
  readonly classes?: [zero: Label, one: Label, ...more: Label[]];
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const modelFiles = lazily(() => require('../model-files/model-file') as typeof ModelFiles);

const optionNames = ['weights', 'inputs', 'outputs', 'biases', 'activation', 'classes'];

/**
 * K neurons over the same n inputs: φ(xW + b), with softmax the probabilities of K classes.
 *
 * @example
 * ```ts
 * import { Layer } from 'thalweg';
 *
 * const layer = new Layer({ weights: [[1, 0, -1]], biases: [0, 0.5, 0], activation: 'softmax' });
 * console.log([...layer.output([2])].map((share) => share.toFixed(3))); // [ '0.806', '0.180', '0.015' ]
 * ```
 */
export class Layer {
  /** φ */
  readonly activation: LayerActivationName;
  #weights: Float64Array;
  #biases: Float64Array;
  #classes: Classes | undefined;

  /**
   * A layer that has its weights, or is yet to learn them.
   *
   * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT, ERR_SHAPE, ERR_NOT_FINITE, ERR_OUT_OF_MEMORY
   */
  constructor(options: LayerOptions) {
    checkObject('options', options);
    refuseUnknown(options, optionNames, 'Layer');
    this.activation = checkLayerActivation(options.activation);
    const [weights, count] = weightsFrom(options);
    this.#weights = weights;
    this.#biases =
      given(options.biases, (biases) => smallVector('biases', biases as VectorLike)) ??
      new Float64Array(count);
    if (this.#biases.length !== count) {
      throw new ThalwegError(
        'ERR_SHAPE',
        `biases has ${this.#biases.length} values, and there are ${count} outputs`,
        {
          option: 'biases',
        },
      );
    }
    if (this.activation === 'softmax' && count < 2) {
      throw new ThalwegError(
        'ERR_INVALID_ARGUMENT',
        "softmax tells 2 classes or more apart: give it as many outputs, or take activation 'sigmoid' with one",
        { option: 'outputs' },
      );
    }
    this.#classes = given(options.classes, (classes) => checkClasses(classes, this.#classCount()));
  }

  /** n */
  get inputs(): number {
    return this.#weights.length / this.outputs;
  }

  /** K */
  get outputs(): number {
    return this.#biases.length;
  }

  /** W, n rows of K values, a copy. */
  get weights(): LayerWeights {
    return { data: this.#weights.slice(), shape: [this.inputs, this.outputs] };
  }

  /** b, K values, a copy. */
  get biases(): Float64Array {
    return this.#biases.slice();
  }

  /** The names of the outputs; undefined where they have none. */
  get classes(): readonly Label[] | undefined {
    return this.#classes;
  }

  /**
   * The K outputs of one input, at once.
   *
   * @param x n values
   * @throws {@link ThalwegError} ERR_SHAPE, ERR_NOT_FINITE, ERR_INVALID_ARGUMENT
   *
   * @example
   * ```ts
   * import { Layer } from 'thalweg';
   *
   * console.log(new Layer({ weights: [[1, 10], [2, 20]], biases: [3, 4] }).output([10, 100])); // Float64Array(2) [ 213, 2104 ]
   * ```
   */
  output(x: VectorLike): Float64Array {
    const values = smallVector('x', x);
    const { inputs, outputs: count } = this;
    if (values.length !== inputs) throw otherWidth('x', values.length, inputs, 'layer');
    const z = this.#biases.slice();
    for (const [j, value] of values.entries()) {
      for (let k = 0; k < count; k += 1)
        z[k] = (z[k] as number) + (this.#weights[j * count + k] as number) * value;
    }
    return activated(z, this.activation);
  }

  /**
   * The outputs of many inputs.
   *
   * @param X m×n; it may not be changed until the promise settles
   * @returns m rows of K outputs
   * @throws as {@link batchGradientDescent}, but for ERR_DIVERGED
   *
   * @example
   * ```ts
   * import { Layer } from 'thalweg';
   *
   * const layer = new Layer({ weights: [[1, 10], [2, 20]], biases: [3, 4] });
   * console.log(await layer.predict([[0, 0], [10, 100]])); // { data: Float64Array(4) [ 3, 4, 213, 2104 ], shape: [ 2, 2 ] }
   * ```
   */
  async predict(X: MatrixLike, options: PredictOptions = {}): Promise<Outputs> {
    checkPredictOptions(options, 'predict');
    const signal = checkSignal(options.signal);
    const parameters = this.#parameters();
    const placement = checkPlacement(options);
    return await whenCounted(X, options, async (counted) => {
      const rows = this.#rowsOf(counted);
      const data = await outputs(rows, parameters, this.activation, placement, signal);
      return { data, shape: [shapeOf(rows)[0], this.outputs] };
    });
  }

  /**
   * The number of the largest output of each input, the first of equals; of one sigmoid whether it is ½ or more.
   * `layer.classes?.[label]` is its name.
   *
   * @param X m×n; it may not be changed until the promise settles
   * @returns m numbers from 0 to K − 1
   * @throws as {@link Layer.predict}; ERR_INVALID_ARGUMENT of a single output that is no sigmoid
   *
   * @example
   * ```ts
   * import { Layer } from 'thalweg';
   *
   * const layer = new Layer({ weights: [[1, 0, -1]], biases: [0, 0.5, 0], activation: 'softmax' });
   * console.log(await layer.predictLabels([[2], [0], [-2]])); // Int32Array(3) [ 0, 1, 2 ]
   * ```
   */
  async predictLabels(X: MatrixLike, options: PredictOptions = {}): Promise<Int32Array> {
    requireLabels(this.outputs, this.activation);
    const { data } = await this.predict(X, options);
    return labelsOf(data, this.outputs);
  }

  #parameters(): LayerParameters {
    return { theta: this.#weights, intercepts: this.#biases };
  }

  /** Refuses X of another width before it is copied. */
  #rowsOf(X: MatrixLike): Rows {
    const rows = rowsOf('X', X);
    const [, columns] = shapeOf(rows);
    if (columns !== this.inputs) throw otherWidth('X', columns, this.inputs, 'layer');
    return rows;
  }

  /** How many names there are: an output's each, but of one sigmoid those of its two classes. */
  #classCount(): number {
    return this.outputs === 1 && this.activation === 'sigmoid' ? 2 : this.outputs;
  }

  /** The names that targets have: only of softmax and of one sigmoid a target is the name of a class. */
  #classesOf(y: LayerTargets): Classes | undefined {
    const isClass = this.activation === 'softmax' || this.outputs < this.#classCount();
    return isClass ? (this.#classes ?? classesOf('y', y, this.#classCount())) : undefined;
  }

  /**
   * Trains the layer from weights of zero (or `initialTheta`, n·K values, feature by feature) and keeps the weights found.
   * A failed or cancelled fit leaves the layer as it was.
   *
   * @param X m×n; neither X nor y may be changed until the promise settles
   * @param y m×K; of softmax m labels: numbers from 0 to K − 1, or the names in `classes`, or K texts in the order of
   *   their characters
   * @returns the descent; its theta and intercept apply to raw features, also with `standardize`
   * @throws as {@link Neuron.fit}
   *
   * @example
   * ```ts
   * import { Layer } from 'thalweg';
   *
   * const layer = new Layer({ inputs: 1, outputs: 3, activation: 'softmax' });
   * const hours = [[1], [2], [3], [4], [5], [6]];
   * const grades = ['c', 'c', 'b', 'b', 'a', 'a'];
   * const options = { strategy: 'batch', learningRate: 'auto', iterations: 1000, standardize: true } as const;
   * await layer.fit(hours, grades, options);
   * console.log(layer.classes, await layer.predictLabels([[0], [7]])); // [ 'a', 'b', 'c' ] Int32Array(2) [ 2, 0 ]
   * ```
   */
  async fit(X: MatrixLike, y: LayerTargets, options: FitOptions = {}): Promise<Descent> {
    return await overRanks(worldOf(options), (ranks) =>
      whenCounted(X, options, (counted) => this.#fit(counted, y, options, ranks)),
    );
  }

  async #fit(
    X: MatrixLike,
    y: LayerTargets,
    options: FitOptions,
    ranks: Ranks | undefined,
  ): Promise<Descent> {
    const classes = this.#classesOf(y);
    if (ranks !== undefined) requireClasses(this.#classes, classes);
    const trained = { activation: this.activation, outputs: this.outputs };
    const sample = sampleOf(
      ranks,
      X,
      () => targetsOf('y', numbersOf(y, classes)),
      () => this.#rowsOf(X),
    );
    const asked = withTargets(byClass(options, classes), classes);
    const { descent, notConverged } = await fit(trained, sample.X, sample.y, asked, { ranks });
    warnIfNotConverged(notConverged);
    this.#weights = descent.theta.slice();
    this.#biases = descent.intercepts.slice();
    this.#classes ??= classes;
    return descent;
  }

  /**
   * Trains the layer further, from the weights that it has: a {@link Layer.fit} that begins there. What an optimiser kept and
   * the order of rows begin anew; `resumeFrom` goes on with these too.
   *
   * @param X m×n; neither X nor y may be changed until the promise settles
   * @param y as for `fit`; labels need not all be there where `classes` names them
   * @returns the descent; its theta and intercept apply to raw features, also with `standardize`
   * @throws as {@link Layer.fit}
   *
   * @example
   * ```ts
   * import { Layer } from 'thalweg';
   *
   * const layer = new Layer({ inputs: 1, outputs: 2 });
   * const options = { strategy: 'stochastic', learningRate: 0.02, epochs: 100, seed: 1 } as const;
   * await layer.partialFit([[1], [2]], [[3, -1], [5, -2]], options);
   * await layer.partialFit([[3], [4]], [[7, -3], [9, -4]], options);
   * console.log([...layer.output([5])].map(Math.round)); // [ 11, -5 ]
   * ```
   */
  async partialFit(X: MatrixLike, y: LayerTargets, options: FitOptions = {}): Promise<Descent> {
    return await this.fit(X, y, goingOn(options, 'layer', this.#parameters()));
  }

  /**
   * How well the layer predicts y: of softmax the share of rows whose largest output is that of their class; of sigmoids
   * the share of rows whose outputs are all on the side of ½ that their targets are on; otherwise the mean of the outputs'
   * R², as in scikit-learn.
   *
   * @param X m×n; neither X nor y may be changed until the promise settles
   * @param y as of {@link Layer.fit}
   * @throws as {@link Layer.predict}; ERR_NOT_FINITE where outputs are too large for a score
   *
   * @example
   * ```ts
   * import { Layer } from 'thalweg';
   *
   * const layer = new Layer({ weights: [[1, 0, -1]], activation: 'softmax' });
   * console.log(await layer.score([[2], [-2], [3]], [0, 2, 1])); // 0.666…
   * ```
   */
  async score(X: MatrixLike, y: LayerTargets, options: ScoreOptions = {}): Promise<number> {
    return await whenCounted(X, options, (counted) => this.#score(counted, y, options));
  }

  async #score(X: MatrixLike, y: LayerTargets, options: ScoreOptions): Promise<number> {
    const rows = this.#rowsOf(X);
    const weights = await scoreWeights(options, shapeOf(rows)[0]);
    const targets = checkedTargets(numbersOf(y, this.#classesOf(y)));
    const blocks = [{ X: rows, y: targets, weights }];
    const signal = checkSignal(options.signal);
    return scoreValue(
      await score(this.activation, this.#parameters(), blocks, checkPlacement(options), signal),
    );
  }

  /** What `JSON.stringify` writes, and {@link Layer.fromJSON} reads. */
  toJSON(): LayerJSON {
    const { inputs, outputs: count } = this;
    const weights = Array.from({ length: inputs }, (_, j) => [
      ...this.#weights.subarray(j * count, (j + 1) * count),
    ]);
    const layer = { weights, biases: [...this.#biases], activation: this.activation };
    return this.#classes === undefined ? layer : { ...layer, classes: [...this.#classes] };
  }

  /**
   * The layer that `toJSON` described, or that of a model that `thalweg fit --output` wrote: its weights are for the columns
   * of X that the model's features become, in their order.
   *
   * @param object what `JSON.parse` gives
   * @throws {@link ThalwegError} ERR_MODEL, with the `path` of what does not fit
   *
   * @example
   * ```ts
   * import { Layer } from 'thalweg';
   *
   * const text = '{"weights":[[1,10],[2,20]],"biases":[3,4],"activation":"linear"}';
   * console.log(Layer.fromJSON(JSON.parse(text)).output([10, 100])); // Float64Array(2) [ 213, 2104 ]
   * ```
   */
  static fromJSON(object: unknown): Layer {
    try {
      checkObject('the layer', object);
      if ('format' in object) return new Layer(layerIn(object));
      refuseUnknown(object, ['weights', 'biases', 'activation', 'classes'], 'a layer');
      const { weights, biases, activation, classes } = object as LayerJSON;
      if (!Array.isArray(weights)) throw invalid('weights', 'an array of rows', weights);
      if (!Array.isArray(biases)) throw invalid('biases', 'an array of numbers', biases);
      return new Layer({
        weights,
        biases,
        activation: checkLayerActivation(activation),
        ...(classes === undefined ? {} : { classes }),
      });
    } catch (cause) {
      if (!(cause instanceof ThalwegError) || cause.code === 'ERR_MODEL') throw cause;
      throw noJSON('layer', cause);
    }
  }
}

/** W and the count of outputs. */
function weightsFrom(options: LayerOptions): [weights: Float64Array, outputs: number] {
  if ((options.weights === undefined) === (options.inputs === undefined)) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      'a Layer needs either weights or counts of inputs and outputs',
      { option: 'weights' },
    );
  }
  if (options.weights === undefined) {
    const inputs = integer('inputs', options.inputs, 1, 0xffff_ffff);
    const count = integer('outputs', options.outputs, 1, 0xffff_ffff);
    return [zeros('outputs', inputs * count), count];
  }
  if ((options as { readonly outputs?: unknown }).outputs !== undefined) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      'the weights tell how many outputs there are: leave outputs out',
      {
        option: 'outputs',
      },
    );
  }
  const rows = denseRows('weights', options.weights);
  if (rows === undefined) throw invalid('weights', 'an array of rows, or { data, shape }', options.weights);
  const weights = zeros('weights', rows.rows * rows.columns);
  let at = 0;
  for (const block of rows.blocks() as Iterable<Floats>) {
    refuseNotFinite('weights', block, rows.columns, at / rows.columns);
    weights.set(block, at);
    at += block.length;
  }
  return [weights, rows.columns];
}

/** The layer of a model's file. */
function layerIn(object: object): LayerJSON {
  const { checkModel, layerOf } = modelFiles();
  return layerOf(checkModel(object, 'the model'), 'the model') as LayerJSON;
}
