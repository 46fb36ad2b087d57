import type { ActivationName } from './tables';

export type { ActivationName } from './tables';

/** φ, callable, with its name and derivative φ'. */
export type Activation = ((z: number) => number) & {
  readonly name: ActivationName;
  /** φ'(z). */
  derivative(z: number): number;
};

function activation(
  name: ActivationName,
  f: (z: number) => number,
  derivative: (z: number) => number,
): Activation {
  // `name` of a function is read-only, not sealed: defining it again is how it is set.
  return Object.defineProperties(f, {
    name: { value: name },
    derivative: { value: derivative },
  }) as unknown as Activation;
}

function logistic(z: number): number {
  // exp of a negative number only: it never overflows.
  const e = Math.exp(-Math.abs(z));
  return z < 0 ? e / (1 + e) : 1 / (1 + e);
}

/** φ(z) = z */
export const linear = activation(
  'linear',
  (z) => z,
  () => 1,
);

/** φ(z) = 1 / (1 + e⁻ᶻ) */
export const sigmoid = activation('sigmoid', logistic, (z) => logistic(z) * logistic(-z));

/** φ(z) = tanh z */
export const tanh = activation(
  'tanh',
  (z) => Math.tanh(z),
  (z) => 1 - Math.tanh(z) ** 2,
);

/** φ(z) = max(0, z); its derivative at 0 is taken as 0. */
export const relu = activation(
  'relu',
  (z) => (z > 0 ? z : 0),
  (z) => (z > 0 ? 1 : 0),
);

/** φ(z) = log(1 + eᶻ) */
export const softplus = activation(
  'softplus',
  (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))),
  (z) => logistic(z),
);

/** φ(z) = eᶻ */
export const exp = activation(
  'exp',
  (z) => Math.exp(z),
  (z) => Math.exp(z),
);

/** Every activation by its name. */
export const activations: Readonly<Record<ActivationName, Activation>> = {
  linear,
  sigmoid,
  tanh,
  relu,
  softplus,
  exp,
};
