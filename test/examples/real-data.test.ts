import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { dot, exampleData, mean, normalEquations, solve, standardized } from './least-squares';
import { exampleLines, numbersAfter, numbersIn, root } from './run-example';

// What is expected is worked out here: by the normal equations, by Newton's method, and by sums that DuckDB makes.

test('diabetes.js finds the least squares', async () => {
  const { names, X, y } = exampleData('diabetes.csv');
  const { rows, means, scales } = standardized(X);
  const { A, b } = normalEquations(
    rows.map((row) => [...row, 1]),
    y,
  );
  const solution = solve(A, b);
  const weights = names.map((_, j) => (solution[j] ?? NaN) / (scales[j] ?? NaN));
  const bias = (solution.at(-1) ?? NaN) - dot(weights, means);
  const squares = (values: readonly number[]): number => dot(values, values);
  const residuals = X.map((row, i) => (y[i] ?? NaN) - dot(row, weights) - bias);
  const r2 = 1 - squares(residuals) / squares(y.map((value) => value - mean(y)));

  const lines = await exampleLines('diabetes');
  expect(lines[0]).toMatch(/^442 patients, /);
  expect(numbersAfter(lines, 'R² = ')).toEqual([expect.closeTo(r2, 4)]);
  for (const [j, name] of names.entries()) {
    expect(numbersAfter(lines, `${name} `)).toEqual([expect.closeTo(weights[j] ?? NaN, 3)]);
  }
  expect(numbersAfter(lines, '(bias)')).toEqual([expect.closeTo(bias, 1)]);
});

/** The minimum of the mean log loss + l2/2·Σw², the last weight, of the column of ones, free: by Newton's method. */
function logisticRegression(X: readonly (readonly number[])[], y: readonly number[], l2: number): number[] {
  const m = X.length;
  const n = X[0]?.length ?? 0;
  const penalty = (j: number): number => (j < n - 1 ? l2 : 0);
  let w = new Array<number>(n).fill(0);
  for (let k = 0; k < 30; k += 1) {
    const p = X.map((row) => 1 / (1 + Math.exp(-dot(row, w))));
    const gradient = w.map(
      (weight, j) =>
        mean(X.map((row, i) => ((p[i] ?? NaN) - (y[i] ?? NaN)) * (row[j] ?? NaN))) + penalty(j) * weight,
    );
    const { A } = normalEquations(X, y, (i) => ((p[i] ?? NaN) * (1 - (p[i] ?? NaN))) / m);
    const H = A.map((row, j) => row.map((value, i) => value + (i === j ? penalty(j) : 0)));
    const step = solve(H, gradient);
    w = w.map((weight, j) => weight - (step[j] ?? NaN));
  }
  return w;
}

test('breast-cancer.js finds the logistic regression', async () => {
  const { X, y } = exampleData('breast-cancer.csv');
  const isUnseen = (i: number): boolean => i % 4 === 3;
  const trainingY = y.filter((_, i) => !isUnseen(i));
  const training = standardized(X.filter((_, i) => !isUnseen(i)));
  const l2 = 0.01;
  const w = logisticRegression(
    training.rows.map((row) => [...row, 1]),
    trainingY,
    l2,
  );
  const weights = w.slice(0, -1);
  const z = X.map((row) => {
    const scaled = row.map((x, j) => (x - (training.means[j] ?? NaN)) / (training.scales[j] ?? NaN));
    return dot(scaled, weights) + (w.at(-1) ?? NaN);
  });
  const accuracy = (chosen: (i: number) => boolean): number =>
    mean(
      y.flatMap((label, i) => (chosen(i) ? [z[i] !== undefined && z[i] >= 0 === (label === 1) ? 1 : 0] : [])),
    );
  const losses = y.flatMap((label, i) =>
    isUnseen(i) ? [] : [Math.log(1 + Math.exp(label === 1 ? -(z[i] ?? NaN) : (z[i] ?? NaN)))],
  );
  const loss = mean(losses) + (l2 / 2) * dot(weights, weights);

  const lines = await exampleLines('breast-cancer');
  expect(numbersAfter(lines, 'log loss, penalty included: ')[0]).toBeCloseTo(loss, 5);
  expect(numbersAfter(lines, 'accuracy on the 427 it learned from: ')[0]).toBeCloseTo(
    100 * accuracy((i) => !isUnseen(i)),
    1,
  );
  expect(numbersAfter(lines, 'accuracy on 142 unseen: ')[0]).toBeCloseTo(100 * accuracy(isUnseen), 1);
  expect(numbersIn(lines.at(-1) ?? '')).toEqual([expect.closeTo(1 / (1 + Math.exp(-(z[3] ?? NaN))), 3)]);
});

/** XᵀX and Xᵀy of the flights, with a column of ones, as sums in SQL. */
async function flightSums(): Promise<{ A: number[][]; b: number[]; meanSquare: number; rows: number }> {
  const file = path.join(root, 'node_modules/vega-datasets/data/flights-3m.parquet');
  const columns = [
    'CASE WHEN hour(date) < 5 THEN hour(date) + 19 ELSE hour(date) - 5 END',
    'distance / 1000.0',
    "CASE WHEN dayname(date) IN ('Saturday', 'Sunday') THEN 1 ELSE 0 END",
    '1',
  ];
  const products = columns.flatMap((a) => columns.map((b) => `sum((${a}) * (${b}))::DOUBLE`));
  const targets = columns.map((a) => `sum((${a}) * delay)::DOUBLE`);
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  const reader = await connection.runAndReadAll(
    `SELECT ${[...products, ...targets].join(', ')}, sum(delay * delay)::DOUBLE, count(*)::DOUBLE FROM '${file}'`,
  );
  const sums = (reader.getRows()[0] ?? []).map(Number);
  connection.closeSync();
  database.closeSync();
  const A = columns.map((_, i) => sums.slice(4 * i, 4 * i + 4));
  const [squares = NaN, rows = NaN] = sums.slice(20);
  return { A, b: sums.slice(16, 20), meanSquare: squares / rows, rows };
}

test('flights.js fits three million flights', async () => {
  const { A, b, meanSquare, rows } = await flightSums();
  const theta = solve(A, b);
  // At the minimum the mean square of the residuals is that of y less θ·Xᵀy/m.
  const residual = Math.sqrt(meanSquare - dot(theta, b) / rows);

  const lines = await exampleLines('flights');
  expect(lines[0]).toMatch(new RegExp(`^${rows} flights on .*, plan gram$`));
  const names = ['hours since 5 o’clock', 'thousand miles', 'weekend', '(intercept)'];
  for (const [j, name] of names.entries()) {
    expect(numbersAfter(lines, name)).toEqual([expect.closeTo(theta[j] ?? NaN, 3)]);
  }
  expect(numbersAfter(lines, 'typical error: ')).toEqual([expect.closeTo(residual, 2)]);
});
