import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { solve } from '../examples/least-squares';
import { data, fitJson, flights, temporaryFolder, thalweg } from './thalweg';

const folder = temporaryFolder();
const MEBI = 2 ** 20;

/** A module that leaves the most memory that the process held in a file. */
function measuring(file: string): string[] {
  const hook = path.join(folder, 'measure.cjs');
  // Not getrusage's maximum, which for a child of a large process begins at the parent's.
  writeFileSync(
    hook,
    `const { readFileSync, writeFileSync } = require('node:fs');
     process.on('exit', () => {
       const [, kibibytes] = /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
       writeFileSync(${JSON.stringify(file)}, String(kibibytes * 1024));
     });\n`,
  );
  return ['--require', hook];
}

/** The least squares of delay on distance and days, by sums in SQL over centred columns. */
async function leastSquares(): Promise<{ weights: number[]; r2: number }> {
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  const days = 'epoch_us(date) / 86400e6 - 11400';
  const reader = await connection.runAndReadAll(
    `SELECT var_pop(distance), covar_pop(distance, ${days}), var_pop(${days}), covar_pop(distance, delay), covar_pop(${days}, delay), var_pop(delay)
     FROM '${flights}'`,
  );
  const [dd = NaN, dt = NaN, tt = NaN, dy = NaN, ty = NaN, yy = NaN] = (reader.getRows()[0] ?? []).map(
    Number,
  );
  connection.closeSync();
  database.closeSync();
  const weights = solve(
    [
      [dd, dt],
      [dt, tt],
    ],
    [dy, ty],
  );
  return { weights, r2: ((weights[0] ?? NaN) * dy + (weights[1] ?? NaN) * ty) / yy };
}

const options = ['--target', 'delay', '--features', 'distance,date', '--device', 'cpu'];

test('three million flights: the least squares, in little more memory than X', async () => {
  const peakFile = path.join(folder, 'peak');
  const found = await fitJson([flights, ...options], { nodeArguments: measuring(peakFile) });
  const { weights, r2 } = await leastSquares();
  expect(found).toMatchObject({ rows: 3_000_000, dropped: 0, features: ['distance', 'date'] });
  expect(found.weights.distance).toBeCloseTo(weights[0] ?? NaN, 7);
  expect(found.weights.date).toBeCloseTo(weights[1] ?? NaN, 6);
  expect(found.score.train).toBeCloseTo(r2, 9);

  const smallFile = path.join(folder, 'small');
  await fitJson([data('diabetes.csv'), '--target', 'progression'], { nodeArguments: measuring(smallFile) });
  const growth = (Number(readFileSync(peakFile, 'utf8')) - Number(readFileSync(smallFile, 'utf8'))) / MEBI;
  // X on the device is 46 MiB, as are its values between reading and there, which are garbage then and go when V8 finds so;
  // y and its copy on the device are 23 each, as are the predictions to score. The rest is room for what DuckDB holds of the
  // file and for chunks of it that V8 has not let go yet: 25 seen. A row as an object would be 150 more.
  expect(growth).toBeGreaterThan(46);
  expect(growth).toBeLessThan(2 * 46 + 3 * 23 + 70);
});

test('the same call twice gives the same bits', async () => {
  const args = [flights, ...options, '--holdout', '0.1'];
  const first = await fitJson(args);
  const second = await fitJson(args);
  expect(second).toEqual({ ...first, seconds: second.seconds });
  expect(first.rows + (first.heldOut ?? NaN)).toBe(3_000_000);
  // 300,000 expected, with a standard deviation of 520.
  expect(Math.abs((first.heldOut ?? NaN) - 300_000)).toBeLessThan(5 * 520);
});

test('predictions of three million rows come in order', async () => {
  const model = path.join(folder, 'model.json');
  const output = path.join(folder, 'predictions.csv');
  const { weights, intercept } = await fitJson([
    flights,
    ...options,
    '--features',
    'distance',
    '--output',
    model,
  ]);
  expect(await thalweg(['predict', model, flights, '--output', output])).toMatchObject({ code: 0 });
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  const reader = await connection.runAndReadAll(
    `SELECT count(*)::DOUBLE, max(abs(prediction - (${weights.distance ?? NaN} * distance + ${intercept})))
     FROM (FROM '${flights}') POSITIONAL JOIN (FROM read_csv('${output}'))`,
  );
  connection.closeSync();
  database.closeSync();
  const [count, worst] = (reader.getRows()[0] ?? []).map(Number);
  expect(count).toBe(3_000_000);
  expect(worst).toBeLessThan(1e-9);
});
