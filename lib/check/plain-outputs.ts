import type { Dtype, LayerParameters } from '../base/data-types';
import { roundoff } from './bounds';

// Several outputs in plain float64 loops, as plain.ts has one: softmax with cross-entropy, and squared losses side by side.

export const outputKinds = ['softmax', 'linear'] as const;
export type OutputKind = (typeof outputKinds)[number];

/** X (m×n, row-major) and y: m×K, or of softmax m class numbers. */
export interface OutputsData {
  readonly kind: OutputKind;
  readonly X: Float64Array;
  readonly y: Float64Array;
  readonly m: number;
  readonly n: number;
  /** As those of `Data`. */
  readonly sizes?: Float64Array;
}

/** Losses and gradients, or how far each may be off. */
export interface OutputsGradient {
  readonly loss: number;
  /** Feature by feature. */
  readonly gradient: Float64Array;
  readonly interceptGradients: Float64Array;
}

/** Of one row: what a device may have of each number, and how far it may be off. */
interface Row {
  readonly loss: readonly [value: number, off: number];
  readonly outputs: readonly (readonly [value: number, off: number])[];
  readonly residuals: readonly (readonly [value: number, off: number])[];
}

/** How many roundings a row's outcome may take, each of the library's functions counted as a few. */
const functionRoundings = 32;

/** z of each output, and how far it may be off. */
function sums(
  dtype: Dtype,
  { X, n, sizes }: OutputsData,
  i: number,
  at: LayerParameters,
): [z: number, off: number][] {
  const K = at.intercepts.length;
  return Array.from({ length: K }, (_, k) => {
    let z = at.intercepts[k] as number;
    let size = Math.abs(z);
    for (let j = 0; j < n; j += 1) {
      const weight = at.theta[j * K + k] as number;
      const x = X[i * n + j] as number;
      z += x * weight;
      size += (sizes?.[i * n + j] ?? Math.abs(x)) * Math.abs(weight);
    }
    return [z, 2 * roundoff[dtype] * (n + 2) * size];
  });
}

function softmaxRow(dtype: Dtype, z: readonly (readonly [number, number])[], label: number): Row {
  const u = roundoff[dtype];
  const most = Math.max(...z.map(([value]) => value));
  const parts = z.map(([value]) => Math.exp(value - most));
  const rest = parts.reduce((sum, part) => sum + part, 0) - 1;
  const off = 2 * Math.max(...z.map(([, each]) => each)) + (functionRoundings + 2 * z.length) * u;
  const loss = most - (z[label]?.[0] ?? NaN) + Math.log1p(rest);
  const shares = parts.map((part) => part / (1 + rest));
  return {
    loss: [loss, 2 * off + functionRoundings * u * loss],
    outputs: shares.map((share) => [share, off]),
    residuals: shares.map((share, k) => [share - (k === label ? 1 : 0), off]),
  };
}

function squaredRow(dtype: Dtype, z: readonly (readonly [number, number])[], y: ArrayLike<number>): Row {
  const u = roundoff[dtype];
  const errors = z.map(([value], k) => value - (y[k] as number));
  let [loss, lossOff] = [0, 0];
  for (const [k, error] of errors.entries()) {
    const off = z[k]?.[1] ?? NaN;
    loss += error ** 2;
    lossOff += 2 * Math.abs(error) * off + off ** 2 + functionRoundings * u * error ** 2;
  }
  return {
    loss: [loss, lossOff],
    outputs: z,
    residuals: errors.map((error, k) => [2 * error, 2 * (z[k]?.[1] ?? NaN) + 8 * u * Math.abs(error)]),
  };
}

function rowOf(dtype: Dtype, data: OutputsData, i: number, at: LayerParameters): Row {
  const z = sums(dtype, data, i, at);
  const K = z.length;
  if (data.kind === 'softmax') return softmaxRow(dtype, z, data.y[i] as number);
  return squaredRow(dtype, z, data.y.subarray(i * K, i * K + K));
}

/** φ(z) of every row, row by row, and how far a device may be off. */
export function outputsOf(
  dtype: Dtype,
  data: OutputsData,
  at: LayerParameters,
): { readonly right: Float64Array; readonly bounds: Float64Array } {
  const rows = Array.from({ length: data.m }, (_, i) => rowOf(dtype, data, i, at).outputs).flat();
  return {
    right: Float64Array.from(rows, ([value]) => value),
    bounds: Float64Array.from(rows, ([, off]) => off),
  };
}

/** The mean loss and its gradient without penalties, and how far a device may be off: sums over m rows are off by m·u of their terms. */
export function lossGradientOf(
  dtype: Dtype,
  data: OutputsData,
  at: LayerParameters,
): { readonly right: OutputsGradient; readonly bounds: OutputsGradient } {
  const { X, m, n, sizes } = data;
  const K = at.intercepts.length;
  const summing = 2 * roundoff[dtype] * (m + n);
  const right = { loss: 0, gradient: new Float64Array(n * K), interceptGradients: new Float64Array(K) };
  const bounds = { loss: 0, gradient: new Float64Array(n * K), interceptGradients: new Float64Array(K) };
  const add = (to: Float64Array, at: number, value: number): void => {
    to[at] = (to[at] as number) + value / m;
  };
  for (let i = 0; i < m; i += 1) {
    const { loss, residuals } = rowOf(dtype, data, i, at);
    right.loss += loss[0] / m;
    bounds.loss += (loss[1] + summing * Math.abs(loss[0])) / m;
    for (const [k, [residual, off]] of residuals.entries()) {
      const around = off + summing * Math.abs(residual);
      add(right.interceptGradients, k, residual);
      add(bounds.interceptGradients, k, around);
      for (let j = 0; j < n; j += 1) {
        const x = X[i * n + j] as number;
        add(right.gradient, j * K + k, residual * x);
        add(bounds.gradient, j * K + k, around * (sizes?.[i * n + j] ?? Math.abs(x)));
      }
    }
  }
  return { right, bounds };
}
