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

/** Of the prediction that weights of levels give, the sum of residuals in each of them, as a share of Σ|delay|. */
async function residualsByLevel(
  weights: Readonly<Record<string, number>>,
  intercept: number,
): Promise<{ groups: number; worst: number }> {
  const levels = (column: string): string =>
    Object.entries(weights)
      .filter(([name]) => name.startsWith(`${column}=`))
      .map(([name, weight]) => `('${name.slice(column.length + 1)}', ${weight}::DOUBLE)`)
      .join(', ');
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  const reader = await connection.runAndReadAll(
    `WITH o(origin, wo) AS (VALUES ${levels('origin')}), d(destination, wd) AS (VALUES ${levels('destination')}),
       r AS (SELECT origin, destination, delay, delay - (${intercept} + ${weights.distance ?? NaN} * distance
           + ${weights.date ?? NaN} * (epoch_us(date) / 86400e6) + coalesce(wo, 0) + coalesce(wd, 0)) AS residual
         FROM '${flights}' LEFT JOIN o USING (origin) LEFT JOIN d USING (destination)),
       groups AS (SELECT sum(residual) AS s FROM r GROUP BY origin UNION ALL SELECT sum(residual) FROM r GROUP BY destination)
     SELECT count(*)::DOUBLE, max(abs(s)) / (SELECT sum(abs(delay)) FROM r) FROM groups`,
  );
  connection.closeSync();
  database.closeSync();
  const [groups = NaN, worst = NaN] = (reader.getRows()[0] ?? []).map(Number);
  return { groups, worst };
}

test('levels of three million flights are codes, not columns, and their residuals add up to nothing', async () => {
  const peakFile = path.join(folder, 'peak-coded');
  const found = await fitJson(
    [flights, '--target', 'delay', '--features', 'distance,date,origin,destination', '--device', 'cpu'],
    { nodeArguments: measuring(peakFile) },
  );
  expect(found).toMatchObject({ rows: 3_000_000, dropped: 0, converged: true });
  // 229 and 228 levels, of which one each is left out.
  expect(Object.keys(found.weights)).toHaveLength(2 + 228 + 227);
  const { groups, worst } = await residualsByLevel(found.weights, found.intercept);
  expect(groups).toBe(229 + 228);
  expect(worst).toBeLessThan(1e-9);
  // As columns of 0 and 1 they would be 5 GiB.
  expect(Number(readFileSync(peakFile, 'utf8')) / MEBI).toBeLessThan(600);
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
