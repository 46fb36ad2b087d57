import { Layer, Neuron, type ThalwegError, openDevice } from '../../lib';
import {
  type CrossValidateOptions,
  type TrialProgress,
  crossValidate,
  kFold,
  stratifiedKFold,
} from '../../lib/model-selection';
import '../../lib/jest';
import { NumpyRandom } from '../support/numpy-random';

/** Rows of two columns, of sizes and means of their own, and what a line with noise makes of them. */
function line(rows: number): { X: number[][]; y: number[] } {
  const generator = new NumpyRandom(11);
  const random = (): number => generator.next() / 2 ** 32;
  const X = Array.from({ length: rows }, () => [40 + 10 * random(), random() / 100]);
  return { X, y: X.map(([a = 0, b = 0]) => 3 * a - 500 * b + 4 * random()) };
}

const { X, y } = line(60);
const halves = y.map((value) => value > 138);
const grid = { l2: [0.01, 1] };

describe('folds', () => {
  test('given by row are those', async () => {
    const folds = y.map((_, row) => (row % 7 === 0 ? 1 : 0));
    const found = await crossValidate(X, y, { folds, grid });
    expect([...found.folds]).toEqual(folds);
    const train = folds.flatMap((fold, row) => (fold === 0 ? [] : [row]));
    const neuron = new Neuron({ inputs: 2 });
    const part = <Value>(all: readonly Value[], rows: readonly number[]): Value[] =>
      rows.map((row) => all[row] as Value);
    await neuron.fit(part(X, train), part(y, train), { l2: 1 });
    const held = folds.flatMap((fold, row) => (fold === 0 ? [row] : []));
    const score = await neuron.score(part(X, held), part(y, held));
    expect(found.candidates[1]?.scores[0]).toBeCloseTo(score, 10);
  });

  test('of classes are stratified unless told otherwise', async () => {
    const options = { folds: 3, seed: 4, refit: false };
    const foldsOf = (splits: readonly { test: Uint32Array }[]): number[] => {
      const folds: number[] = [];
      for (const [fold, { test: rows }] of splits.entries()) for (const row of rows) folds[row] = fold;
      return folds;
    };
    const stratified = await crossValidate(X, halves, options);
    expect([...stratified.folds]).toEqual(foldsOf(stratifiedKFold(halves, { folds: 3, seed: 4 })));
    const plain = await crossValidate(X, halves, { ...options, stratified: false });
    expect([...plain.folds]).toEqual(foldsOf(kFold(60, { folds: 3, seed: 4 })));
  });
});

describe('what is fitted', () => {
  test('is the best for all rows, once more', async () => {
    const { best, model, descent } = await crossValidate(X, halves, { grid, folds: 4 });
    const alone = new Neuron({ inputs: 2, activation: 'sigmoid' });
    await alone.fit(X, halves, { l2: best.l2 });
    expect(JSON.stringify(model)).toBe(JSON.stringify(alone));
    expect(descent?.converged).toBe(true);
    const none = await crossValidate(X, halves, { grid, folds: 4, refit: false });
    expect(Object.keys(none).sort()).toEqual(['best', 'candidates', 'device', 'folds', 'seconds']);
  });

  test('is a layer of several outputs, and of more than two classes', async () => {
    const outputs = y.map((value, row) => [value, X[row]?.[0] ?? 0]);
    const several = await crossValidate(X, outputs, { grid, folds: 3 });
    expect(several.model).toBeInstanceOf(Layer);
    expect(several.best.meanScore).toBeGreaterThan(0.9);
    const levels = y.map((value) => (value < 130 ? 'low' : value < 145 ? 'middle' : 'high'));
    const { model, best } = await crossValidate(X, levels, { grid, folds: 3 });
    expect((model as Layer).classes).toEqual(['high', 'low', 'middle']);
    expect(best.meanScore).toBeGreaterThan(0.6);
  });

  test('counts rows by their weights, of which a whole number is so many rows', async () => {
    const sampleWeight = y.map((_, row) => row % 3);
    const folds = y.map((_, row) => row % 2);
    const repeated = <Value>(values: readonly Value[]): Value[] =>
      values.flatMap((value, row) => Array<Value>(row % 3).fill(value));
    const options = { grid, refit: false };
    const weighted = await crossValidate(X, y, { ...options, folds, sampleWeight });
    const more = await crossValidate(repeated(X), repeated(y), { ...options, folds: repeated(folds) });
    for (const [at, { scores, losses }] of weighted.candidates.entries()) {
      expect(scores).toBeCloseToArray(more.candidates[at]?.scores ?? [], { relative: 1e-9 });
      expect(losses).toBeCloseToArray(more.candidates[at]?.losses ?? [], { relative: 1e-9 });
    }
  });

  test('is chosen by loss where that is asked for', async () => {
    const found = await crossValidate(X, halves, { grid: { l2: [10, 0.001, 0.1] }, by: 'loss', folds: 3 });
    const losses = found.candidates.map(({ meanLoss }) => meanLoss);
    expect(found.best).toBe(found.candidates[losses.indexOf(Math.min(...losses))]);
  });

  test('takes steps by a strategy, whose rows are drawn by the seed', async () => {
    const options = {
      strategy: 'mini-batch',
      epochs: 5,
      batchSize: 8,
      folds: 3,
      grid,
      refit: false,
    } as const;
    const scores = async (seed: number): Promise<number[]> =>
      (await crossValidate(X, y, { ...options, seed })).candidates.map(({ meanScore }) => meanScore);
    expect(await scores(1)).toEqual(await scores(1));
    expect(await scores(1)).not.toEqual(await scores(2));
    // None begins where another ended.
    const alone = await crossValidate(X, y, { ...options, grid: { l2: [1] }, seed: 1 });
    expect(alone.best.meanScore).toBe((await scores(1))[1]);
  });
});

test('a matrix on a device stays there, and gives what rows give', async () => {
  await using device = await openDevice('cpu');
  using matrix = await device.matrix(X);
  for (const standardize of [false, true]) {
    const options = { folds: 4, grid, standardize, refit: false };
    const there = await crossValidate(matrix, y, options);
    const here = await crossValidate(X, y, { ...options, device: 'cpu' });
    expect(there.device).toBe('cpu');
    for (const [at, { scores }] of there.candidates.entries())
      expect(scores).toBeCloseToArray(here.candidates[at]?.scores ?? [], { relative: 1e-9 });
  }
  expect(matrix.shape).toEqual([60, 2]);
});

test('tells of each fit, and ends with what onTrial throws', async () => {
  const told: TrialProgress[] = [];
  const options = { folds: 2, grid: { l1: [0, 0.1], l2: [0.1] }, refit: false };
  await crossValidate(X, y, { ...options, onTrial: (progress) => void told.push(progress) });
  expect(told).toEqual([
    { fold: 0, folds: 2, fits: 1, of: 4 },
    { fold: 0, folds: 2, fits: 2, of: 4 },
    { fold: 1, folds: 2, fits: 3, of: 4 },
    { fold: 1, folds: 2, fits: 4, of: 4 },
  ]);
  const enough = new Error('enough');
  const onTrial = (): void => {
    throw enough;
  };
  await expect(crossValidate(X, y, { ...options, onTrial })).rejects.toBe(enough);
  const controller = new AbortController();
  const aborted = crossValidate(X, y, {
    ...options,
    signal: controller.signal,
    onTrial: () => {
      controller.abort(enough);
    },
  });
  await expect(aborted).rejects.toBe(enough);
});

test('a fit that diverges says in which fold', async () => {
  const options = { folds: 2, learningRate: 1, iterations: 100, device: 'cpu' };
  await expect(crossValidate(X, y, options)).rejects.toMatchObject({
    code: 'ERR_DIVERGED',
    message: expect.stringMatching(/That was with fold 0 of 2 held out$/) as string,
    iteration: expect.any(Number) as number,
  });
});

describe('what cannot be', () => {
  const wrong: [string, unknown, Partial<ThalwegError>, RegExp][] = [
    ['one fold', { folds: 1 }, { option: 'folds' }, /folds must be/],
    ['more folds than rows', { folds: 61 }, { option: 'folds' }, /there are 60 rows: take fewer folds/],
    ['a fold of no number', { folds: y.map(() => 0.5) }, { option: 'folds[0]' }, /0 or more; it is 0.5/],
    ['one fold for all', { folds: y.map(() => 0) }, { option: 'folds' }, /every row into one fold/],
    ['an empty fold', { folds: y.map((_, row) => (row % 2) * 2) }, { option: 'folds' }, /no row in fold 1/],
    [
      'too few folds',
      { folds: [0, 1] },
      { code: 'ERR_SHAPE', option: 'folds' },
      /2 values, and X has 60 rows/,
    ],
    ['strata of numbers', { stratified: true }, { option: 'stratified' }, /targets that are classes/],
    ['folds of bigints', { folds: new BigInt64Array(60) as never }, { option: 'folds' }, /folds must be/],
    ['a grid of holes', { grid: { l2: new Array<number>(3) } }, { option: 'grid.l2[0]' }, /undefined/],
    ['a grid of nothing', { grid: { l2: [] } }, { option: 'grid.l2' }, /one number or more/],
    ['a penalty below 0', { grid: { l2: [1, -1] } }, { option: 'grid.l2[1]' }, /0 or more/],
    ['a penalty twice', { l2: 1, grid: { l2: [1] } }, { option: 'l2' }, /in the grid as well/],
    ['another grid', { grid: { learningRate: [1] } }, { option: 'learningRate' }, /grid/],
    ['validation', { validation: 0.1 }, { option: 'validation' }, /of one fit/],
    [
      'an unknown option',
      { folds: 2, fold: 2 },
      { option: 'fold' },
      /^crossValidate has no .* are folds, .*grid(?!.*held out)/,
    ],
    ['a wrong option of a fit', { tolerance: -1 }, { option: 'tolerance' }, /^tolerance(?!.*held out)/],
    [
      'classes of numbers',
      { activation: 'linear', classes: ['a', 'b'] },
      { option: 'y' },
      /y\[0\]|activation/,
    ],
  ];

  test.each(wrong)('%s', async (_, options, details, message) => {
    const found = crossValidate(X, y, options as CrossValidateOptions);
    await expect(found).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', ...details });
    await expect(found).rejects.toThrow(message);
  });

  test('targets of another length', async () => {
    await expect(crossValidate(X, y.slice(1))).rejects.toMatchObject({ code: 'ERR_SHAPE', option: 'y' });
    const sampleWeight = y.slice(1);
    await expect(crossValidate(X, y, { sampleWeight })).rejects.toMatchObject({ code: 'ERR_SHAPE' });
  });
});
