import path from 'node:path';
import {
  accuracyScore,
  averagePrecision,
  confusionMatrix,
  logLoss,
  meanAbsoluteError,
  meanPoissonDeviance,
  meanSquaredError,
  precisionRecallF1,
  r2Score,
  rocAuc,
} from '../../lib/metrics';
import { Uniform } from '../support/arbitrary';
import { isHeld } from './held-out';
import { closeTo, fileWriter, fitJson, json, temporaryFolder, thalweg } from './thalweg';

const folder = temporaryFolder();
const write = fileWriter(folder);
const random = new Uniform(23);

const m = 160;
const rows = Array.from({ length: m }, (_, i) => {
  const [x, z] = [random.signed() * 2, random.signed() * 2];
  const noise = random.signed() * 2;
  const species = x + noise < -0.7 ? 'ash' : z + noise < 0.5 ? 'elm' : 'oak';
  const rate = Math.round(Math.exp(0.5 * x + random.signed()));
  return {
    x,
    z,
    species,
    isOak: species === 'oak' ? 'yes' : 'no',
    y: 3 * x - z + noise,
    rate,
    weight: 1 + (i % 3),
  };
});
const file = write(
  'rows.csv',
  [
    'x,z,species,oak,y,rate,w',
    ...rows.map(({ x, z, species, isOak, y, rate, weight }) =>
      [x, z, species, isOak, y, rate, weight].join(','),
    ),
  ].join('\n'),
);
const held = rows.map((_, i) => isHeld(i + 1, 3, 0.3));
const some = ['--device', 'cpu', '--features', 'x,z', '--holdout', '0.3', '--seed', '3', '--weight', 'w'];

/** Which rows a score is on. */
const parts = {
  train: rows.filter((_, i) => held[i] === false),
  holdout: rows.filter((_, i) => held[i] === true),
};

/** What `predict` writes of each row. */
async function predictions(model: string): Promise<string[][]> {
  const { stdout } = await thalweg(['predict', model, file, '--device', 'cpu']);
  return stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
}

function share(labels: readonly string[], weights: readonly number[], label: string): number {
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return labels.reduce((sum, one, i) => sum + (one === label ? (weights[i] ?? NaN) : 0), 0) / all;
}

/** As `always` the commonest of some labels. */
function trivialOf(labels: readonly string[], weights: readonly number[]): object {
  const each = [...new Set(labels)]
    .sort()
    .map((label) => ({ label, accuracy: share(labels, weights, label) }));
  const logLoss = each.reduce((sum, { accuracy }) => sum - accuracy * Math.log(accuracy), 0);
  return { ...each.reduce((best, one) => (one.accuracy > best.accuracy ? one : best)), logLoss };
}

const classTargets: [string, readonly string[], (row: (typeof rows)[number]) => string][] = [
  ['oak', ['no', 'yes'], ({ isOak }) => isOak],
  ['species', ['ash', 'elm', 'oak'], ({ species }) => species],
];

describe.each(classTargets)('a score of the classes of %s', (target, labels, labelOf) => {
  const model = path.join(folder, `${target}.json`);

  it('is what thalweg/metrics says of the predictions, on rows trained on and held out', async () => {
    const { metrics, score } = await fitJson([
      file,
      '--target',
      target,
      ...some,
      '--l2',
      '0.01',
      '--output',
      model,
    ]);
    const found = await predictions(model);
    const isTwo = labels.length === 2;
    for (const [part, of] of Object.entries(parts)) {
      const yTrue = of.map(labelOf);
      const cells = of.map((row) => found[rows.indexOf(row)] ?? []);
      const yPred = cells.map((line) => line.at(-1) ?? '');
      const proba = cells.map((line) => line.slice(0, -1).map(Number));
      const scores = isTwo ? proba.map(([one]) => one ?? NaN) : proba;
      const options = { sampleWeight: of.map(({ weight }) => weight) };
      const figures = precisionRecallF1(yTrue, yPred, options);
      const ranks = {
        rocAuc: rocAuc(yTrue, scores, { ...options, average: null }),
        averagePrecision: averagePrecision(yTrue, scores, { ...options, average: null }),
      };
      const ofClass = (k: number): object =>
        isTwo
          ? {}
          : {
              rocAuc: (ranks.rocAuc as Float64Array)[k],
              averagePrecision: (ranks.averagePrecision as Float64Array)[k],
            };
      const expected = {
        rows: of.length,
        accuracy: accuracyScore(yTrue, yPred, options),
        logLoss: logLoss(yTrue, scores, options),
        rocAuc: rocAuc(yTrue, scores, options),
        averagePrecision: averagePrecision(yTrue, scores, options),
        ...(isTwo ? { positive: 'yes' } : {}),
        classes: labels.map((label, k) => ({
          label,
          support: figures.support[k],
          precision: figures.precision[k],
          recall: figures.recall[k],
          f1: figures.f1[k],
          ...ofClass(k),
        })),
        confusion: confusionMatrix(yTrue, yPred, options).matrix,
        trivial: trivialOf(yTrue, options.sampleWeight),
      };
      expect(metrics[part as 'train']).toEqual(closeTo(expected, 12));
      expect(score[part as 'train']).toBeCloseTo(expected.accuracy, 12);
    }
  });

  it('is in evaluate, too, and in both as a table beside always the commonest', async () => {
    const yTrue = rows.map(labelOf);
    const { metrics } = (await json(['evaluate', model, file, '--device', 'cpu'])) as { metrics: object };
    expect(metrics).toMatchObject({
      rows: m,
      trivial: closeTo(
        trivialOf(
          yTrue,
          rows.map(() => 1),
        ),
        12,
      ) as object,
    });
    const { confusion, classes } = metrics as { confusion: number[][]; classes: Record<string, number>[] };
    const { stdout } = await thalweg(['evaluate', model, file, '--device', 'cpu']);
    expect(stdout).toMatch(/^accuracy \d+\.\d\d % on 160 rows of rows\.csv; \d+\.\d\d % for always \w+\n/);
    const lines = stdout.split('\n');
    const start = lines.findIndex((line) => line.startsWith('  rows.csv'));
    expect(lines[start]?.trim().split(/ {2,}/)).toEqual([
      'rows.csv',
      ...labels.map((label) => `→ ${label}`),
      ...['precision', 'recall', 'F1', ...(labels.length > 2 ? ['ROC AUC'] : [])],
    ]);
    for (const [k, label] of labels.entries()) {
      const { precision = NaN, recall = NaN, f1 = NaN, rocAuc: area } = classes[k] ?? {};
      const figures = [precision, recall, f1, ...(area === undefined ? [] : [area])];
      expect(lines[start + 1 + k]?.trim().split(/ {2,}/)).toEqual([
        label,
        ...(confusion[k] ?? []).map(String),
        ...figures.map((value) => value.toFixed(4)),
      ]);
    }
    expect(stdout).toMatch(/^ {2}ROC AUC 0\.\d{4}, average precision 0\.\d{4} of /m);
    expect(stdout).toMatch(/^ {2}log loss \S+; \S+ for the shares of the classes$/m);
  });
});

describe('a score of numbers', () => {
  it.each([
    ['y', []],
    ['rate', ['--activation', 'exp']],
  ])('%s is beside that of the mean', async (target, also) => {
    const model = path.join(folder, `${target}.json`);
    const { metrics } = await fitJson([file, '--target', target, ...some, ...also, '--output', model]);
    const found = (await predictions(model)).map(([value]) => Number(value));
    for (const [part, of] of Object.entries(parts)) {
      const yTrue = of.map((row) => row[target as 'y']);
      const yPred = of.map((row) => found[rows.indexOf(row)] ?? NaN);
      const options = { sampleWeight: of.map(({ weight }) => weight) };
      const all = options.sampleWeight.reduce((sum, weight) => sum + weight, 0);
      const mean = of.reduce((sum, row) => sum + row.weight * row[target as 'y'], 0) / all;
      const means = of.map(() => mean);
      const isCount = target === 'rate';
      const deviance = (values: readonly number[]): object =>
        isCount ? { meanPoissonDeviance: meanPoissonDeviance(yTrue, values, options) } : {};
      const expected = {
        rows: of.length,
        r2: r2Score(yTrue, yPred, options),
        meanSquaredError: meanSquaredError(yTrue, yPred, options),
        meanAbsoluteError: meanAbsoluteError(yTrue, yPred, options),
        ...deviance(yPred),
        trivial: {
          mean,
          r2: 0,
          meanSquaredError: meanSquaredError(yTrue, means, options),
          ...deviance(means),
        },
      };
      expect(metrics[part as 'train']).toEqual(closeTo(expected, 10));
    }
  });
});

test('many classes are cut in the table, which says so, and what they are mostly taken for stands in place of the matrix', async () => {
  const many = write(
    'many.csv',
    ['x,z,k', ...Array.from({ length: 330 }, (_, i) => `${random.signed()},${i % 33},class ${i % 33}`)].join(
      '\n',
    ),
  );
  const { stdout } = await thalweg(['fit', many, '--target', 'k', '--l2', '0.1', '--device', 'cpu']);
  expect(stdout).toMatch(/^ {2}trained on +rows {2}mostly taken for +precision +recall +F1 +ROC AUC$/m);
  expect(stdout.match(/^ {2}class \d+ +10 {2}/gm)).toHaveLength(20);
  expect(stdout).toMatch(/^ {2}classes not shown here: 13; --json has them$/m);
  const { metrics } = await fitJson([many, '--target', 'k', '--l2', '0.1', '--device', 'cpu']);
  expect((metrics.train as { classes: unknown[]; confusion: unknown[] }).classes).toHaveLength(33);
  expect((metrics.train as { classes: unknown[]; confusion: unknown[] }).confusion).toHaveLength(33);
});

test('a class of which no held-out row is has no area, and the mean is of the others', async () => {
  const model = path.join(folder, 'species.json');
  const two = write(
    'two.csv',
    [
      'x,z,species',
      ...rows.filter(({ species }) => species !== 'elm').map(({ x, z, species }) => `${x},${z},${species}`),
    ].join('\n'),
  );
  const { metrics } = (await json(['evaluate', model, two, '--device', 'cpu'])) as {
    metrics: { rocAuc: number; classes: { label: string; rocAuc: number | null; support: number }[] };
  };
  const [ash, elm, oak] = metrics.classes;
  expect(elm).toMatchObject({ label: 'elm', support: 0, rocAuc: null });
  expect(metrics.rocAuc).toBeCloseTo(((ash?.rocAuc ?? NaN) + (oak?.rocAuc ?? NaN)) / 2, 12);
});

test('where no row has a target there is no score and no loss', async () => {
  const model = path.join(folder, 'line.json');
  const line = write('line.csv', 'x,y\n1,2.5\n2,3.25\n3,7\n');
  await fitJson([line, '--target', 'y', '--device', 'cpu', '--output', model]);
  const none = write('none.csv', 'x,y\n1,\n2,\n');
  const { stdout, stderr } = await thalweg(['evaluate', model, none, '--device', 'cpu']);
  expect(stdout).toBe('no score on 0 rows of none.csv: there are none\n');
  expect(stderr).toMatch(/^2 rows not scored: .*: y 2\n$/);
});
