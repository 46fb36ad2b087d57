import { readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { dot, exampleData } from '../examples/least-squares';
import { data, expectFailure, fileWriter, fitJson, json, temporaryFolder, thalweg } from './thalweg';

const folder = temporaryFolder();
const write = fileWriter(folder);
const model = path.join(folder, 'model.json');
const text = 'x,colour,passed\n1,red,no\n2,blue,no\n3,red,yes\n5,blue,yes\n4,green,yes\n0,green,no\n';

type Json = Record<string, unknown>;

/** A model as it was written, for tests to spoil. */
function saved(file = model): Json {
  return JSON.parse(readFileSync(file, 'utf8')) as Json;
}

beforeAll(async () => {
  await fitJson([write('train.csv', text), '--target', 'passed', '--output', model]);
});

test('the file says what was trained, how, by what and on what', () => {
  expect(saved()).toMatchObject({
    format: 'thalweg-model',
    version: 2,
    thalweg: expect.stringMatching(/^\d+\.\d+\.\d+$/) as unknown,
    created: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as unknown,
    target: { name: 'passed', kind: 'category', levels: ['no', 'yes'] },
    features: [
      { name: 'x', kind: 'number', mean: 2.5 },
      { name: 'colour', kind: 'category', levels: ['green', 'red'], leftOut: 'blue' },
    ],
    missing: 'drop',
    neuron: { activation: 'sigmoid', weights: [expect.any(Number), expect.any(Number), expect.any(Number)] },
    training: { strategy: 'batch', loss: 'log', rows: 6, dropped: 0, data: 'train.csv', dtype: 'float64' },
  });
  expect(readdirSync(folder).sort()).toEqual(['model.json', 'train.csv']);
});

test('predict gives the outputs of the neuron, and the level of each', async () => {
  const { neuron } = saved() as { neuron: { weights: number[]; bias: number } };
  const rows = [
    [1, 0, 1],
    [2, 0, 0],
    [3, 0, 1],
    [5, 0, 0],
    [4, 1, 0],
    [0, 1, 0],
  ];
  const expected = rows.map((row) => 1 / (1 + Math.exp(-dot(row, neuron.weights) - neuron.bias)));
  const { code, stdout, stderr } = await thalweg(['predict', model, path.join(folder, 'train.csv')]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [head, ...lines] = stdout.trimEnd().split('\n');
  expect(head).toBe('prediction,level');
  const outputs = lines.map((line) => Number(line.split(',')[0]));
  expect(outputs).toEqual(expected.map((output) => expect.closeTo(output, 12) as unknown));
  expect(lines.map((line) => line.split(',')[1])).toEqual(
    expected.map((output) => (output >= 0.5 ? 'yes' : 'no')),
  );
});

test('predict --output writes the same to a file', async () => {
  const output = path.join(folder, 'predictions.csv');
  const args = ['predict', model, path.join(folder, 'train.csv')];
  const { stdout } = await thalweg(args);
  expect(await thalweg([...args, '--output', output])).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(readFileSync(output, 'utf8')).toBe(stdout);
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('a model that an editor has put a byte order mark before is read', async () => {
  const marked = write('marked.json', `\ufeff${readFileSync(model, 'utf8')}`);
  const { stdout } = await thalweg(['predict', model, path.join(folder, 'train.csv')]);
  expect(await thalweg(['predict', marked, path.join(folder, 'train.csv')])).toMatchObject({
    code: 0,
    stdout,
  });
});

test('evaluate scores by accuracy, and R² with the mean square', async () => {
  const scored = await json(['evaluate', model, path.join(folder, 'train.csv')]);
  expect(scored).toMatchObject({ rows: 6, dropped: 0, accuracy: 1 });
  const regression = path.join(folder, 'diabetes.json');
  const file = data('diabetes.csv');
  const { weights, intercept } = await fitJson([file, '--target', 'progression', '--output', regression]);
  const { names, X, y } = exampleData('diabetes.csv');
  const w = names.map((name) => weights[name] ?? NaN);
  const squares = X.map((row, i) => (dot(row, w) + intercept - (y[i] ?? NaN)) ** 2);
  const loss = squares.reduce((sum, square) => sum + square, 0) / y.length;
  const evaluated = (await json(['evaluate', regression, file])) as { r2: number; loss: number };
  expect(evaluated.loss / loss).toBeCloseTo(1, 9);
  const { stdout } = await thalweg(['evaluate', regression, file]);
  expect(stdout).toMatch(
    new RegExp(
      `^R² ${evaluated.r2.toFixed(4)} on 442 rows of diabetes\\.csv; 0 for their mean\\n28\\d\\d\\.\\d+ mean squared error\\n$`,
    ),
  );
});

describe('data of another form', () => {
  test.each([
    ['absent.csv', 'x,color\n1,red\n', /no column "colour"\. Did you mean "color"\?/, 'colour'],
    [
      'kind.csv',
      'x,colour\ntrue,red\n',
      /"x" of kind\.csv holds booleans; the model was trained on numbers/,
      'x',
    ],
    [
      'word.csv',
      'x,colour\none,red\ntwo,red\n',
      /"x" of word\.csv holds text, as "one" in row 1; the model was trained on numbers/,
      'x',
    ],
  ])('%s', async (name, content, message, column) => {
    await expectFailure(['predict', model, write(name, content)], { code: 'ERR_COLUMN', message, column });
  });

  test('a value that does not read gives no prediction, and is not scored', async () => {
    const file = write('cell.csv', 'x,colour,passed\n1,red,no\ntwo,red,no\n3,blue,yes\ninf,red,no\n');
    const { stdout } = await thalweg(['predict', model, file]);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line === ','),
    ).toEqual([false, false, true, false, true]);
    expect(await json(['evaluate', model, file])).toMatchObject({ rows: 2, dropped: 2 });
    const { stderr } = await thalweg(['evaluate', model, file]);
    expect(stderr).toContain('2 rows not scored: ');
    expect(stderr).toMatch(/did not see: x 2$/m);
  });

  test('evaluate with a level of the target that the model does not know', async () => {
    const file = write('level.csv', 'x,colour,passed\n1,red,no\n2,red,maybe\n');
    await expectFailure(['evaluate', model, file, '--json'], {
      code: 'ERR_COLUMN',
      message: /"passed" of level\.csv holds "maybe"; the model knows "no" and "yes"/,
      column: 'passed',
    });
  });

  test('a model that refuses missing values refuses them here too', async () => {
    const strict = path.join(folder, 'strict.json');
    await fitJson([
      path.join(folder, 'train.csv'),
      '--target',
      'passed',
      '--missing',
      'error',
      '--output',
      strict,
    ]);
    const lacking = write('lacking.csv', 'x,colour\n1,red\n,blue\n');
    await expectFailure(['predict', strict, lacking], {
      code: 'ERR_COLUMN',
      message: /row 2: the column "x" has no value/,
    });
    const unseen = write('unseen.csv', 'x,colour\n1,red\n2,blue\n3,mauve\n');
    await expectFailure(['predict', strict, unseen], {
      code: 'ERR_COLUMN',
      message: /row 3: the column "colour" holds no value, or a level that was not seen in training/,
    });
  });
});

describe('a hostile model is refused', () => {
  const file = path.join(folder, 'train.csv');

  /** A model with another value at a field, as `neuron.weights`. */
  function spoiled(field: string, value: unknown): string {
    const object = saved();
    const names = field.split('.');
    const last = names.pop() ?? '';
    const parent = names.reduce<Json>((inner, name) => inner[name] as Json, object);
    // An own property also where the name is __proto__.
    Object.defineProperty(parent, last, { value, enumerable: true, configurable: true });
    return JSON.stringify(object);
  }

  test.each([
    ['format', 'other', /"format" must be "thalweg-model"/],
    ['version', 3, /"version" must be 1 or 2, the versions that this thalweg reads/],
    ['neuron.weights', [1, 2], /"neuron\.weights" must have 3 numbers, one a column, not 2/],
    ['neuron.weights', [1, 2, null], /"neuron\.weights\[2\]" must be a number/],
    ['neuron.weights', 'many', /"neuron\.weights" must be an array of numbers/],
    ['neuron.bias', null, /"neuron\.bias" must be a number/],
    [
      'neuron.activation',
      '__proto__',
      /"neuron\.activation" must be one of linear, sigmoid, tanh, relu, softplus, exp/,
    ],
    ['__proto__', { polluted: true }, /"__proto__" is no field of a model/],
    ['neuron.__proto__', { polluted: true }, /"neuron\.__proto__" is no field of a model/],
    ['constructor', 1, /"constructor" is no field of a model/],
    ['features', [], /"features" must have at least one feature/],
    ['features.0.kind', 'imaginary', /"features\[0\]\.kind" must be number, boolean, date or category/],
    ['features.0.scale', 0, /"features\[0\]\.scale" must be above 0/],
    ['features.0.name', 'colour', /"features\[1\]\.name" stands twice/],
    ['features.1.levels', ['red', 'red'], /"features\[1\]\.levels" has a level twice/],
    ['features.1.levels', ['red', 'blue'], /"features\[1\]\.levels" has a level twice/],
    ['features.1.means', [1], /"features\[1\]\.means" must have 2 numbers, one a level, not 1/],
    ['features.1.fill', 'mauve', /"features\[1\]\.fill" is no level of it/],
    ['features.1.other', 'mauve', /"features\[1\]\.other" is no level of it/],
    [
      'features.0.form',
      { read: 'roman' },
      /"features\[0\]\.form\.read" must be number, hexadecimal, time or date/,
    ],
    ['features.0.form', { read: 'number', after: [''] }, /"features\[0\]\.form\.after\[0\]" is empty/],
    ['features.0.fill', '1', /"features\[0\]\.fill" must be a number/],
    ['missing', 'guess', /"missing" must be one of drop, mean, median, mode, indicator, error/],
    ['unknown', 'guess', /"unknown" must be error or other/],
    ['target.levels', ['no'], /"target\.levels" must have at least two levels/],
    ['target.levels', ['no', 1], /"target\.levels\[1\]" must be a text/],
    ['target.levels', ['no', 'no'], /"target\.levels" must all be different/],
    ['target.levels', ['no', 'yes', 'maybe'], /"target\.levels" must be 2, not 3/],
    ['neuron', undefined, /"neuron" is missing/],
    ['layer', { weights: [[1, 2]], biases: [1, 2], activation: 'linear' }, /"neuron" stands beside a layer/],
    ['created', 'yesterday', /"created" must be a time in ISO 8601/],
    ['training.rows', -1, /"training\.rows" must not be negative/],
  ])('%s = %j', async (field, value, message) => {
    const hostile = write('hostile.json', spoiled(field, value));
    await expectFailure(['evaluate', hostile, file, '--json'], { code: 'ERR_MODEL', message });
  });

  test.each([
    ['NaN', readTrained((json) => json.replace(/"bias": [^,]*/, '"bias": NaN')), /is not JSON/],
    [
      'infinity',
      readTrained((json) => json.replace(/"bias": [^,]*/, '"bias": 1e999')),
      /"neuron\.bias" must be a finite number/,
    ],
    ['cut short', readTrained((json) => json.slice(0, 300)), /is not JSON/],
    ['empty', () => '', /is not JSON/],
    ['another object', () => '{}', /"format" is missing/],
    ['an array', () => '[1]', /"format" is missing|must be an object/],
    ['nothing', () => 'null', /must be an object/],
    ['deep', () => '['.repeat(200_000) + ']'.repeat(200_000), /ERR_MODEL/],
  ])('%s', async (_, content, message) => {
    const hostile = write('hostile.json', content());
    await expectFailure(['predict', hostile, file], { code: 'ERR_MODEL', message });
  });

  function readTrained(change: (json: string) => string): () => string {
    return () => change(readFileSync(model, 'utf8'));
  }

  test('a gigabyte is refused before it is read', async () => {
    const huge = path.join(folder, 'huge.json');
    writeFileSync(huge, '');
    truncateSync(huge, 2 ** 30);
    await expectFailure(['predict', huge, file], {
      code: 'ERR_MODEL',
      message: /has 1073741824 bytes, more than any model/,
    });
  });

  test('one that is not there, or a folder', async () => {
    await expectFailure(['predict', 'no-such.json', file], {
      code: 'ERR_FILE',
      message: /There is no model no-such\.json/,
    });
    await expectFailure(['predict', folder, file], { code: 'ERR_FILE', message: /Cannot read the model/ });
  });
});
