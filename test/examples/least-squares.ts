import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './run-example';

/** Solves Ax = b by Gaussian elimination with partial pivoting. */
export function solve(A: readonly (readonly number[])[], b: readonly number[]): number[] {
  const n = b.length;
  const rows = A.map((row, i) => [...row, b[i] ?? NaN]);
  const at = (i: number, j: number): number => rows[i]?.[j] ?? NaN;
  for (let k = 0; k < n; k += 1) {
    let pivot = k;
    for (let i = k + 1; i < n; i += 1) if (Math.abs(at(i, k)) > Math.abs(at(pivot, k))) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot] ?? [], rows[k] ?? []];
    for (let i = k + 1; i < n; i += 1) {
      const factor = at(i, k) / at(k, k);
      rows[i] = (rows[i] ?? []).map((value, j) => value - factor * at(k, j));
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let k = n - 1; k >= 0; k -= 1) {
    const known = x.reduce((sum, value, j) => (j > k ? sum + value * at(k, j) : sum), 0);
    x[k] = (at(k, n) - known) / at(k, k);
  }
  return x;
}

/** Σᵢ wᵢ·xᵢxᵢᵀ and Σᵢ wᵢ·xᵢyᵢ. */
export function normalEquations(
  X: readonly (readonly number[])[],
  y: readonly number[],
  weightOf: (row: number) => number = () => 1,
): { A: number[][]; b: number[] } {
  const n = X[0]?.length ?? 0;
  const A = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  const b = new Array<number>(n).fill(0);
  X.forEach((row, i) => {
    row.forEach((value, j) => {
      const weighted = weightOf(i) * value;
      b[j] = (b[j] ?? 0) + weighted * (y[i] ?? NaN);
      const sums = A[j] ?? [];
      row.forEach((other, k) => (sums[k] = (sums[k] ?? 0) + weighted * other));
    });
  });
  return { A, b };
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, j) => sum + value * (b[j] ?? NaN), 0);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** X scaled to mean 0 and deviation 1, and how. */
export function standardized(X: readonly (readonly number[])[]): {
  rows: number[][];
  means: number[];
  scales: number[];
} {
  const columns = (X[0] ?? []).map((_, j) => X.map((row) => row[j] ?? NaN));
  const means = columns.map(mean);
  const scales = columns.map((values, j) => Math.sqrt(mean(values.map((x) => (x - (means[j] ?? 0)) ** 2))));
  const rows = X.map((row) => row.map((x, j) => (x - (means[j] ?? 0)) / (scales[j] ?? 1)));
  return { rows, means, scales };
}

/** A data file of the examples: its columns' names, and its rows cut into X and the last column y. */
export function exampleData(name: string): { names: string[]; X: number[][]; y: number[] } {
  const text = readFileSync(path.join(root, 'examples', 'data', name), 'utf8');
  const [header = '', ...lines] = text.trim().split('\n');
  const rows = lines.map((line) => line.split(',').map(Number));
  return {
    names: header.split(',').slice(0, -1),
    X: rows.map((row) => row.slice(0, -1)),
    y: rows.map((row) => row.at(-1) ?? NaN),
  };
}
