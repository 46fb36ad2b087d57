import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Layer, Neuron } from '../../lib';
import { Uniform } from '../support/arbitrary';
import { expectThrow } from '../support/expectations';
import { isHeld } from './held-out';
import { type FitJson, expectFailure, fileWriter, fitJson, json, temporaryFolder, thalweg } from './thalweg';

const folder = temporaryFolder();
const write = fileWriter(folder);

const random = new Uniform(17);
const names = ['setosa', 'versicolor', 'virginica'];
const X: number[][] = [];
const labels: number[] = [];
for (let i = 0; i < 90; i += 1) {
  const k = i % 3;
  X.push([k + 2 * random.signed(), 10 * (k === 1 ? 1 : 0) + 12 * random.signed()]);
  labels.push(k);
}
const table = (label: (k: number) => string): string =>
  ['length,width,species', ...X.map((row, i) => `${row.join(',')},${label(labels[i] ?? 0)}`)].join('\n');
const flowers = write(
  'flowers.csv',
  table((k) => names[k] ?? ''),
);
const model = path.join(folder, 'flowers.json');
const l2 = 0.05;

interface Saved {
  readonly target: { readonly levels: readonly unknown[] };
  readonly layer: { readonly weights: number[][]; readonly biases: number[]; readonly activation: string };
}

const saved = (file = model): Saved => JSON.parse(readFileSync(file, 'utf8')) as Saved;

/** The probabilities of a row's classes, in plain float64. */
function probabilities({ weights, biases }: Saved['layer'], row: readonly number[]): number[] {
  const z = biases.map((bias, k) => row.reduce((sum, x, j) => sum + x * (weights[j]?.[k] ?? NaN), bias));
  const parts = z.map((value) => Math.exp(value - Math.max(...z)));
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => part / sum);
}

let found: FitJson | undefined;

beforeAll(async () => {
  const args = [flowers, '--target', 'species', '--l2', String(l2), '--device', 'cpu', '--output', model];
  found = await fitJson(args);
});

test('three levels are learned as classes, to where the gradient of their cross-entropy is 0', () => {
  expect(found).toMatchObject({ activation: 'softmax', plan: 'fused', stopped: 'converged', rows: 90 });
  expect(found?.target).toEqual({ name: 'species', kind: 'category', levels: names });
  const { layer } = saved();
  expect(layer.activation).toBe('softmax');
  const m = X.length;
  const scale = [0, 1].map((j) => {
    const column = X.map((row) => row[j] ?? NaN);
    const mean = column.reduce((sum, x) => sum + x, 0) / m;
    return { mean, deviation: Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / m) };
  });
  const gaps = X.map((row, i) => probabilities(layer, row).map((p, k) => p - (labels[i] === k ? 1 : 0)));
  for (let k = 0; k < 3; k += 1) {
    const ofBias = gaps.reduce((sum, gap) => sum + (gap[k] ?? NaN), 0) / m;
    expect(Math.abs(ofBias)).toBeLessThan(1e-7);
    for (const [j, { mean, deviation }] of scale.entries()) {
      const slope = gaps.reduce((sum, gap, i) => sum + ((X[i]?.[j] ?? NaN) - mean) * (gap[k] ?? NaN), 0);
      // The penalty is on the weights of scaled features.
      const penalty = l2 * (layer.weights[j]?.[k] ?? NaN) * deviation;
      expect(Math.abs(slope / (m * deviation) + penalty)).toBeLessThan(1e-7);
    }
  }
});

test('the report names the classes, and has a column of weights for each', async () => {
  const { code, stdout } = await thalweg(['fit', flowers, '--target', 'species', '--device', 'cpu']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/→ species {2}\(3 classes: setosa, versicolor, virginica\)$/m);
  expect(stdout).toMatch(/^ {2}loss {5}0\.\d+ mean log loss$/m);
  expect(stdout).toMatch(
    /^ {2}score {4}accuracy \d+\.\d\d % on 90 rows trained on; 33\.33 % for always setosa$/m,
  );
  expect(stdout).toMatch(/^ {2}column +setosa +versicolor +virginica$/m);
  expect(stdout).toMatch(/^ {2}length( +-?\d\S*){3}$/m);
  expect(stdout).toMatch(/^ {2}\(intercept\)( +-?\d\S*){3}$/m);
});

test('--json has the weights of each class by its name', async () => {
  const { weights, intercept } = await fitJson([flowers, '--target', 'species', '--l2', String(l2)]);
  const { layer } = saved();
  const named = (values: readonly number[] = []): object =>
    Object.fromEntries(names.map((name, k) => [name, expect.closeTo(values[k] ?? NaN, 9) as unknown]));
  expect(weights).toEqual({ length: named(layer.weights[0]), width: named(layer.weights[1]) });
  expect(intercept).toEqual(named(layer.biases));
});

test('predict writes the probability of each class, named by it, and the likeliest', async () => {
  const file = write('lacking.csv', `${readFileSync(flowers, 'utf8')}\n1,,setosa\n`);
  const { code, stdout, stderr } = await thalweg(['predict', model, file, '--device', 'cpu']);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^1 row without a prediction/);
  const [head, ...lines] = stdout.trimEnd().split('\n');
  expect(head).toBe('setosa,versicolor,virginica,level');
  expect(lines).toHaveLength(91);
  expect(lines.at(-1)).toBe(',,,');
  for (const [i, row] of X.entries()) {
    const expected = probabilities(saved().layer, row);
    const [level, ...cells] = (lines[i] ?? '').split(',').reverse();
    expect(cells.reverse().map(Number)).toEqual(expected.map((p) => expect.closeTo(p, 12) as unknown));
    expect(level).toBe(names[expected.indexOf(Math.max(...expected))]);
  }
  const output = path.join(folder, 'predictions.csv');
  await thalweg(['predict', model, file, '--device', 'cpu', '--output', output, '--quiet']);
  expect(readFileSync(output, 'utf8')).toBe(stdout);
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('evaluate gives accuracy and log loss', async () => {
  const all = X.map((row) => probabilities(saved().layer, row));
  const right = all.filter((each, i) => each.indexOf(Math.max(...each)) === labels[i]).length;
  const loss = all.reduce((sum, each, i) => sum - Math.log(each[labels[i] ?? 0] ?? NaN), 0) / X.length;
  expect(await json(['evaluate', model, flowers, '--device', 'cpu'])).toMatchObject({
    rows: 90,
    accuracy: right / X.length,
    loss: expect.closeTo(loss, 12) as unknown,
  });
  const unknown = write('unknown.csv', 'length,width,species\n1,2,setosa\n1,2,rose\n');
  await expectFailure(['evaluate', model, unknown], {
    code: 'ERR_COLUMN',
    message: /holds "rose"; the model knows "setosa", "versicolor" and "virginica"/,
  });
});

test('Layer.fromJSON reads the model, and predict what a layer is written as', async () => {
  const layer = Layer.fromJSON(JSON.parse(readFileSync(model, 'utf8')));
  expect(layer.classes).toEqual(names);
  expect([...layer.output(X[5] ?? [])]).toEqual(
    probabilities(saved().layer, X[5] ?? []).map((p) => expect.closeTo(p, 12) as unknown),
  );
  const bare = write('layer.json', JSON.stringify(layer));
  const inputs = write('inputs.csv', `length,width\n${X.map((row) => row.join(',')).join('\n')}\n`);
  const byLayer = await thalweg(['predict', bare, inputs, '--device', 'cpu']);
  const byModel = await thalweg(['predict', model, inputs, '--device', 'cpu']);
  expect(byLayer.stdout).toBe(byModel.stdout);
  expect(byLayer.stderr).toMatch(/names no columns: those of inputs\.csv are taken in their order/);
  await expectFailure(['evaluate', bare, flowers], {
    code: 'ERR_MODEL',
    message: /is a neuron or a layer alone, which names no columns/,
  });
  const linear = new Layer({
    weights: [
      [1, 10],
      [2, 20],
    ],
    biases: [3, 4],
  });
  const { stdout } = await thalweg([
    'predict',
    write('linear.json', JSON.stringify(linear)),
    write('one.csv', 'a,b\n10,100\n'),
  ]);
  expect(stdout).toBe('0,1\n213,2104\n');
  expectThrow(() => Neuron.fromJSON(JSON.parse(readFileSync(model, 'utf8'))), {
    code: 'ERR_MODEL',
    message: /"layer" is of several outputs: read it with Layer\.fromJSON/,
  });
  const neuron = path.join(folder, 'neuron.json');
  await fitJson([flowers, '--target', 'length', '--output', neuron]);
  expectThrow(() => Layer.fromJSON(JSON.parse(readFileSync(neuron, 'utf8'))), {
    code: 'ERR_MODEL',
    message: /"neuron" is one output: read it with Neuron\.fromJSON/,
  });
});

describe('--activation softmax', () => {
  test('takes whole numbers as classes, in their order', async () => {
    const file = write(
      'numbers.csv',
      table((k) => String([10, -3, 9][k])),
    );
    const output = path.join(folder, 'numbers.json');
    const args = ['--target', 'species', '--activation', 'softmax', '--l2', String(l2), '--device', 'cpu'];
    const found = await fitJson([file, ...args, '--output', output]);
    expect(found.target).toEqual({ name: 'species', kind: 'number', levels: [-3, 9, 10] });
    const { layer, target } = saved(output);
    expect(target.levels).toEqual([-3, 9, 10]);
    // The same rows under other names: versicolor is -3, virginica 9, setosa 10.
    const order = [1, 2, 0];
    layer.weights.forEach((row, j) => {
      row.forEach((weight, k) => {
        expect(weight).toBeCloseTo(saved().layer.weights[j]?.[order[k] ?? 0] ?? NaN, 6);
      });
    });
    const evaluated = (await json(['evaluate', output, file])) as { accuracy: number; loss: number };
    expect(evaluated.accuracy).toBe(found.score.train);
    const { stdout } = await thalweg(['predict', output, file, '--device', 'cpu']);
    expect(stdout).toMatch(/^-3,9,10,level\n/);
    expect(Layer.fromJSON(JSON.parse(readFileSync(output, 'utf8'))).classes).toEqual([-3, 9, 10]);
    const other = write('other.csv', 'length,width,species\n1,2,9\n1,2,9.5\n');
    await expectFailure(['evaluate', output, other], {
      code: 'ERR_COLUMN',
      message: /holds 9\.5; the model knows -3, 9 and 10/,
    });
  });

  test('of two levels has an output for each, of one sigmoid the difference', async () => {
    const file = write(
      'two.csv',
      table((k) => (k === 2 ? 'true' : 'false')),
    );
    const args = [file, '--target', 'species', '--device', 'cpu', '--output'];
    const [one, two] = [path.join(folder, 'one.json'), path.join(folder, 'two.json')];
    await fitJson([...args, one]);
    await fitJson([...args, two, '--activation', 'softmax']);
    const [sigmoid, softmax] = [
      await thalweg(['predict', one, file, '--device', 'cpu']),
      await thalweg(['predict', two, file, '--device', 'cpu']),
    ];
    expect(softmax.stdout).toMatch(/^false,true,level\n/);
    const [, ...ones] = sigmoid.stdout.trimEnd().split('\n');
    const [, ...twos] = softmax.stdout.trimEnd().split('\n');
    for (const [i, text] of twos.entries()) {
      const [no, yes, level] = text.split(',');
      const [output, expected] = (ones[i] ?? '').split(',');
      expect(Number(yes)).toBeCloseTo(Number(output), 6);
      expect(Number(no) + Number(yes)).toBeCloseTo(1, 12);
      expect(level).toBe(expected);
    }
  });

  test.each([
    ['fractions', 'a,y\n1,1\n2,2\n3,2.5\n4,1\n', /row 3: the target "y" is 2\.5; classes are whole numbers/],
    ['dates', 'a,y\n1,2026-01-01\n2,2026-01-02\n3,2026-01-02\n', /the target "y" .* holds dates/i],
    ['one class', 'a,y\n1,7\n2,7\n', /is whole numbers with one level \(7\)/],
    ['ids', 'a,y\n1,7\n2,8\n3,9\n', /is whole numbers with a level of its own in each row \(7, 8, 9\)/],
  ])('refuses %s', async (what, content, message) => {
    const args = ['fit', write(`${what}.csv`, content), '--target', 'y', '--activation', 'softmax', '--json'];
    await expectFailure(args, { code: 'ERR_COLUMN', message, column: 'y' });
  });
});

test('names of classes with commas and quotes stay one column each', async () => {
  const file = write(
    'quoted.csv',
    table((k) => ['"a,b"', '"say ""c"""', 'd'][k] ?? ''),
  );
  const output = path.join(folder, 'quoted.json');
  await fitJson([file, '--target', 'species', '--output', output]);
  const { stdout } = await thalweg(['predict', output, file]);
  expect(stdout).toMatch(/^"a,b",d,"say ""c""",level\n/);
  expect(stdout).toMatch(/,"a,b"\n/);
});

test('a level that is held out alone is told of', async () => {
  const held = Array.from({ length: 40 }, (_, i) => i + 1).find((row) => isHeld(row, 0, 0.3)) ?? 0;
  const rows = Array.from(
    { length: 40 },
    (_, i) => `${i % 7},${i + 1 === held ? 'rare' : ['p', 'q'][i % 2]}`,
  );
  const file = write('rare.csv', `a,y\n${rows.join('\n')}\n`);
  const { code, stderr } = await thalweg(['fit', file, '--target', 'y', '--holdout', '0.3', '--l2', '0.1']);
  expect(code).toBe(0);
  expect(stderr).toBe(
    '"rare": a level of the target in no row that is trained on, so that nothing is learned of it\n',
  );
});

test.each([
  ['sigmoid', /has 3 levels \("setosa", "versicolor" and "virginica"\), and --activation sigmoid learns/],
  ['linear', /--activation linear learns numbers or two levels\. Leave --activation out, or use softmax/],
])('--activation %s is refused for three levels', async (activation, message) => {
  await expectFailure(['fit', flowers, '--target', 'species', '--activation', activation, '--json'], {
    ...{ code: 'ERR_COLUMN', message },
    column: 'species',
  });
});

test('more than a thousand levels are refused, and counted', async () => {
  const rows = Array.from({ length: 2400 }, (_, i) => `${i % 10},name${i % 1200}`);
  const file = write('names.csv', `a,y\n${rows.join('\n')}\n`);
  await expectFailure(['fit', file, '--target', 'y'], {
    code: 'ERR_COLUMN',
    message: /is text with 1200 levels \("name0", "name1", "name10", …\), more than 1000 classes/,
  });
});

describe('a hostile model of classes is refused', () => {
  test.each([
    ['layer.biases', [1, 2], /"layer\.weights\[0\]" must have 2 numbers, one an output, not 3/],
    ['layer.weights', [[1, 2, 3]], /"layer\.weights" must have 2 numbers, one a column, not 1/],
    [
      'layer.weights',
      [
        [1, 2, 3],
        [1, null, 3],
      ],
      /"layer\.weights\[1\]\[1\]" must be a number/,
    ],
    ['layer.activation', 'hardmax', /"layer\.activation" must be one of .*softmax/],
    ['target.levels', ['a', 'b'], /"target\.levels" must be 3, not 2/],
    ['target.levels', ['a', 'b', 'a'], /"target\.levels" must all be different/],
  ])('%s = %j', async (field, value, message) => {
    const object = saved() as unknown as Record<string, Record<string, unknown>>;
    const [parent = '', last = ''] = field.split('.');
    (object[parent] as Record<string, unknown>)[last] = value;
    await expectFailure(['predict', write('hostile.json', JSON.stringify(object)), flowers], {
      code: 'ERR_MODEL',
      message,
    });
  });
});
