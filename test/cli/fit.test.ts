import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { dot, exampleData, mean, normalEquations, solve, standardized } from '../examples/least-squares';
import { relativeError } from '../support/expectations';
import { type FitJson, data, expectFailure, fileWriter, fitJson, temporaryFolder, thalweg } from './thalweg';

const folder = temporaryFolder();
const write = fileWriter(folder);

/** R² of predictions. */
function determination(y: readonly number[], predictions: readonly number[]): number {
  const residuals = y.map((value, i) => value - (predictions[i] ?? NaN));
  const spread = y.map((value) => value - mean(y));
  return 1 - dot(residuals, residuals) / dot(spread, spread);
}

/** The minimum of the mean square + l2/2·Σw² over scaled features, as weights for raw ones. */
function ridge(
  X: readonly (readonly number[])[],
  y: readonly number[],
  l2: number,
): { weights: number[]; bias: number } {
  const { rows, means, scales } = standardized(X);
  const { A, b } = normalEquations(
    rows.map((row) => [...row, 1]),
    y,
  );
  const penalised = A.map((row, j) =>
    row.map((value, k) => value + (j === k && j < means.length ? (l2 * y.length) / 2 : 0)),
  );
  const solution = solve(penalised, b);
  const weights = means.map((_, j) => (solution[j] ?? NaN) / (scales[j] ?? NaN));
  return { weights, bias: (solution.at(-1) ?? NaN) - dot(weights, means) };
}

describe('diabetes.csv', () => {
  const { names, X, y } = exampleData('diabetes.csv');

  test('the defaults come near the least squares', async () => {
    const { weights, bias } = ridge(X, y, 0);
    const best = determination(
      y,
      X.map((row) => dot(row, weights) + bias),
    );
    const found = await fitJson([data('diabetes.csv'), '--target', 'progression']);
    expect(found).toMatchObject({ strategy: 'batch', rows: 442, dropped: 0, features: names });
    expect(found.iterations).toBeLessThanOrEqual(1000);
    expect(found.score.train).toBeLessThanOrEqual(best + 1e-12);
    expect(found.score.train).toBeGreaterThan(best - 1e-3);
    const predictions = X.map((row) =>
      row.reduce((sum, x, j) => sum + x * (found.weights[names[j] ?? ''] ?? NaN), found.intercept),
    );
    expect(found.score.train).toBeCloseTo(determination(y, predictions), 9);
  });

  test('a penalty gives the weights of the ridge regression', async () => {
    const expected = ridge(X, y, 0.5);
    const found = await fitJson([data('diabetes.csv'), '--target', 'progression', '--l2', '0.5']);
    expect(found.stopped).toBe('converged');
    const { scales } = standardized(X);
    const scaled = (weights: readonly number[]): number[] =>
      weights.map((weight, j) => weight * (scales[j] ?? NaN));
    const weights = names.map((name) => found.weights[name] ?? NaN);
    // The loss stood still to 1e-9 of itself; weights are off by about the square root of that.
    expect(relativeError(scaled(weights), scaled(expected.weights))).toBeLessThan(1e-3);
    expect(relativeError([found.intercept], [expected.bias])).toBeLessThan(1e-3);
  });

  test.each(['stochastic', 'mini-batch'])(
    '%s descent learns too, the same for the same seed',
    async (strategy) => {
      const args = [data('diabetes.csv'), '--target', 'progression', '--strategy', strategy, '--seed', '7'];
      const found = await fitJson([...args, '--epochs', '40']);
      expect(found).toMatchObject({ strategy, plan: 'sequential' });
      expect(found.score.train).toBeGreaterThan(0.4);
      const again = await fitJson([...args, '--epochs', '40']);
      expect(again).toEqual({ ...found, seconds: again.seconds });
    },
  );

  test('other formats give the same model, bit for bit', async () => {
    const text = readFileSync(data('diabetes.csv'), 'utf8').replaceAll('\r\n', '\n');
    const lines = text.trim().split('\n');
    const keys = (lines[0] ?? '').split(',');
    const files = [
      write('diabetes.tsv', text.replaceAll(',', '\t')),
      write('semicolon.csv', `\ufeff${text.replaceAll(',', ';').replaceAll('\n', '\r\n')}`),
      write(
        'diabetes.jsonl',
        lines
          .slice(1)
          .map((line) => {
            const values = line.split(',').map(Number);
            return `${JSON.stringify(Object.fromEntries(keys.map((key, j) => [key, values[j]])))}\n`;
          })
          .join(''),
      ),
      path.join(folder, 'diabetes.parquet'),
    ];
    const database = await DuckDBInstance.create(':memory:');
    const connection = await database.connect();
    await connection.run(
      `COPY (FROM read_csv('${data('diabetes.csv')}')) TO '${files[3] ?? ''}' (FORMAT parquet)`,
    );
    connection.closeSync();
    database.closeSync();
    const options = ['--target', 'progression', '--holdout', '0.25', '--l2', '0.1'];
    const { seconds, ...expected } = await fitJson([data('diabetes.csv'), ...options]);
    expect(seconds).toBeGreaterThan(0);
    for (const file of files) {
      const found = await fitJson([file, ...options]);
      expect(found).toMatchObject({ ...expected, notes: found.notes });
    }
  });
});

test('breast-cancer.csv becomes a classifier', async () => {
  const file = data('breast-cancer.csv');
  // Its classes can be told apart without an error: without a penalty there is no finite optimum.
  const found = await fitJson([file, '--target', 'benign', '--l2', '0.001', '--holdout', '0.3']);
  expect(found.activation).toBe('sigmoid');
  expect(found.rows + (found.heldOut ?? NaN)).toBe(569);
  expect(found.score.train).toBeGreaterThan(0.97);
  expect(found.score.holdout).toBeGreaterThan(0.94);
  const { names, X, y } = exampleData('breast-cancer.csv');
  const right = X.filter((row, i) => {
    const z =
      dot(
        row,
        names.map((name) => found.weights[name] ?? NaN),
      ) + found.intercept;
    return z >= 0 === (y[i] === 1);
  });
  // Both parts together are the file.
  const counted =
    (found.score.train ?? NaN) * found.rows + (found.score.holdout ?? NaN) * (found.heldOut ?? NaN);
  expect(counted).toBeCloseTo(right.length, 6);
});

describe('a target of numbers', () => {
  const rows = (targets: readonly number[]): string =>
    ['x,y', ...targets.map((target, i) => `${(i * 7) % 11},${target}`), ''].join('\n');
  const activationOf = async (name: string, targets: readonly number[], ...more: string[]): Promise<string> =>
    (await fitJson([write(name, rows(targets)), '--target', 'y', '--l2', '0.1', ...more])).activation;

  test('is two classes where it holds 0 and 1 and nothing else', async () => {
    expect(await activationOf('both.csv', [0, 1, 1, 0, 1])).toBe('sigmoid');
    expect(await activationOf('one.csv', [1, 1, 1, 1, 1])).toBe('linear');
    expect(await activationOf('more.csv', [0, 1, 1, 0, 2])).toBe('linear');
  });

  test('that counts brings a hint, unless it is told how to learn', async () => {
    const counts = [0, 3, 1, 7, 2, 0, 12];
    const notesOf = async (targets: readonly number[], ...more: string[]): Promise<unknown[]> => {
      const found = await fitJson([write('counts.csv', rows(targets)), '--target', 'y', ...more]);
      return (found as unknown as { notes: { code: string }[] }).notes.map(({ code }) => code);
    };
    expect(await notesOf(counts)).toContain('COUNTS');
    expect(await notesOf(counts, '--activation', 'linear')).not.toContain('COUNTS');
    expect(await notesOf(counts, '--activation', 'exp')).not.toContain('COUNTS');
    expect(await notesOf([...counts, 0.5])).not.toContain('COUNTS');
    expect(await notesOf([...counts, -1])).not.toContain('COUNTS');
    expect(await notesOf(counts.map((count) => count + 1))).not.toContain('COUNTS');
  });

  test('is numbers also where a row that is held out is another', async () => {
    const targets = Array.from({ length: 30 }, (_, i) => (i === 17 ? 2 : i % 2));
    for (const seed of ['1', '2', '3', '4'])
      expect(await activationOf('held.csv', targets, '--holdout', '0.5', '--seed', seed)).toBe('linear');
  });
});

test('a weight that is rounding beside the others is shown as 0, and told as it is', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => [i, (i * i) % 7, 2 * i].join(','));
  const file = write('noise.csv', ['a,b,y', ...rows].join('\n'));
  const { weights, intercept } = await fitJson([file, '--target', 'y', '--device', 'cpu']);
  expect(weights['a']).toBeCloseTo(2, 12);
  for (const noise of [weights['b'] ?? NaN, intercept]) expect(Math.abs(noise)).toBeLessThan(1e-11);
  const { stdout } = await thalweg(['fit', file, '--target', 'y', '--device', 'cpu']);
  expect(stdout).toMatch(/^ {2}a +2 +23\.0868$/m);
  expect(stdout).toMatch(/^ {2}b +0 +0$/m);
  expect(stdout).toMatch(/^ {2}\(intercept\) +0$/m);
});

test('short options are those of long names', async () => {
  const output = path.join(folder, 'short.json');
  const file = data('diabetes.csv');
  const short = await thalweg(['fit', file, '-t', 'progression', '-d', 'cpu', '-o', output, '-q', '--json']);
  const { weights } = JSON.parse(short.stdout) as FitJson;
  expect(weights).toEqual((await fitJson([file, '--target', 'progression', '--device', 'cpu'])).weights);
  const written = path.join(folder, 'short.csv');
  expect(await thalweg(['predict', output, file, '-d', 'cpu', '-o', written, '-q'])).toMatchObject({
    code: 0,
  });
  expect(readFileSync(written, 'utf8')).toMatch(/^prediction\n\d/);
});

test.each([
  [['--lr', '0.1'], /unknown option '--lr'\n\(Did you mean --learning-rate\?\)/],
  [['--test-size=0.2'], /\(Did you mean --holdout\?\)/],
  [['--lerning-rate', '1'], /\(Did you mean --learning-rate\?\)/],
])('%s is told what it is called here', async (args, message) => {
  const { code, stderr } = await thalweg(['fit', data('diabetes.csv'), '-t', 'progression', ...args]);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});

test('a device that is none is told by the option that was typed', async () => {
  await expectFailure(['fit', data('diabetes.csv'), '-t', 'progression', '-d', 'cuda', '--json'], {
    code: 'ERR_INVALID_ARGUMENT',
    message: /^(thalweg: ERR_INVALID_ARGUMENT: )?--device must be one of 'auto', .*; it is 'cuda'/,
    option: 'device',
  });
});

describe('what is printed', () => {
  test('says the device, the loss, the score and the weights by name', async () => {
    const { code, stdout, stderr } = await thalweg([
      'fit',
      data('diabetes.csv'),
      '--target',
      'progression',
      '--device',
      'cpu',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^diabetes\.csv: 10 features → progression$/m);
    expect(stdout).toMatch(/^ {2}device {3}cpu, .*, float64$/m);
    expect(stdout).toMatch(/^ {2}loss {5}28\d\d\.\d+ mean squared error$/m);
    expect(stdout).toMatch(/^ {2}score {4}R² 0\.51\d\d on 442 rows trained on; 0 for their mean$/m);
    expect(stdout).toMatch(/^ {2}bmi +5\.\d+ +2\d\.\d+$/m);
    expect(stdout).toMatch(/^ {2}\(intercept\) +-\d+\.\d+$/m);
    expect(stdout).not.toContain('\u001b');
  });

  test('says which level is 0 and which is 1, and the counts of dropped rows', async () => {
    const file = write('levels.csv', 'x,size,passed\n1,3,no\n2,,no\n3,1,yes\nNA,2,yes\n5,5,yes\n6,4,no\n');
    const { code, stdout, stderr } = await thalweg(['fit', file, '--target', 'passed']);
    expect(code).toBe(0);
    expect(stderr).toBe(
      'taken as missing: x (NA 1); --null names other words\n2 rows dropped for missing values: x 1, size 1\n',
    );
    expect(stdout).toMatch(/→ passed {2}\(no = 0, yes = 1\)$/m);
    expect(stdout).toMatch(/accuracy \d+\.\d\d % on 4 rows trained on/);
    const quiet = await thalweg(['fit', file, '--target', 'passed', '--quiet']);
    expect(quiet).toMatchObject({ code: 0, stderr: '' });
  });

  test('says that 0 and 1 are classes, and otherwise that they could be', async () => {
    const fit = ['fit', data('breast-cancer.csv'), '--target', 'benign', '--l2', '0.01'];
    const classes = await thalweg(fit);
    expect(classes.stderr).toBe(
      'benign holds only 0 and 1, which are two classes: --activation linear learns numbers\n',
    );
    expect(classes.stdout).toMatch(/accuracy 98\.\d\d % on 569 rows trained on/);
    const numbers = await thalweg([...fit, '--activation', 'linear']);
    expect(numbers.stderr).toBe('benign holds only 0 and 1: --activation sigmoid learns their probability\n');
    expect(numbers.stdout).toMatch(/R² 0\.7\d+ on 569 rows trained on/);
    const told = await thalweg([...fit, '--activation', 'sigmoid']);
    expect(told.stderr).toBe('');
    expect(told.stdout).toMatch(/accuracy 98\.\d\d % on 569 rows trained on/);
  });

  test('says that classes which a line tells apart have no best weights', async () => {
    const file = write('apart.csv', 'x,y\n1,0\n2,0\n3,0\n5,1\n6,1\n');
    const note =
      'the classes can be told apart without an error, so that larger weights are always better: give --l2\n';
    const free = await thalweg(['fit', file, '--target', 'y', '--activation', 'sigmoid']);
    expect(free.stderr).toBe(note);
    const held = await thalweg(['fit', file, '--target', 'y', '--activation', 'sigmoid', '--l2', '0.01']);
    expect(held.stderr).toBe('');
  });
});
