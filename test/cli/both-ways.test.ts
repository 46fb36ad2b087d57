import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type ActivationName, type Descent, type FitOptions, Layer, Neuron, type Targets } from '../../lib';
import { exampleData } from '../examples/least-squares';
import { Uniform } from '../support/arbitrary';
import { relativeError } from '../support/expectations';
import { isHeld } from './held-out';
import {
  type FitJson,
  data,
  expectFailure,
  fileWriter,
  fitJson,
  json,
  temporaryFolder,
  thalweg,
} from './thalweg';

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

/** To the optimum, as both do by default. */
const batch = {} satisfies FitOptions;
/** As the command line has it for steps. */
const steps = { tolerance: 1e-9, standardize: true } as const;

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
    [
      'scheduled batch',
      ['--schedule', 'cosine,warmup=10,etaMin=1e-3', '--learning-rate', '0.1', '--iterations', '100'],
      {
        ...steps,
        learningRate: { schedule: 'cosine', warmup: 10, etaMin: 1e-3, initial: 0.1 },
        iterations: 100,
      },
    ],
    [
      'adam’s batch',
      ['--optimizer', 'adam', '--learning-rate', '0.5', '--iterations', '200'],
      { ...steps, optimizer: 'adam', learningRate: 0.5, iterations: 200 },
    ],
  ])('diabetes.csv by %s descent', async (_, args, options) => {
    const { names, X, y } = exampleData('diabetes.csv');
    const file = data('diabetes.csv');
    await expectAgreement({
      ...{ file, target: 'progression', activation: 'linear', names, X, y, args, options },
    });
  });
});

test('rows to validate with are held out alike', async () => {
  const { names, X, y } = exampleData('diabetes.csv');
  const args = ['--strategy', 'mini-batch', '--epochs', '40', '--seed', '3', '--validation', '0.2'];
  const told = await fitJson([data('diabetes.csv'), '--target', 'progression', ...args, '--patience', '3']);
  const descent = await new Neuron({ inputs: names.length }).fit(X, y, {
    ...{ strategy: 'mini-batch', learningRate: 'auto', epochs: 40, seed: 3, tolerance: 1e-9 },
    ...{ standardize: true, validation: 0.2, patience: 3, restoreBestWeights: true },
  });
  expectSameDescent(told, descent, names);
  expect(told).toMatchObject({ stopped: 'early', validated: 88, best: { epoch: descent.best?.epoch } });
});

test.each<[string, string[], FitOptions]>([
  ['to the optimum', [], {}],
  [
    'by mini-batches',
    ['--strategy', 'mini-batch', '--epochs', '5', '--seed', '3'],
    { ...steps, strategy: 'mini-batch', epochs: 5, seed: 3 },
  ],
])(
  'three classes, and rows and classes that count differently, are learned alike %s',
  async (_, args, options) => {
    const { names, X, y } = exampleData('diabetes.csv');
    const grades = y.map((value) => (value < 100 ? 'low' : value < 180 ? 'middle' : 'high'));
    const counts = X.map((_row, i) => 0.5 + (i % 4));
    const lines = X.map((row, i) => [...row, grades[i], counts[i]].join(','));
    const file = write('grades.csv', `${[...names, 'grade', 'w'].join(',')}\n${lines.join('\n')}\n`);
    const model = path.join(folder, 'grades.json');
    await json([
      ...['fit', file, '--target', 'grade', '--weight', 'w', '--class-weight', 'balanced', '--l2', '0.01'],
      ...['--validation', '0.2', ...args, '--output', model],
    ]);
    const layer = new Layer({ inputs: names.length, outputs: 3, activation: 'softmax' });
    const validation = 0.2;
    const more = { sampleWeight: counts, classWeight: 'balanced', l2: 0.01, validation } as const;
    await layer.fit(X, grades, { ...options, ...more });
    const read = Layer.fromJSON(JSON.parse(readFileSync(model, 'utf8')));
    expect(read.classes).toEqual(layer.classes);
    expect(relativeError(read.weights.data, layer.weights.data)).toBeLessThan(CLOSE);
    expect(relativeError(read.biases, layer.biases)).toBeLessThan(CLOSE);
  },
);

const carriers = ['AA', 'DL', 'UA', 'WN'] as const;

interface Flight {
  readonly day: number;
  readonly distance: number | undefined;
  readonly isWeekend: boolean;
  readonly carrier: (typeof carriers)[number] | undefined;
  readonly delay: number | undefined;
}

/** Most of AA; cells of every column but the day and the weekend are missing now and then. */
function randomFlights(count: number): Flight[] {
  const random = new Uniform(77);
  const orMissing = <Value>(value: Value): Value | undefined => (random.next() < 0.1 ? undefined : value);
  return Array.from({ length: count }, () => {
    const [day, distance] = [random.integer(11_323, 11_500), random.integer(100, 2500)];
    const at = Math.max(0, random.integer(-5, 3));
    return {
      day,
      distance: orMissing(distance),
      isWeekend: day % 7 < 2,
      carrier: orMissing(carriers[at] ?? 'AA'),
      delay: orMissing(10 * at + distance / 100 + (day % 7) + 5 * random.signed()),
    };
  });
}

function flightLine({ day, distance, isWeekend, carrier, delay }: Flight): string {
  const date = new Date(86_400_000 * day).toISOString().slice(0, 10);
  return [date, distance ?? '', isWeekend, carrier ?? 'NA', delay ?? ''].join(',');
}

/** The mean of what is there. */
function meanOf(values: readonly (number | undefined)[]): number {
  const present = values.filter((value) => value !== undefined);
  return present.reduce((sum, value) => sum + value, 0) / present.length;
}

/** A row of X; what is missing is a mean over the flights that are learned from. */
function encoder(trained: readonly Flight[]): (flight: Flight) => number[] {
  const shareOf = (level: string): number =>
    meanOf(trained.map(({ carrier }) => (carrier === undefined ? undefined : Number(carrier === level))));
  const shares = carriers.slice(1).map((level) => ({ level, share: shareOf(level) }));
  const distances = meanOf(trained.map(({ distance }) => distance));
  return ({ day, distance, isWeekend, carrier }) => [
    ...[day, distance ?? distances, Number(isWeekend)],
    ...shares.map(({ level, share }) => (carrier === undefined ? share : Number(carrier === level))),
  ];
}

test.each(['mean', 'drop'])('flights with missing values, some held out: --missing %s', async (missing) => {
  const [seed, share] = [7, 0.25];
  const flights = randomFlights(400);
  const head = 'date,distance,weekend,carrier,delay';
  const file = write('flights.csv', `${head}\n${flights.map(flightLine).join('\n')}\n`);
  const told = await fitJson([
    ...[file, '--target', 'delay', '--missing', missing, '--iterations', '300'],
    ...['--holdout', String(share), '--seed', String(seed)],
  ]);
  const isUsed = ({ distance, carrier, delay }: Flight): boolean =>
    delay !== undefined && (missing === 'mean' || (distance !== undefined && carrier !== undefined));
  const numbered = flights.map((flight, i) => ({ flight, held: isHeld(i + 1, seed, share) }));
  const part = (held: boolean): Flight[] =>
    numbered.filter((one) => one.held === held && isUsed(one.flight)).map(({ flight }) => flight);
  const [trained, kept] = [part(false), part(true)];
  expect(told).toMatchObject({
    ...{ rows: trained.length, heldOut: kept.length, dropped: 400 - trained.length - kept.length },
  });
  const encode = encoder(trained);
  const targets = (some: readonly Flight[]): number[] => some.map(({ delay }) => delay ?? NaN);
  const neuron = new Neuron({ inputs: 6 });
  const descent = await neuron.fit(trained.map(encode), targets(trained), { ...batch, iterations: 300 });
  const names = ['date', 'distance', 'weekend', ...carriers.slice(1).map((level) => `carrier=${level}`)];
  expectSameDescent(told, descent, names);
  for (const [part, score] of [
    [trained, told.score.train],
    [kept, told.score.holdout],
  ] as const)
    expect(score).toBeCloseTo(await neuron.score(part.map(encode), targets(part)), 9);
});

describe("a neuron's own JSON", () => {
  const neuron = new Neuron({ weights: [2, -1], bias: 0.5, activation: 'sigmoid', classes: ['no', 'yes'] });
  const model = write('neuron.json', JSON.stringify(neuron));

  test('predicts from a table of its inputs, in their order, and says so', async () => {
    const X = [
      [1, 0],
      [0.25, 1],
      [-3, 1],
    ];
    const table = write('inputs.csv', 'b,a\n1,false\n0.25,true\n,true\n-3,true\n');
    const run = await thalweg(['predict', model, table]);
    const outputs = [...(await neuron.predict(X))];
    const lines = outputs.map((output) => `${output},${output >= 0.5 ? 'yes' : 'no'}`);
    lines.splice(2, 0, ',');
    expect(run).toMatchObject({ code: 0, stdout: `prediction,level\n${lines.join('\n')}\n` });
    expect(run.stderr).toMatch(/names no columns: those of inputs\.csv are taken in their order\.$/m);
  });

  test.each<[string, string[], string, RegExp]>([
    [
      'more columns',
      ['predict'],
      'a,b,c\n1,2,3\n',
      /has 2 inputs and no names for them, and .* has 3 columns/,
    ],
    ['text', ['predict'], 'a,b\n1,red\n2,blue\n', /The column "b" of .* holds text/],
    [
      'a target to score',
      ['evaluate'],
      'a,b,y\n1,2,1\n',
      /is a neuron or a layer alone, which names no columns/,
    ],
  ])('is refused for %s', async (_, command, text, message) => {
    const code = command[0] === 'predict' ? 'ERR_COLUMN' : 'ERR_MODEL';
    await expectFailure([...command, model, write('other.csv', text)], { code, message });
  });

  test('is refused with a field that does not fit', async () => {
    const hostile = write('hostile.json', '{"weights":[1,null],"bias":0,"activation":"linear"}');
    await expectFailure(['predict', hostile, write('one.csv', 'a,b\n1,2\n')], {
      code: 'ERR_MODEL',
      message: /hostile\.json: "neuron\.weights" must be an array of finite numbers/,
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
    const { stdout } = await thalweg([
      'fit',
      file,
      '--target',
      'y',
      '--optimizer',
      'sgd',
      '--no-standardize',
      '--iterations',
      '1',
    ]);
    expect(stdout).toMatch(/R² 0\.0000 on 3 rows trained on, which have one and the same target$/m);
  });
});
