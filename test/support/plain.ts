import { type Data, type Objective, type Parameters, lossGradient, step } from '../../lib/check/plain';

// What tests hold devices against besides: whole descents, and norms.

export * from '../../lib/check/plain';

export interface Descended extends Parameters {
  /** The loss each iteration starts from. */
  readonly loss: number[];
}

/** Batch descent from `start`; with a tolerance it stops after the step whose loss has changed by less. */
export function batch(
  objective: Objective,
  data: Data,
  options: { readonly learningRate: number; readonly iterations: number; readonly tolerance?: number },
  start: Parameters = { theta: new Float64Array(data.n), intercept: 0 },
): Descended {
  let at = start;
  const loss: number[] = [];
  for (let k = 0; k < options.iterations; k += 1) {
    loss.push(lossGradient(objective, data, at).loss);
    at = step(objective, data, at, options.learningRate);
    if (k > 0 && standsStill(loss[k - 1] as number, loss[k] as number, options.tolerance)) break;
  }
  return { ...at, loss };
}

/** |before − now| < tolerance·|before| */
export function standsStill(before: number, now: number, tolerance: number | undefined): boolean {
  return tolerance !== undefined && Math.abs(before - now) < tolerance * Math.abs(before);
}

/** Steps over the rows in their order, `size` at a time. */
export function sequential(
  objective: Objective,
  data: Data,
  order: readonly number[],
  size: number,
  learningRate: number,
  start: Parameters = { theta: new Float64Array(data.n), intercept: 0 },
): Parameters {
  let at = start;
  for (let from = 0; from < order.length; from += size)
    at = step(objective, data, at, learningRate, order.slice(from, from + size));
  return at;
}

/** ‖v‖ */
export function norm(v: Float64Array): number {
  return Math.sqrt(v.reduce((sum, value) => sum + value * value, 0));
}

/** λmax of XᵀX/m by power iteration. */
export function largestEigenvalue({ X, m, n }: Data, iterations = 500): number {
  let v = Float64Array.from({ length: n }, (_, j) => 1 + 0.1 * Math.sin(j + 1));
  let eigenvalue = 0;
  for (let k = 0; k < iterations; k += 1) {
    const length = norm(v);
    const product = new Float64Array(n);
    for (let i = 0; i < m; i += 1) {
      let z = 0;
      for (let j = 0; j < n; j += 1) z += ((X[i * n + j] as number) * (v[j] as number)) / length;
      for (let j = 0; j < n; j += 1) product[j] = (product[j] as number) + (z * (X[i * n + j] as number)) / m;
    }
    eigenvalue = norm(product);
    v = product;
  }
  return eigenvalue;
}
