import { number } from '../base/arguments';
import { type ActivationName, activationTable } from './tables';

export type { ActivationName } from './tables';

/** Activations of a layer: `softmax`, eᶻᵏ / Σⱼ eᶻʲ, is of all its outputs together. */
export type LayerActivationName = ActivationName | 'softmax';

/** @internal */
export const activationNames = Object.keys(activationTable) as readonly ActivationName[];
/** @internal */
export const layerActivationNames: readonly LayerActivationName[] = [...activationNames, 'softmax'];

/**
 * φ, a function of one number, with its name and derivative φ'. Both are NaN for NaN, and throw ERR_INVALID_ARGUMENT for
 * what is no number.
 */
export type Activation = ((z: number) => number) & {
  /** What the option `activation` calls it. */
  readonly name: ActivationName;
  /** φ'(z) */
  derivative(z: number): number;
};

function activation(
  name: ActivationName,
  f: (z: number) => number,
  derivative: (z: number) => number,
): Activation {
  const phi = (z: number): number => f(number('z', z));
  // `name` of a function is read-only, not sealed: defining it again is how it is set.
  return Object.defineProperties(phi, {
    name: { value: name },
    derivative: { value: (z: number): number => derivative(number('z', z)) },
  }) as unknown as Activation;
}

/** @internal e^−|z|, of which both sides of a class are made. An exponential of no positive number: it never overflows. */
function classExponential(z: number): number {
  return Math.exp(-Math.abs(z));
}

/** @internal 1 / (1 + e⁻ᶻ) @param e `classExponential(z)` */
export function logistic(z: number, e = classExponential(z)): number {
  return z < 0 ? e / (1 + e) : 1 / (1 + e);
}

/** @internal log(1 + eᶻ) @param e `classExponential(z)` */
function logOfOneAndExp(z: number, e = classExponential(z)): number {
  return Math.max(z, 0) + Math.log1p(e);
}

/**
 * φ(z) = z
 *
 * @example
 * ```ts
 * import { linear } from 'thalweg';
 *
 * console.log(linear(-3), linear.derivative(-3)); // -3 1
 * ```
 */
export const linear = activation(
  'linear',
  (z) => z,
  (z) => (Number.isNaN(z) ? NaN : 1),
);

/**
 * φ(z) = 1 / (1 + e⁻ᶻ), φ'(z) = φ(z)·φ(−z): between 0 and 1, as a probability. Nothing overflows on the way.
 *
 * @example
 * ```ts
 * import { sigmoid } from 'thalweg';
 *
 * console.log(sigmoid(0), sigmoid.derivative(0)); // 0.5 0.25
 * console.log(sigmoid(-1000)); // 0
 * ```
 */
export const sigmoid = activation(
  'sigmoid',
  (z) => logistic(z),
  (z) => logistic(z) * logistic(-z),
);

/**
 * φ(z) = tanh z, φ'(z) = 1 − tanh² z: between −1 and 1.
 *
 * @example
 * ```ts
 * import { tanh } from 'thalweg';
 *
 * console.log(tanh(0), tanh.derivative(0)); // 0 1
 * ```
 */
export const tanh = activation(
  'tanh',
  (z) => Math.tanh(z),
  (z) => 1 - Math.tanh(z) ** 2,
);

/**
 * φ(z) = max(0, z); φ'(z) is 1 above 0, otherwise 0, at 0 as well.
 *
 * @example
 * ```ts
 * import { relu } from 'thalweg';
 *
 * console.log(relu(2), relu(-3), relu.derivative(0)); // 2 0 0
 * ```
 */
export const relu = activation(
  'relu',
  (z) => Math.max(z, 0),
  (z) => (Number.isNaN(z) ? NaN : Number(z > 0)),
);

/**
 * φ(z) = log(1 + eᶻ), φ'(z) = 1 / (1 + e⁻ᶻ): above 0, and smooth where `relu` has its corner. Nothing overflows on the way.
 *
 * @example
 * ```ts
 * import { softplus } from 'thalweg';
 *
 * console.log(softplus(0), softplus(1000)); // 0.6931… 1000
 * console.log(softplus.derivative(0)); // 0.5
 * ```
 */
export const softplus = activation(
  'softplus',
  (z) => logOfOneAndExp(z),
  (z) => logistic(z),
);

/**
 * φ(z) = eᶻ = φ'(z): above 0, as the mean of counts. Infinite above 709.78.
 *
 * @example
 * ```ts
 * import { exp } from 'thalweg';
 *
 * console.log(exp(0), exp.derivative(1)); // 1 2.718…
 * ```
 */
export const exp = activation(
  'exp',
  (z) => Math.exp(z),
  (z) => Math.exp(z),
);

/** @internal Every activation by its name. */
export const activations: Readonly<Record<ActivationName, Activation>> = {
  linear,
  sigmoid,
  tanh,
  relu,
  softplus,
  exp,
};

/** @internal φ of the first `count` of z; z itself, not a copy, where φ(z) = z. */
export function outputsOf(
  activation: ActivationName,
  z: ArrayLike<number>,
  count: number,
): ArrayLike<number> {
  if (activation === 'linear') return z;
  const phi = activations[activation];
  const outputs = new Float64Array(count);
  for (let row = 0; row < count; row += 1) outputs[row] = phi(z[row] as number);
  return outputs;
}
