import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type ActivationName, type Descent, type FitOptions, Neuron, type Targets } from '../../lib';
import { exampleData } from '../examples/least-squares';
import { Uniform } from '../support/arbitrary';
import { relativeError } from '../support/expectations';
import { type FitJson, data, fileWriter, fitJson, json, temporaryFolder, thalweg } from './thalweg';

// The same data learned from through the API and through the command line: both call one estimator.

const folder = temporaryFolder();
const write = fileWriter(folder);

interface Case {
  readonly file: string;
  readonly target: string;
  readonly activation: ActivationName;
  /** X, column by column of `names`. */
  readonly names: readonly string[];
  readonly X: readonly (readonly number[])[];
  readonly y: Targets;
  /** As the command line takes them, and as `Neuron.fit` does. */
  readonly args: readonly string[];
  readonly options: FitOptions;
}

/** Far below what the scaling, measured in two ways, and the order of sums leave. */
const CLOSE = 1e-7;

async function expectAgreement(one: Case): Promise<void> {
  const model = path.join(folder, 'model.json');
  const args = [one.file, '--target', one.target, '--activation', one.activation, '--output', model];
  const told = await fitJson([...args, ...one.args]);
  const neuron = new Neuron({ inputs: one.names.length, activation: one.activation });
  const descent = await neuron.fit(one.X, one.y, one.options);
  expectSameDescent(told, descent, one.names);
  const score = await neuron.score(one.X, one.y);
  expect(told.score.train).toBeCloseTo(score, 9);
  await expectSamePredictions(one, model, neuron, score);
}

function expectSameDescent(told: FitJson, descent: Descent, names: readonly string[]): void {
  const { device, plan, iterations, stopped } = descent;
  expect(told).toMatchObject({ device, plan, iterations, stopped });
  expect(Object.keys(told.weights)).toEqual(names);
  expect(relativeError(Object.values(told.weights), descent.theta)).toBeLessThan(CLOSE);
  expect(relativeError([told.intercept], [descent.intercept], 1e-3)).toBeLessThan(CLOSE);
  expect(relativeError([told.loss], [descent.loss.at(-1) ?? NaN])).toBeLessThan(CLOSE);
}

/** The file that the command line wrote predicts and scores alike in both. */
async function expectSamePredictions(
  { file, activation, X, y }: Case,
  model: string,
  trained: Neuron,
  score: number,
): Promise<void> {
  const read = Neuron.fromJSON(JSON.parse(readFileSync(model, 'utf8')));
  expect(read.classes).toEqual(trained.classes);
  const outputs = await read.predict(X);
  expect(relativeError(outputs, await trained.predict(X))).toBeLessThan(CLOSE);
  const { stdout } = await thalweg(['predict', model, file, '--quiet']);
  const [, ...lines] = stdout.trimEnd().split('\n');
  expect(lines.map((line) => Number(line.split(',')[0]))).toEqual([...outputs]);
  const evaluated = (await json(['evaluate', model, file])) as Record<string, number>;
  expect(evaluated[activation === 'sigmoid' ? 'accuracy' : 'r2']).toBeCloseTo(score, 9);
  expect(await read.score(X, y)).toBeCloseTo(score, 9);
}

const batch = {
  strategy: 'batch',
  learningRate: 'auto',
  iterations: 1000,
  tolerance: 1e-9,
  standardize: true,
} as const;

describe('the examples', () => {
  test.each<[string, string, ActivationName]>([
    ['diabetes.csv', 'progression', 'linear'],
    ['breast-cancer.csv', 'benign', 'sigmoid'],
    ['breast-cancer.csv', 'benign', 'linear'],
  ])('%s: %s through %s', async (name, target, activation) => {
    const { names, X, y } = exampleData(name);
    await expectAgreement({
      ...{ file: data(name), target, activation, names, X, y, args: [], options: batch },
    });
  });

  test.each<[string, readonly string[], FitOptions]>([
    [
      'stochastic',
      ['--strategy', 'stochastic', '--epochs', '5', '--seed', '3', '--l2', '0.01'],
      {
        ...{ strategy: 'stochastic', learningRate: 'auto', epochs: 5, seed: 3, l2: 0.01 },
        ...{ tolerance: 1e-9, standardize: true },
      },
    ],
    [
      'mini-batch',
      ['--strategy', 'mini-batch', '--epochs', '5', '--batch-size', '16', '--seed', '3', '--l1', '0.1'],
      {
        ...{ strategy: 'mini-batch', learningRate: 'auto', epochs: 5, batchSize: 16, seed: 3, l1: 0.1 },
        ...{ tolerance: 1e-9, standardize: true },
      },
    ],
  ])('diabetes.csv by %s descent', async (_, args, options) => {
    const { names, X, y } = exampleData('diabetes.csv');
    const file = data('diabetes.csv');
    await expectAgreement({
      ...{ file, target: 'progression', activation: 'linear', names, X, y, args, options },
    });
  });
});

/** A table of numbers of very different sizes, a category, and a target of one kind. */
function randomTable(seed: number): Case {
  const random = new Uniform(1000 * seed);
  const rows = random.integer(20, 300);
  const numbers = Array.from({ length: random.integer(1, 5) }, (_, j) => {
    const [middle, size] = [100 * random.signed(), 10 ** random.integer(-3, 3)];
    return { name: `n${j}`, values: Array.from({ length: rows }, () => middle + size * random.signed()) };
  });
  const levels = ['ash', 'beech', 'cedar'].slice(0, random.integer(2, 3));
  const trees = Array.from({ length: rows }, () => levels[random.integer(0, levels.length - 1)] ?? '');
  const counts = levels.map((level) => trees.filter((tree) => tree === level).length);
  // What stands most often, the first of several, is left out.
  const leftOut = levels[counts.indexOf(Math.max(...counts))];
  const kept = levels.filter((level) => level !== leftOut);
  const X = trees.map((tree, i) => [
    ...numbers.map(({ values }) => values[i] ?? NaN),
    ...kept.map((level) => (tree === level ? 1 : 0)),
  ]);
  const { activation, targets } = randomTargets(random, seed, numbers[0]?.values ?? []);
  const lines = trees.map((tree, i) =>
    [...numbers.map(({ values }) => values[i]), tree, String(targets[i])].join(','),
  );
  const head = [...numbers.map(({ name }) => name), 'tree', 'target'].join(',');
  const standardize = seed % 3 !== 0 || activation === 'exp';
  return {
    file: write(`random-${seed}.csv`, `${head}\n${lines.join('\n')}\n`),
    target: 'target',
    activation,
    names: [...numbers.map(({ name }) => name), ...kept.map((level) => `tree=${level}`)],
    X,
    y: targets,
    args: ['--iterations', '200', ...(standardize ? [] : ['--no-standardize'])],
    options: { ...batch, iterations: 200, standardize },
  };
}

function randomTargets(
  random: Uniform,
  seed: number,
  values: readonly number[],
): { activation: ActivationName; targets: number[] | string[] | boolean[] } {
  const middle = values.reduce((sum, value) => sum + value, 0) / values.length;
  const size = Math.max(...values.map((value) => Math.abs(value - middle)));
  const signals = values.map((value) => (value - middle) / size + 0.3 * random.signed());
  switch (seed % 5) {
    case 0:
      return { activation: 'sigmoid', targets: signals.map((signal) => signal > 0) };
    case 1:
      return { activation: 'sigmoid', targets: signals.map((signal) => (signal > 0 ? 'yes' : 'no')) };
    case 2:
      return { activation: 'linear', targets: signals.map((signal) => (signal > 0 ? 'yes' : 'no')) };
    case 3:
      return { activation: 'exp', targets: signals.map((signal) => Math.round(Math.exp(1 + signal))) };
    default:
      return { activation: 'linear', targets: signals.map((signal) => 1e3 + 50 * signal) };
  }
}

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('random table %d', async (seed) => {
  await expectAgreement(randomTable(seed));
});

describe('a score', () => {
  const X = [[0], [1], [2], [3]];
  const lines = (y: readonly number[]): string => `x,y\n${y.map((value, i) => `${i},${value}`).join('\n')}\n`;

  /** A model file of one feature. */
  async function modelOf(neuron: Neuron): Promise<string> {
    const file = path.join(folder, 'one.json');
    const training = write('one.csv', lines([0, 0, 1, 1]));
    await fitJson([training, '--target', 'y', '--activation', neuron.activation, '--output', file]);
    const model = JSON.parse(readFileSync(file, 'utf8')) as { neuron: unknown };
    model.neuron = neuron.toJSON();
    return write('one.json', JSON.stringify(model));
  }

  test.each([
    ['targets that never change, and outputs that are right', { weights: [0], bias: 2 }, [2, 2, 2, 2], 1],
    ['targets that never change, and outputs that are not', { weights: [1], bias: 2 }, [2, 2, 2, 2], 0],
    [
      'a sigmoid whose targets are probabilities',
      { weights: [1], bias: -1.5, activation: 'sigmoid' as const },
      [0.2, 0.7, 0.7, 1],
      0.75,
    ],
  ])('of %s is one in both', async (_, options, y, expected) => {
    const neuron = new Neuron(options);
    const model = await modelOf(neuron);
    expect(await neuron.score(X, y)).toBe(expected);
    const told = (await json(['evaluate', model, write('targets.csv', lines(y))])) as Record<string, number>;
    expect(told[neuron.activation === 'sigmoid' ? 'accuracy' : 'r2']).toBe(expected);
  });

  test('of targets that never change is said to be one', async () => {
    const file = write('constant.csv', 'x,y\n0,7\n1,7\n2,7\n');
    const { stdout } = await thalweg(['fit', file, '--target', 'y', '--no-standardize', '--iterations', '1']);
    expect(stdout).toMatch(/R² 0\.0000 on 3 rows trained on, which have one and the same target$/m);
  });
});
