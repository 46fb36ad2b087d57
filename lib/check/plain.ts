import type { Parameters } from '../base/data-types';
import type { ActivationName } from '../objective/activations';
import type { LossName } from '../objective/losses';
import type { Objective as LayerObjective } from '../objective/objective';

export type { Parameters };

/** That of one output. */
export type Objective = Omit<LayerObjective, 'activation' | 'loss' | 'outputs'> & {
  readonly activation: ActivationName;
  readonly loss: LossName;
};

// The mathematics in plain float64 loops, written from the definitions and with nothing of kernels/ or native/: what
// devices are held against, here and in the tests.

/** X (m×n, row-major) and y. */
export interface Data {
  readonly X: Float64Array;
  readonly y: Float64Array;
  readonly m: number;
  readonly n: number;
  /** How large what a value of X is made of is, where that is more than the value: of one that is scaled. */
  readonly sizes?: Float64Array;
}

export const linearSquared: Objective = {
  activation: 'linear',
  loss: 'squared',
  fitIntercept: false,
  l1: 0,
  l2: 0,
};

/** log(1 + eᶻ) */
function softplus(z: number): number {
  return z > 0 ? z + Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z));
}

function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}

interface Curve {
  readonly output: (z: number) => number;
  readonly slope: (z: number) => number;
}

export const curves: Readonly<Record<ActivationName, Curve>> = {
  linear: { output: (z) => z, slope: () => 1 },
  sigmoid: { output: sigmoid, slope: (z) => sigmoid(z) * sigmoid(-z) },
  tanh: { output: Math.tanh, slope: (z) => 4 * sigmoid(2 * z) * sigmoid(-2 * z) },
  relu: { output: (z) => Math.max(z, 0), slope: (z) => (z > 0 ? 1 : 0) },
  softplus: { output: softplus, slope: sigmoid },
  exp: { output: Math.exp, slope: Math.exp },
};

/** φ(z) */
export function output(activation: ActivationName, z: number): number {
  return curves[activation].output(z);
}

interface Penalty {
  /** ℓ(ŷ, y) */
  readonly value: (out: number, y: number) => number;
  /** ∂ℓ/∂ŷ; 0 at a kink. */
  readonly slope: (out: number, y: number) => number;
}

export const losses: Readonly<Record<LossName, Penalty>> = {
  squared: { value: (out, y) => (out - y) ** 2, slope: (out, y) => 2 * (out - y) },
  log: {
    value: (out, y) => (y === 1 ? -Math.log(out) : -Math.log1p(-out)),
    slope: (out, y) => (out - y) / (out * (1 - out)),
  },
  absolute: { value: (out, y) => Math.abs(out - y), slope: (out, y) => Math.sign(out - y) },
  huber: {
    value: (out, y) => (Math.abs(out - y) <= 1 ? (out - y) ** 2 / 2 : Math.abs(out - y) - 0.5),
    slope: (out, y) => Math.max(-1, Math.min(1, out - y)),
  },
  hinge: {
    value: (out, y) => Math.max(0, 1 - y * out),
    slope: (out, y) => (1 - y * out > 0 ? -y : 0),
  },
  poisson: { value: (out, y) => out - y * Math.log(out), slope: (out, y) => 1 - y / out },
};

/** ℓ(φ(z), y) */
export function lossAt(objective: Objective, z: number, y: number): number {
  // −(y log σ(z) + (1 − y) log(1 − σ(z))) where σ(z) may be as good as 1.
  if (objective.loss === 'log') return softplus(z) - y * z;
  return losses[objective.loss].value(output(objective.activation, z), y);
}

/** ∂ℓ(φ(z), y)/∂z */
export function residualAt(objective: Objective, z: number, y: number): number {
  if (objective.loss === 'log') return sigmoid(z) - y;
  const { output: phi, slope } = curves[objective.activation];
  return losses[objective.loss].slope(phi(z), y) * slope(z);
}

/** Xθ + b of row i. */
export function dot({ X, n }: Data, i: number, { theta, intercept }: Parameters): number {
  let z = intercept;
  for (let j = 0; j < n; j += 1) z += (X[i * n + j] as number) * (theta[j] as number);
  return z;
}

/** The same data with how large each value of X is in its place. */
export function sizesOf(data: Data): Data {
  return { ...data, X: data.sizes ?? data.X.map(Math.abs) };
}

export interface LossGradient {
  readonly loss: number;
  /** Without the l1 term. */
  readonly gradient: Float64Array;
  readonly interceptGradient: number;
}

/** l1·Σ|θⱼ| + l2/2·Σθⱼ² */
function penalty({ l1, l2 }: Objective, theta: Float64Array): number {
  return theta.reduce((sum, weight) => sum + l1 * Math.abs(weight) + (l2 / 2) * weight ** 2, 0);
}

/** The mean loss over the rows named (all by default), penalty included, and its gradient. */
export function lossGradient(
  objective: Objective,
  data: Data,
  at: Parameters,
  rows: readonly number[] = Array.from(data.y, (_, i) => i),
): LossGradient {
  const gradient = new Float64Array(data.n);
  let interceptGradient = 0;
  let loss = 0;
  for (const i of rows) {
    const z = dot(data, i, at);
    const y = data.y[i] as number;
    const delta = residualAt(objective, z, y);
    loss += lossAt(objective, z, y);
    interceptGradient += delta;
    for (let j = 0; j < data.n; j += 1)
      gradient[j] = (gradient[j] as number) + delta * (data.X[i * data.n + j] as number);
  }
  return {
    loss: loss / rows.length + penalty(objective, at.theta),
    gradient: gradient.map((sum, j) => sum / rows.length + objective.l2 * (at.theta[j] as number)),
    interceptGradient: objective.fitIntercept ? interceptGradient / rows.length : 0,
  };
}

/** A gradient step over the rows named, then the soft threshold of l1. */
export function step(
  objective: Objective,
  data: Data,
  at: Parameters,
  learningRate: number,
  rows?: readonly number[],
): Parameters {
  const { gradient, interceptGradient } = lossGradient(objective, data, at, rows);
  const threshold = learningRate * objective.l1;
  const theta = at.theta.map((weight, j) => {
    const moved = weight - learningRate * (gradient[j] as number);
    return Math.sign(moved) * Math.max(Math.abs(moved) - threshold, 0);
  });
  return { theta, intercept: at.intercept - learningRate * interceptGradient };
}
