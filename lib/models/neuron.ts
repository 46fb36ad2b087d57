import { checkObject, finite, integer, invalid, oneOf, refuseUnknown, zeros } from '../base/arguments';
import type { Dtype, VectorLike } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { lazily } from '../base/lazily';
import { type Device, Matrix, type MatrixLike } from '../devices/device';
import type { Descent } from '../engine/descent';
import { type Rows, rowsOf, shapeOf, targetsOf } from '../engine/operands';
import { otherWidth, outputs } from '../engine/outputs';
import type * as ModelFiles from '../model-files/model-file';
import { type Activation, type ActivationName, activations } from '../objective/activations';
import { smallVector } from '../rows/rows';
import { fit, score } from '../training/estimator';
import { type FitOptions, checkActivation, checkPlacement, checkSignal, given } from '../training/options';
import { type Classes, type Label, checkClasses, classesOf, encoded } from './labels';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const modelFiles = lazily(() => require('../model-files/model-file') as typeof ModelFiles);

/** Targets: m numbers, or m texts, booleans or numbers that name two classes. */
export type Targets = VectorLike | Matrix | readonly string[] | readonly boolean[];

/** How a neuron begins: with its weights, or with a count of inputs and weights of 0. */
export type NeuronOptions = (
  | { readonly weights: VectorLike; readonly inputs?: undefined }
  | { readonly inputs: number; readonly weights?: undefined }
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
  readonly weights: number[];
  readonly bias: number;
  readonly activation: ActivationName;
  readonly classes?: [Label, Label];
}

/** Where {@link Neuron.predict} and {@link Neuron.score} compute. */
export interface PredictOptions {
  readonly device?: string | Device;
  readonly dtype?: Dtype;
  readonly signal?: AbortSignal;
}

/** One neuron: φ(w·x + b). */
export class Neuron {
  /** φ */
  readonly activation: ActivationName;
  #weights: Float64Array;
  #bias: number;
  #classes: Classes | undefined;

  /** @throws ThalwegError ERR_INVALID_ARGUMENT, ERR_NOT_FINITE */
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
    this.#classes = given(options.classes, checkClasses);
  }

  /** w, a copy. */
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

  /** φ, callable. */
  get phi(): Activation {
    return activations[this.activation];
  }

  /**
   * φ(w·x + b) of one input.
   *
   * @param x n values
   * @throws ThalwegError ERR_SHAPE, ERR_NOT_FINITE
   */
  output(x: VectorLike): number {
    const values = smallVector('x', x);
    this.#checkInputs('x', values.length);
    let z = this.#bias;
    for (let j = 0; j < values.length; j += 1) z += (this.#weights[j] as number) * (values[j] as number);
    return this.phi(z);
  }

  #checkInputs(option: string, columns: number): void {
    if (columns !== this.#weights.length) throw otherWidth(option, columns, this.#weights.length);
  }

  /**
   * The outputs of many inputs, one a row.
   *
   * @param X m×n
   * @returns m values
   * @throws ThalwegError as `batchGradientDescent`
   */
  async predict(X: MatrixLike, options: PredictOptions = {}): Promise<Float64Array> {
    checkPredictOptions(options, 'predict');
    const parameters = { theta: this.#weights, intercept: this.#bias };
    const signal = checkSignal(options.signal);
    return await outputs(rowsOf('X', X), parameters, this.activation, checkPlacement(options), signal);
  }

  /** Refuses X of another width before it is copied. */
  #rowsOf(X: MatrixLike): Rows {
    const rows = rowsOf('X', X);
    this.#checkInputs('X', shapeOf(rows)[1]);
    return rows;
  }

  /**
   * Trains the neuron from weights of zero (or `initialTheta`) and keeps the weights found. A failed or cancelled fit
   * leaves the neuron as it was.
   *
   * @param X m×n
   * @param y m values; or the names of two classes, which become 0 and 1: `classes`, or false and true, or two texts in
   *   the order of their characters
   * @returns the descent; its theta and intercept apply to raw features, also with `standardize`
   * @throws ThalwegError as `batchGradientDescent`
   */
  async fit(X: MatrixLike, y: Targets, options: FitOptions): Promise<Descent> {
    const classes = this.#classes ?? classesOf('y', y);
    const targets = targetsOf('y', valuesOf(y, classes));
    const { descent } = await fit(this.activation, this.#rowsOf(X), targets, options);
    this.#weights = descent.theta.slice();
    this.#bias = descent.intercept;
    this.#classes = classes;
    return descent;
  }

  /**
   * How well the neuron predicts y: for sigmoid the share of rows whose output is on the same side of ½ as the target;
   * otherwise R² = 1 − Σ(y − ŷ)²/Σ(y − ȳ)², which is 1 at best and 0 for the mean. Of targets that never change it is 1
   * where every output is right, otherwise 0.
   *
   * @param X m×n
   * @param y m values, or the names of two classes
   * @throws ThalwegError as `batchGradientDescent`; ERR_NOT_FINITE where outputs are too large for a score
   */
  async score(X: MatrixLike, y: Targets, options: PredictOptions = {}): Promise<number> {
    checkPredictOptions(options, 'score');
    const targets = valuesOf(y, this.#classes ?? classesOf('y', y));
    const checked = targets instanceof Matrix ? targets : smallVector('y', targets);
    const blocks = [{ X: rowsOf('X', X), y: targetsOf('y', checked) }];
    const parameters = { theta: this.#weights, intercept: this.#bias };
    const signal = checkSignal(options.signal);
    const found = await score(this.activation, parameters, blocks, checkPlacement(options), signal);
    if (found.score !== null) return found.score;
    throw new ThalwegError(
      'ERR_NOT_FINITE',
      `there is no score: ${found.overflowed === 0 ? 'the squares of the errors are' : `the outputs of ${found.overflowed} rows are`} too large for float64`,
    );
  }

  /** What `JSON.stringify` writes. */
  toJSON(): NeuronJSON {
    const neuron = { weights: [...this.#weights], bias: this.#bias, activation: this.activation };
    return this.#classes === undefined ? neuron : { ...neuron, classes: [...this.#classes] };
  }

  /**
   * The neuron that `toJSON` described, or that of a model that `thalweg fit --output` wrote: its weights are for the
   * columns of X that the model's features become, in their order.
   *
   * @throws ThalwegError ERR_MODEL
   */
  static fromJSON(object: unknown): Neuron {
    try {
      checkObject('the neuron', object);
      if ('format' in object) return new Neuron(modelFiles().neuronOf(object));
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
      throw new ThalwegError('ERR_MODEL', `this is no neuron's JSON: ${cause.message}`, {
        path: cause.option ?? '',
        cause,
      });
    }
  }
}

const names = Object.keys(activations) as ActivationName[];

function checkPredictOptions(options: object, place: string): void {
  checkObject('options', options);
  refuseUnknown(options, ['device', 'dtype', 'signal'], place);
}

/** Targets as numbers: 0 and 1 for the names of classes. */
function valuesOf(y: Targets, classes: Classes | undefined): VectorLike | Matrix {
  return y instanceof Matrix || classes === undefined ? (y as VectorLike | Matrix) : encoded('y', y, classes);
}
