import path from 'node:path';
import { existsSync } from 'node:fs';
import '../../lib/jest';
import { crossValidate } from '../../lib/model-selection';
import { Uniform } from '../support/arbitrary';
import { type FitJson, data, expectFailure, fileWriter, json, temporaryFolder, thalweg } from './thalweg';

interface Candidate {
  readonly l1: number;
  readonly l2: number;
  readonly meanScore: number;
  readonly meanLoss: number;
  readonly scores: number[];
  readonly converged: boolean;
}

interface CvJson {
  readonly activation: string;
  readonly rows: number;
  readonly folds: number;
  readonly candidates: readonly Candidate[];
  readonly best: Candidate;
  readonly model?: string;
}

const folder = temporaryFolder();
const write = fileWriter(folder);

const random = new Uniform(5);
const table = Array.from({ length: 90 }, () => {
  const [x, z] = [random.signed() * 3, random.signed() + 4];
  const y = 2 * x - z + random.signed() * 2;
  return { x, z, y, grade: y < -6 ? 'a' : y < -2 ? 'b' : 'c', weight: random.integer(0, 2) };
});
const file = write(
  'table.csv',
  ['x,z,y,grade,w', ...table.map(({ x, z, y, grade, weight }) => [x, z, y, grade, weight].join(','))].join(
    '\n',
  ),
);
const X = table.map(({ x, z }) => [x, z]);
const cv = ['cv', file, '--features', 'x,z', '--device', 'cpu'];

async function cvJson(...args: string[]): Promise<CvJson> {
  return (await json([...cv, ...args])) as CvJson;
}

describe('what is scored', () => {
  test('are the folds and penalties of crossValidate', async () => {
    const found = await cvJson(
      '--target',
      'y',
      '--folds',
      '4',
      '--seed',
      '3',
      '--l1',
      '0,0.5',
      '--l2',
      '0.1,0',
    );
    const grid = { l1: [0, 0.5], l2: [0.1, 0] };
    const y = table.map((row) => row.y);
    const expected = await crossValidate(X, y, { folds: 4, seed: 3, grid, device: 'cpu', refit: false });
    expect(found).toMatchObject({ activation: 'linear', rows: 90, folds: 4 });
    expect(found.candidates.map(({ l1, l2 }) => [l1, l2])).toEqual(
      expected.candidates.map(({ l1, l2 }) => [l1, l2]),
    );
    for (const [at, { scores, meanLoss }] of found.candidates.entries()) {
      expect(scores).toBeCloseToArray(expected.candidates[at]?.scores ?? [], { relative: 1e-10 });
      expect(meanLoss).toBeCloseTo(expected.candidates[at]?.meanLoss ?? NaN, 8);
    }
    const most = Math.max(...found.candidates.map(({ meanScore }) => meanScore));
    expect(found.best.meanScore).toBe(most);
  });

  test('are classes, by strata, and rows by their weights', async () => {
    const weighted = ['--weight', 'w', '--class-weight', 'a=2,c=3'];
    const found = await cvJson('--target', 'grade', ...weighted, '--folds', '3', '--l2', '0.01,1');
    const kept = table.flatMap((row, at) => (row.weight > 0 ? [at] : []));
    const part = <Value>(values: readonly Value[]): Value[] => kept.map((at) => values[at] as Value);
    const grades = part(table.map(({ grade }) => grade));
    const weights = part(table.map(({ weight }) => weight));
    const expected = await crossValidate(part(X), grades, {
      ...{ folds: 3, seed: 0, grid: { l2: [0.01, 1] }, device: 'cpu', refit: false },
      sampleWeight: weights,
      classWeight: { a: 2, c: 3 },
    });
    const sum = (counted: readonly number[]): number => counted.reduce((total, weight) => total + weight, 0);
    const share = (label: string): number =>
      sum(weights.filter((_, at) => grades[at] === label)) / sum(weights);
    const score = Math.max(...['a', 'b', 'c'].map(share));
    const label = ['a', 'b', 'c'].find((each) => share(each) === score);
    expect(found).toMatchObject({
      ...{ activation: 'softmax', rows: kept.length },
      trivial: { label, score: expect.closeTo(score, 12) as number },
    });
    for (const [at, { scores }] of found.candidates.entries())
      expect(scores).toBeCloseToArray(expected.candidates[at]?.scores ?? [], { relative: 1e-10 });
  });

  test('are strengths of l2 where none are named, and l1 alone where these are', async () => {
    const usual = await cvJson('--target', 'y');
    expect(usual.candidates.map(({ l1, l2 }) => `${l1} ${l2}`)).toEqual([
      ...['0 0', '0 0.0001', '0 0.001', '0 0.01', '0 0.1', '0 1'],
    ]);
    const sparse = await cvJson('--target', 'y', '--l1', '0.1,1');
    expect(sparse.candidates.map(({ l1, l2 }) => `${l1} ${l2}`)).toEqual(['0.1 0', '1 0']);
  });
});

test('a model of the best is that of fit with these penalties', async () => {
  const [chosen, fitted] = [path.join(folder, 'chosen.json'), path.join(folder, 'fitted.json')];
  const { best, model } = await cvJson('--target', 'y', '--output', chosen);
  expect(model).toBe(chosen);
  const penalties = ['--l1', String(best.l1), '--l2', String(best.l2)];
  await json(['fit', ...cv.slice(1), '--target', 'y', ...penalties, '--output', fitted]);
  const [own, other] = await Promise.all(
    [chosen, fitted].map(async (each) => (await thalweg(['predict', each, file])).stdout),
  );
  expect(own).toBe(other);
  expect(own?.split('\n')).toHaveLength(92);
});

test('a person reads a table, in which the best is marked', async () => {
  const { code, stdout, stderr } = await thalweg(['cv', data('diabetes.csv'), '--target', 'progression']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^diabetes.csv: 10 features → progression\n {2}442 rows in 5 folds, by seed 0, on /);
  expect(stdout).toMatch(/l1 +l2 +R² +loss/);
  expect(stdout.match(/ best$/gm)).toHaveLength(1);
  expect(stdout).toMatch(/To fit all rows so: thalweg fit with --l2 [\d.]+, or cv --output model.json/);
});

test('rows that lack a value are counted', async () => {
  const rows = table.map(({ x, y }, at) => `${at % 9 === 0 ? '' : x},${y}`);
  const lacking = write('lacking.csv', ['x,y', ...rows].join('\n'));
  const args = ['cv', lacking, '--target', 'y', '--l2', '0.1', '--device', 'cpu'];
  expect(await json(args)).toMatchObject({
    ...{ rows: 80, dropped: 10, droppedFor: { missing: 10, unseenLevel: 0 } },
    notes: [{ code: 'ROWS_DROPPED', text: '10 rows dropped for missing values: x 10', count: 10 }],
  });
  const { stderr } = await thalweg(args);
  expect(stderr).toBe('10 rows dropped for missing values: x 10\n');
});

test('of a target that never changes the mean is right', async () => {
  const constant = write('constant.csv', ['x,y', ...table.map(({ x }) => `${x},5`)].join('\n'));
  const args = [constant, '--target', 'y', '--device', 'cpu'];
  const notes = [{ code: 'TARGET_CONSTANT', column: 'y' }];
  expect(await json(['cv', ...args])).toMatchObject({ best: { meanScore: 1 }, trivial: { score: 1 }, notes });
  const fitted = await json(['fit', ...args]);
  expect(fitted).toMatchObject({ metrics: { train: { r2: 1, trivial: { r2: 1 } } }, notes });
  const { stderr, stdout } = await thalweg(['fit', ...args]);
  expect(stderr).toBe('y is 5 in each row, so that there is nothing to learn\n');
  expect(stdout).toMatch(/x +0 +0\n/);
});

test('the commonest class is that of the weights by which the scores are taken', async () => {
  // 12 rows of 1 each against 6 of 5 each.
  const rows = Array.from({ length: 18 }, (_, i) => (i % 3 === 0 ? `${i % 5},rare,5` : `${i % 7},common,1`));
  const heavy = write('heavy.csv', ['x,c,w', ...rows].join('\n'));
  const args = ['cv', heavy, '--target', 'c', '--folds', '3', '--l2', '0.1'];
  expect(await json([...args, '--weight', 'w'])).toMatchObject({
    trivial: { label: 'rare', score: 30 / 42 },
  });
  expect(await json([...args, '--exclude', 'w'])).toMatchObject({
    trivial: { label: 'common', score: 12 / 18 },
  });
});

test('scores that are for want of rows are told of', async () => {
  const few = write('few.csv', 'x,y,c\n1,2,a\n2,3,a\n3,5,a\n4,4,b\n5,7,b\n');
  const { stderr: single } = await thalweg(['cv', few, '--target', 'y', '--features', 'x', '--folds', '3']);
  expect(single).toMatch(/the R² of a fold of one row says nothing.*--by loss/);
  const { stderr: enough } = await thalweg(['cv', few, '--target', 'y', '--features', 'x', '--folds', '2']);
  expect(enough).toBe('');
  const classes = ['cv', few, '--target', 'c', '--features', 'x', '--l2', '0.1', '--folds'];
  const { stderr: rare } = await thalweg([...classes, '3']);
  expect(rare).toMatch(/^"b": fewer rows than the 3 folds, so that some folds are scored without any\n$/);
  expect((await thalweg([...classes, '2'])).stderr).toBe('');
});

describe('what cannot be', () => {
  test('is told before anything is written', async () => {
    const output = path.join(folder, 'never.json');
    const details = {
      code: 'ERR_INVALID_ARGUMENT',
      message: /--folds is 91, and there are 90 rows: take fewer/,
    };
    await expectFailure([...cv, '--target', 'y', '--folds', '91', '--output', output], details);
    expect(existsSync(output)).toBe(false);
  });

  test.each([
    ['--folds', '1'],
    ['--l2', '1,-1'],
    ['--holdout', '0.2'],
    ['--patience', '3'],
    ['--epochs', '3'],
  ])('wrong usage: %s %s', async (...args) => {
    const { code, stderr, stdout } = await thalweg([...cv, '--target', 'y', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(args[0]);
  });
});

test('the best is chosen by the loss where that is asked for', async () => {
  // Without an error at any penalty, so that only the loss tells them apart.
  const apart = write(
    'apart.csv',
    ['x,y', ...Array.from({ length: 40 }, (_, i) => `${i},${i < 20 ? 'a' : 'b'}`)].join('\n'),
  );
  const of = ['cv', apart, '--target', 'y', '--l2', '1,0.01', '--device', 'cpu'];
  const [byScore, byLoss] = (await Promise.all([json(of), json([...of, '--by', 'loss'])])) as [
    CvJson,
    CvJson,
  ];
  const losses = byLoss.candidates.map(({ meanLoss }) => meanLoss);
  expect(byLoss.best.meanLoss).toBe(Math.min(...losses));
  const scores = byScore.candidates.map(({ meanScore }) => meanScore);
  expect(byScore.best.meanScore).toBe(Math.max(...scores));
  expect(byLoss.best.l2).toBe(0.01);
});

test('a target of counts, or of two numbers, is told as by fit', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => `${i % 9},${(i * 7) % 5},${i % 3 === 0 ? 1 : 0}`);
  const counts = write('counts.csv', ['x,n,two', ...rows].join('\n'));
  for (const [target, code] of [
    ['n', 'COUNTS'],
    ['two', 'TWO_NUMBERS'],
  ] as const) {
    const of = [counts, '--target', target, '--features', 'x', '--device', 'cpu'];
    const [found, fitted] = [await json(['cv', ...of, '--l2', '0.1']), await json(['fit', ...of])] as [
      FitJson,
      FitJson,
    ];
    const note = (notes: FitJson['notes']): unknown => notes.find((one) => one.code === code);
    expect(note(found.notes)).toBeDefined();
    expect(note(found.notes)).toEqual(note(fitted.notes));
  }
});
