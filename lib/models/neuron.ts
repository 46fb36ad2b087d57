import { type Activation, type ActivationName, activations } from '../objective/activations';
import { checkObject, finite, flag, integer, invalid, oneOf, refuseUnknown, zeros } from '../base/arguments';
import type { Dtype, VectorLike } from '../base/data-types';
import { type Descent, descend } from '../engine/descend';
import { type Device, Matrix, type MatrixLike } from '../devices/device';
import { ThalwegError } from '../base/errors';
import { lazily } from '../base/lazily';
import { Interruption } from '../engine/jobs';
import type * as Standardize from '../rows/standardize';
import { lossFor } from '../objective/losses';
import { deviceAtHand, inputsOn } from '../engine/operands';
import {
  type BatchOptions,
  type MiniBatchOptions,
  type StochasticOptions,
  checkActivation,
  checkDevice,
  checkDtype,
  checkOptions,
  checkSignal,
  given,
} from '../training/options';
import type { Strategy } from '../method/strategy';
import { refuseOverflow } from '../rows/overflow';
import { matrixRows, ofThisRealm, refuseNotFinite, smallVector } from '../rows/rows';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const standardizing = lazily(() => require('../rows/standardize') as typeof Standardize);

/** How a neuron begins: with its weights, or with a count of inputs and weights of 0. */
export type NeuronOptions = (
  | { readonly weights: VectorLike; readonly inputs?: undefined }
  | { readonly inputs: number; readonly weights?: undefined }
) & {
  /** b; default 0. */
  readonly bias?: number;
  /** φ; default 'linear'. */
  readonly activation?: ActivationName;
};

/** A neuron as JSON. */
export interface NeuronJSON {
  readonly weights: number[];
  readonly bias: number;
  readonly activation: ActivationName;
}

interface FitExtras {
  /** Scales features to mean 0 and deviation 1 while training, and folds the scaling back; default false. */
  readonly standardize?: boolean;
}

/** Options of {@link Neuron.fit}: a strategy and its descent's options. The activation is the neuron's own. */
export type FitOptions = FitExtras &
  (
    | ({ readonly strategy: 'batch' } & Omit<BatchOptions, 'activation'>)
    | ({ readonly strategy: 'stochastic' } & Omit<StochasticOptions, 'activation'>)
    | ({ readonly strategy: 'mini-batch' } & Omit<MiniBatchOptions, 'activation'>)
  );

/** Where {@link Neuron.predict} and {@link Neuron.score} compute. */
export interface PredictOptions {
  readonly device?: string | Device;
  readonly dtype?: Dtype;
  readonly signal?: AbortSignal;
}

const strategies: readonly Strategy[] = ['batch', 'stochastic', 'mini-batch'];

/** One neuron: φ(w·x + b). */
export class Neuron {
  /** φ */
  readonly activation: ActivationName;
  #weights: Float64Array;
  #bias: number;

  /** @throws ThalwegError ERR_INVALID_ARGUMENT, ERR_NOT_FINITE */
  constructor(options: NeuronOptions) {
    checkObject('options', options);
    refuseUnknown(options, ['weights', 'inputs', 'bias', 'activation'], 'Neuron');
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
  }

  /** w, a copy. */
  get weights(): Float64Array {
    return this.#weights.slice();
  }

  /** b */
  get bias(): number {
    return this.#bias;
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
    if (columns === this.#weights.length) return;
    const have = option === 'x' ? `x has ${columns} values` : `${option} has ${columns} columns`;
    throw new ThalwegError('ERR_SHAPE', `${have}, and the neuron has ${this.#weights.length} inputs`, {
      option,
    });
  }

  /**
   * The outputs of many inputs, one a row.
   *
   * @param X m×n
   * @returns m values
   * @throws ThalwegError as `batchGradientDescent`
   */
  async predict(X: MatrixLike, options: PredictOptions = {}): Promise<Float64Array> {
    checkObject('options', options);
    refuseUnknown(options, ['device', 'dtype', 'signal'], 'predict');
    const signal = checkSignal(options.signal);
    const placement = { device: checkDevice(options.device), dtype: checkDtype(options.dtype), signal };
    const inputs = await inputsOn({ ...placement, work: () => ({ passes: 1 }) }, X);
    try {
      this.#checkInputs('X', inputs.X.shape[1]);
      const job = inputs.device.native.predict(inputs.X.native, this.#weights, this.#bias, this.activation);
      return ofThisRealm(await new Interruption(signal).run(inputs.device, job));
    } finally {
      inputs.dispose();
    }
  }

  /**
   * Trains the neuron from weights of zero (or `initialTheta`) and keeps the weights found. A failed or cancelled fit
   * leaves the neuron as it was.
   *
   * @param X m×n
   * @param y m values
   * @returns the descent; its theta and intercept apply to raw features, also with `standardize`
   * @throws ThalwegError as `batchGradientDescent`
   */
  async fit(X: MatrixLike, y: VectorLike | Matrix, options: FitOptions): Promise<Descent> {
    checkObject('options', options);
    const { strategy, standardize = false, ...rest } = options;
    oneOf('strategy', strategy, strategies);
    flag('standardize', standardize);
    if ('activation' in rest) {
      throw new ThalwegError(
        'ERR_INVALID_ARGUMENT',
        "the activation is the neuron's own: name it in new Neuron()",
        {
          option: 'activation',
        },
      );
    }
    const checked = checkOptions(strategy, {
      loss: lossFor(this.activation),
      fitIntercept: true,
      ...withoutUndefined(rest),
      activation: this.activation,
    });
    const found = standardize
      ? await this.#fitStandardized(X, y, checked)
      : await descend(X, y, this.#sized(X, checked));
    this.#weights = found.theta.slice();
    this.#bias = found.intercept;
    return found;
  }

  /** Refuses X of another width before it is copied. */
  #sized<Options>(X: MatrixLike, options: Options): Options {
    this.#checkInputs('X', X instanceof Matrix ? X.shape[1] : matrixRows('X', X).columns);
    return options;
  }

  async #fitStandardized(
    X: MatrixLike,
    y: VectorLike | Matrix,
    options: ReturnType<typeof checkOptions>,
  ): Promise<Descent> {
    this.#sized(X, options);
    const release = deviceAtHand(options, X, y)?.hold();
    try {
      return await this.#descendStandardized(X, y, options);
    } finally {
      release?.();
    }
  }

  async #descendStandardized(
    X: MatrixLike,
    y: VectorLike | Matrix,
    options: ReturnType<typeof checkOptions>,
  ): Promise<Descent> {
    // A matrix on a device is read back, and its scaled copy becomes a second matrix there.
    const raw = X instanceof Matrix ? X.rows() : matrixRows('X', X);
    const { standardizedRows, foldStandardization, unfoldStandardization } = standardizing();
    const { source, scaling } = await standardizedRows(raw, options.fitIntercept, refuseNotFinite);
    const { means, scales } = scaling;
    const initial = options.initialTheta && smallVector('initialTheta', options.initialTheta);
    const start = initial && unfoldStandardization(initial, 0, means, scales);
    const found = await descend(
      X,
      y,
      { ...options, initialTheta: start?.theta },
      { source, intercept: start?.intercept ?? 0 },
    );
    const folded = foldStandardization(found.theta, found.intercept, means, scales);
    refuseOverflow(folded, (column) => `column ${column}`);
    return { ...found, ...folded };
  }

  /**
   * How well the neuron predicts y: for sigmoid the share of rows on the right side of ½; otherwise
   * R² = 1 − Σ(y − ŷ)²/Σ(y − ȳ)², which is 1 at best and 0 for the mean.
   *
   * @param X m×n
   * @param y m values
   */
  async score(X: MatrixLike, y: VectorLike | Matrix, options: PredictOptions = {}): Promise<number> {
    const targets = await valuesOf(y);
    const outputs = await this.predict(X, options);
    if (outputs.length !== targets.length) {
      throw new ThalwegError(
        'ERR_SHAPE',
        `y has ${targets.length} values, and X has ${outputs.length} rows`,
        { option: 'y' },
      );
    }
    return this.activation === 'sigmoid' ? accuracy(outputs, targets) : determination(outputs, targets);
  }

  toJSON(): NeuronJSON {
    return { weights: [...this.#weights], bias: this.#bias, activation: this.activation };
  }

  /**
   * The neuron that `toJSON` described.
   *
   * @throws ThalwegError ERR_MODEL
   */
  static fromJSON(object: unknown): Neuron {
    try {
      checkObject('the neuron', object);
      refuseUnknown(object, ['weights', 'bias', 'activation'], 'a neuron');
      const { weights, bias, activation } = object as NeuronJSON;
      if (!Array.isArray(weights)) throw invalid('weights', 'an array of numbers', weights);
      return new Neuron({
        weights,
        bias: finite('bias', bias),
        activation: oneOf('activation', activation, names),
      });
    } catch (cause) {
      if (!(cause instanceof ThalwegError)) throw cause;
      throw new ThalwegError('ERR_MODEL', `this is no neuron's JSON: ${cause.message}`, {
        path: cause.option ?? '',
        cause,
      });
    }
  }
}

const names = Object.keys(activations) as ActivationName[];

function withoutUndefined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

async function valuesOf(y: VectorLike | Matrix): Promise<Float64Array> {
  if (!(y instanceof Matrix)) return smallVector('y', y);
  return Float64Array.from(await y.read(0, y.shape[0]));
}

function accuracy(outputs: Float64Array, targets: Float64Array): number {
  let right = 0;
  for (let i = 0; i < outputs.length; i += 1) {
    if ((outputs[i] as number) >= 0.5 === (targets[i] as number) >= 0.5) right += 1;
  }
  return right / outputs.length;
}

/** R². For targets that never change it is 1 where every output is right, otherwise 0. */
function determination(outputs: Float64Array, targets: Float64Array): number {
  // Squares of 1e200 or 1e-200 are no number: what is largest is brought to about 1, by a power of two.
  const size = targets.reduce((most, y) => Math.max(most, Math.abs(y)), 0);
  const unit = 2 ** Math.min(1023, size === 0 ? 0 : -Math.floor(Math.log2(size)));
  const mean = targets.reduce((sum, y) => sum + y * unit, 0) / targets.length;
  let residual = 0;
  let total = 0;
  for (let i = 0; i < outputs.length; i += 1) {
    const y = (targets[i] as number) * unit;
    residual += (y - (outputs[i] as number) * unit) ** 2;
    total += (y - mean) ** 2;
  }
  if (total === 0) return residual === 0 ? 1 : 0;
  return 1 - residual / total;
}
