import { checkObject, finite, integer, invalid, oneOf, refuseUnknown, zeros } from '../base/arguments';
import type { Label, LayerParameters, VectorLike } from '../base/data-types';
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
import { type Activation, type ActivationName, activations } from '../objective/activations';
import { smallVector } from '../rows/rows';
import { fit, score } from '../training/estimator';
import { checkActivation, checkPlacement, checkSignal, given } from '../training/check-objective';
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

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const modelFiles = lazily(() => require('../model-files/model-file') as typeof ModelFiles);

/** How a neuron begins: with its weights, or with a count of inputs and weights of 0. */
export type NeuronOptions = (
  | {
      /** w, n values, n at least 1. */
      readonly weights: VectorLike;
      /** Not beside `weights`. */
      readonly inputs?: undefined;
    }
  | {
      /** n, 1 to 2³² − 1: weights of 0. */
      readonly inputs: number;
      /** Not beside `inputs`. */
      readonly weights?: undefined;
    }
) & {
  /** b; default 0. */
  readonly bias?: number;
  /** φ; default 'linear'. */
  readonly activation?: ActivationName;
  /** What the targets 0 and 1 stand for, where they have names: `['no', 'yes']`. */
  readonly classes?: Classes;
};

/** A neuron as JSON. */
export interface NeuronJSON {
  /** w, n values. */
  readonly weights: number[];
  /** b */
  readonly bias: number;
  /** φ */
  readonly activation: ActivationName;
  /** What the targets 0 and 1 stand for, where they have names. */
  readonly classes?: [zero: Label, one: Label, ...more: Label[]];
}

/**
 * One neuron: φ(w·x + b).
 *
 * @example
 * ```ts
 * import { Neuron } from 'thalweg';
 *
 * const neuron = new Neuron({ weights: [0.5, -0.5], bias: 0, activation: 'sigmoid' });
 * console.log(neuron.output([1, 2])); // 0.3775…
 * console.log(JSON.stringify(neuron)); // {"weights":[0.5,-0.5],"bias":0,"activation":"sigmoid"}
 * ```
 */
export class Neuron {
  /** φ */
  readonly activation: ActivationName;
  #weights: Float64Array;
  #bias: number;
  #classes: Classes | undefined;
  /** Whether somebody chose φ. */
  readonly #isChosen: boolean;

  /**
   * A neuron that has its weights, or is yet to learn them.
   *
   * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT, ERR_NOT_FINITE, ERR_OUT_OF_MEMORY
   */
  constructor(options: NeuronOptions) {
    checkObject('options', options);
    refuseUnknown(options, ['weights', 'inputs', 'bias', 'activation', 'classes'], 'Neuron');
    if ((options.weights === undefined) === (options.inputs === undefined)) {
      throw new ThalwegError('ERR_INVALID_ARGUMENT', 'a Neuron needs either weights or a count of inputs', {
        option: 'weights',
      });
    }
    this.#weights =
      options.weights === undefined
        ? zeros('inputs', integer('inputs', options.inputs, 1, 0xffff_ffff))
        : smallVector('weights', options.weights);
    if (this.#weights.length === 0) throw invalid('weights', 'at least one number', options.weights);
    this.#bias = given(options.bias, (value) => finite('bias', value)) ?? 0;
    this.activation = checkActivation(options.activation);
    this.#isChosen = options.activation !== undefined;
    this.#classes = given(options.classes, (classes) => checkClasses(classes));
  }

  /** w, n values, a copy. */
  get weights(): Float64Array {
    return this.#weights.slice();
  }

  /** b */
  get bias(): number {
    return this.#bias;
  }

  /** What the targets 0 and 1 stand for; undefined where they are numbers. */
  get classes(): Classes | undefined {
    return this.#classes;
  }

  /** φ, callable, with its derivative. */
  get phi(): Activation {
    return activations[this.activation];
  }

  /**
   * φ(w·x + b) of one input, at once.
   *
   * @param x n values
   * @throws {@link ThalwegError} ERR_SHAPE, ERR_NOT_FINITE, ERR_INVALID_ARGUMENT
   *
   * @example
   * ```ts
   * import { Neuron } from 'thalweg';
   *
   * console.log(new Neuron({ weights: [1, 2], bias: 3 }).output([10, 100])); // 213
   * ```
   */
  output(x: VectorLike): number {
    const values = smallVector('x', x);
    this.#checkInputs('x', values.length);
    let z = this.#bias;
    for (let j = 0; j < values.length; j += 1) z += (this.#weights[j] as number) * (values[j] as number);
    return this.phi(z);
  }

  #parameters(): LayerParameters {
    return { theta: this.#weights, intercepts: Float64Array.of(this.#bias) };
  }

  #checkInputs(option: string, columns: number): void {
    if (columns !== this.#weights.length) throw otherWidth(option, columns, this.#weights.length);
  }

  /**
   * The outputs of many inputs, one a row.
   *
   * @param X m×n; it may not be changed until the promise settles
   * @returns m values φ(xᵢ·w + b)
   * @throws as {@link batchGradientDescent}, but for ERR_DIVERGED
   *
   * @example
   * ```ts
   * import { Neuron } from 'thalweg';
   *
   * const neuron = new Neuron({ weights: [1, 2], bias: 3 });
   * console.log(await neuron.predict([[0, 0], [10, 100]])); // Float64Array(2) [ 3, 213 ]
   * ```
   */
  async predict(X: MatrixLike, options: PredictOptions = {}): Promise<Float64Array> {
    checkPredictOptions(options, 'predict');
    const signal = checkSignal(options.signal);
    const parameters = this.#parameters();
    const placement = checkPlacement(options);
    return await whenCounted(X, options, (counted) =>
      outputs(rowsOf('X', counted), parameters, this.activation, placement, signal),
    );
  }

  /**
   * The class of each input, for a sigmoid: 1 where its output is ½ or more, otherwise 0. `neuron.classes?.[label]` is its
   * name.
   *
   * @param X m×n; it may not be changed until the promise settles
   * @returns m numbers, 0 or 1
   * @throws as {@link Neuron.predict}; ERR_INVALID_ARGUMENT of another activation, whose outputs stand for no class
   *
   * @example
   * ```ts
   * import { Neuron } from 'thalweg';
   *
   * const neuron = new Neuron({ weights: [1], activation: 'sigmoid', classes: ['no', 'yes'] });
   * const labels = await neuron.predictLabels([[-2], [3]]);
   * console.log(labels, neuron.classes?.[labels[1] ?? 0]); // Int32Array(2) [ 0, 1 ] yes
   * ```
   */
  async predictLabels(X: MatrixLike, options: PredictOptions = {}): Promise<Int32Array> {
    requireLabels(1, this.activation);
    return labelsOf(await this.predict(X, options), 1);
  }

  /** A straight line through classes is nothing that anybody should get unasked. */
  #requireChosen(): void {
    if (this.#isChosen) return;
    const message =
      "y are classes, and the neuron has no activation but linear by default: new Neuron({ …, activation: 'sigmoid' }) " +
      "learns how likely the second is; name 'linear' for a line through 0 and 1";
    throw new ThalwegError('ERR_INVALID_ARGUMENT', message, { option: 'activation' });
  }

  /** Refuses X of another width before it is copied. */
  #rowsOf(X: MatrixLike): Rows {
    const rows = rowsOf('X', X);
    this.#checkInputs('X', shapeOf(rows)[1]);
    return rows;
  }

  /**
   * Trains the neuron from weights of zero (or `initialTheta`) and keeps the weights found: by itself to the optimum, on
   * standardized features. A failed or cancelled fit leaves the neuron as it was. One that ends on a limit before it has
   * converged warns: `process.emitWarning` with the code THALWEG_NOT_CONVERGED.
   *
   * @param X m×n; neither X nor y may be changed until the promise settles
   * @param y m values; or the names of two classes, which become 0 and 1: `classes`, or false and true, or two texts in
   *   the order of their characters
   * @returns the descent; its theta and intercept apply to raw features, also with `standardize`
   * @throws as {@link batchGradientDescent}; ERR_NOT_FINITE also where weights for raw features are too large for float64;
   *   ERR_INVALID_ARGUMENT for classes where the neuron was given no activation
   *
   * @example
   * ```ts
   * import { Neuron } from 'thalweg';
   *
   * const neuron = new Neuron({ inputs: 1, activation: 'sigmoid' });
   * const hours = [[1], [2], [3], [4], [5], [6]];
   * const passed = ['no', 'no', 'yes', 'no', 'yes', 'yes'];
   * const { converged } = await neuron.fit(hours, passed);
   * console.log(converged, neuron.classes); // true [ 'no', 'yes' ]
   * console.log(neuron.output([1]) < 0.5, neuron.output([6]) > 0.5); // true true
   * ```
   */
  async fit(X: MatrixLike, y: Targets, options: FitOptions = {}): Promise<Descent> {
    return await overRanks(worldOf(options), (ranks) =>
      whenCounted(X, options, (counted) => this.#fit(counted, y, options, ranks)),
    );
  }

  async #fit(X: MatrixLike, y: Targets, options: FitOptions, ranks: Ranks | undefined): Promise<Descent> {
    const classes = this.#classes ?? classesOf('y', y);
    if (ranks !== undefined) requireClasses(this.#classes, classes);
    if (classes !== undefined) this.#requireChosen();
    const asked = withTargets(byClass(options, classes), classes);
    const trained = { activation: this.activation, outputs: 1 };
    const sample = sampleOf(
      ranks,
      X,
      () => targetsOf('y', numbersOf(y, classes)),
      () => this.#rowsOf(X),
    );
    const { descent, notConverged } = await fit(trained, sample.X, sample.y, asked, { ranks });
    warnIfNotConverged(notConverged);
    this.#weights = descent.theta.slice();
    this.#bias = descent.intercept;
    this.#classes = classes;
    return descent;
  }

  /**
   * Trains the neuron further, from the weights that it has: a {@link Neuron.fit} that begins there. What an optimiser kept
   * and the order of rows begin anew; `resumeFrom` goes on with these too.
   *
   * @param X m×n; neither X nor y may be changed until the promise settles
   * @param y as for `fit`
   * @returns the descent; its theta and intercept apply to raw features, also with `standardize`
   * @throws as {@link Neuron.fit}
   *
   * @example
   * ```ts
   * import { Neuron } from 'thalweg';
   *
   * const neuron = new Neuron({ inputs: 1 });
   * const options = { strategy: 'stochastic', learningRate: 0.02, epochs: 100, seed: 1 } as const;
   * await neuron.partialFit([[1], [2]], [3, 5], options);
   * await neuron.partialFit([[3], [4]], [7, 9], options);
   * console.log(Math.round(neuron.output([5]))); // 11
   * ```
   */
  async partialFit(X: MatrixLike, y: Targets, options: FitOptions = {}): Promise<Descent> {
    return await this.fit(X, y, goingOn(options, 'neuron', this.#parameters()));
  }

  /**
   * How well the neuron predicts y: for sigmoid the share of rows whose output is on the same side of ½ as the target;
   * otherwise R² = 1 − Σ(y − ŷ)²/Σ(y − ȳ)², which is 1 at best and 0 for the mean. Of targets that never change it is 1
   * where every output is right, otherwise 0.
   *
   * @param X m×n; neither X nor y may be changed until the promise settles
   * @param y m values, or the names of two classes
   * @param options with `sampleWeight` rows count by it: a share of all that they count together, and sums of squares, and
   *   the mean ȳ, with each row's times its weight
   * @throws as {@link Neuron.predict}; ERR_NOT_FINITE where outputs are too large for a score
   *
   * @example
   * ```ts
   * import { Neuron } from 'thalweg';
   *
   * const line = new Neuron({ weights: [2], bias: 1 });
   * console.log(await line.score([[0], [1], [2]], [1, 3, 5])); // 1
   * ```
   */
  async score(X: MatrixLike, y: Targets, options: ScoreOptions = {}): Promise<number> {
    return await whenCounted(X, options, (counted) => this.#score(counted, y, options));
  }

  async #score(X: MatrixLike, y: Targets, options: ScoreOptions): Promise<number> {
    const rows = rowsOf('X', X);
    const weights = await scoreWeights(options, shapeOf(rows)[0]);
    const targets = numbersOf(y, this.#classes ?? classesOf('y', y));
    const blocks = [{ X: rows, y: checkedTargets(targets), weights }];
    const signal = checkSignal(options.signal);
    return scoreValue(
      await score(this.activation, this.#parameters(), blocks, checkPlacement(options), signal),
    );
  }

  /** What `JSON.stringify` writes, and {@link Neuron.fromJSON} reads. */
  toJSON(): NeuronJSON {
    const neuron = { weights: [...this.#weights], bias: this.#bias, activation: this.activation };
    return this.#classes === undefined ? neuron : { ...neuron, classes: [...this.#classes] };
  }

  /**
   * The neuron that `toJSON` described, or that of a model that `thalweg fit --output` wrote: its weights are for the
   * columns of X that the model's features become, in their order.
   *
   * @param object what `JSON.parse` gives
   * @throws {@link ThalwegError} ERR_MODEL, with the `path` of what does not fit
   *
   * @example
   * ```ts
   * import { Neuron } from 'thalweg';
   *
   * const text = '{"weights":[1,2],"bias":3,"activation":"linear"}';
   * console.log(Neuron.fromJSON(JSON.parse(text)).output([10, 100])); // 213
   * ```
   */
  static fromJSON(object: unknown): Neuron {
    try {
      checkObject('the neuron', object);
      if ('format' in object) return new Neuron(neuronIn(object));
      refuseUnknown(object, ['weights', 'bias', 'activation', 'classes'], 'a neuron');
      const { weights, bias, activation, classes } = object as NeuronJSON;
      if (!Array.isArray(weights)) throw invalid('weights', 'an array of numbers', weights);
      return new Neuron({
        weights,
        bias: finite('bias', bias),
        activation: oneOf('activation', activation, names),
        ...(classes === undefined ? {} : { classes }),
      });
    } catch (cause) {
      if (!(cause instanceof ThalwegError) || cause.code === 'ERR_MODEL') throw cause;
      throw noJSON('neuron', cause);
    }
  }
}

/** The neuron of a model's file. */
function neuronIn(object: object): NeuronJSON {
  const { checkModel, neuronOf } = modelFiles();
  return neuronOf(checkModel(object, 'the model'), 'the model') as NeuronJSON;
}

const names = Object.keys(activations) as ActivationName[];
