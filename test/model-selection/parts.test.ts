import { Layer, type LayerTargets, Neuron, type ThalwegError } from '../../lib';
import { type CrossValidateOptions, type TrialProgress, crossValidate } from '../../lib/model-selection';
import '../../lib/jest';
import { Uniform } from '../support/arbitrary';
import { describeOnUsualDevices } from '../support/each-device';

// As many rows and columns as are worth matrices of their own for each fold (lib/training/parts.ts).
const [m, n] = [2511, 61];

/** Columns of sizes and means of their own, one that never changes, one of few ones; and sums of them with noise. */
function problem(seed: number): { rows: number[][]; sums: number[] } {
  const random = new Uniform(seed);
  const size = random.array(n, () => 10 ** (2 * random.signed()));
  const mean = size.map((each) => 3 * each * random.signed());
  const weight = size.map((each, j) => (j === 7 ? 0 : random.signed() / (j === 11 ? 1 : each)));
  const rows = Array.from({ length: m }, () =>
    Array.from(size, (each, j) => {
      if (j === 7) return 5;
      if (j === 11) return random.next() < 0.02 ? 1 : 0;
      return (mean[j] as number) + each * random.signed();
    }),
  );
  const sums = rows.map((row) =>
    row.reduce(
      (sum, value, j) => sum + (weight[j] as number) * (value - (mean[j] as number)),
      random.signed(),
    ),
  );
  return { rows, sums };
}

const { rows, sums } = problem(5);
const random = new Uniform(6);
const sampleWeight = random.array(m, () => (random.next() < 0.2 ? 0 : 3 * random.next()));
const folds = random.array(m, () => random.integer(0, 2)).map((fold, row) => (row < 3 ? row : fold));

type Options = Omit<CrossValidateOptions, 'strategy'> & { readonly activation: string };

const targets: Record<string, LayerTargets> = {
  numbers: sums,
  classes: sums.map((sum) => (sum > 0.3 ? 1 : 0)),
  counts: sums.map((sum) => Math.floor(Math.exp(sum / 2))),
  levels: sums.map((sum) => (sum < -1 ? 0 : sum < 1 ? 1 : 2)),
  pairs: sums.map((sum, row) => [sum, (rows[row]?.[3] ?? 0) / 10 - sum]),
};
const outputs: Record<string, number> = { levels: 3, pairs: 2 };

/** Scores and losses of a fold, of models fitted to the rows of the others alone. */
async function alone(y: string, options: Options, fold: number): Promise<{ score: number; loss: number }[]> {
  const { activation, grid, ...fit } = options;
  const chosen = (isHeld: boolean): number[] =>
    [...rows.keys()].filter((row) => (folds[row] === fold) === isHeld);
  const part = <Value>(values: ArrayLike<Value>, some: readonly number[]): Value[] =>
    some.map((row) => values[row] as Value);
  const given = targets[y] as unknown as ArrayLike<never>;
  const found: { score: number; loss: number }[] = [];
  for (const l1 of grid?.l1 ?? [0]) {
    for (const l2 of grid?.l2 ?? [0]) {
      const count = outputs[y] ?? 1;
      const kind = { inputs: n, outputs: count, activation } as ConstructorParameters<typeof Layer>[0];
      const model =
        count > 1 ? new Layer(kind) : new Neuron({ inputs: n, activation: activation as 'linear' });
      const weighed = (some: readonly number[]): object =>
        fit.sampleWeight === undefined
          ? {}
          : { sampleWeight: part(fit.sampleWeight as ArrayLike<number>, some) };
      const train = chosen(false);
      const held = chosen(true);
      await model.fit(part(rows, train), part(given, train), {
        ...(fit as object),
        ...{ l1, l2, dtype: 'float64', device: 'cpu' },
        ...weighed(train),
      });
      const more = { device: 'cpu', ...weighed(held) };
      const score = await model.score(part(rows, held), part(given, held), more);
      const predicted = await model.predict(part(rows, held), { device: 'cpu' });
      const values = 'data' in predicted ? predicted.data : predicted;
      found.push({ score, loss: meanLoss(activation, part(given, held), values, weighed(held)) });
    }
  }
  return found;
}

/** By its definition, in float64. */
function meanLoss(
  activation: string,
  y: readonly (number | readonly number[])[],
  predicted: ArrayLike<number>,
  { sampleWeight: counts }: { readonly sampleWeight?: readonly number[] },
): number {
  const K = predicted.length / y.length;
  let [sum, weight] = [0, 0];
  for (const [row, target] of y.entries()) {
    const p = Array.from({ length: K }, (_, k) => predicted[row * K + k] as number);
    const w = counts?.[row] ?? 1;
    weight += w;
    const each = Array.isArray(target) ? (target as number[]) : [target as number];
    const first = p[0] as number;
    if (activation === 'softmax') sum -= w * Math.log(p[each[0] as number] as number);
    else if (activation === 'sigmoid') sum -= w * Math.log(each[0] === 1 ? first : 1 - first);
    else if (activation === 'exp') sum += w * (first - (each[0] as number) * Math.log(first));
    else for (const [k, value] of each.entries()) sum += w * ((p[k] as number) - value) ** 2;
  }
  return sum / weight;
}

const l2 = [0.001, 0.1, 1e-6];
const cases: [string, string, Options][] = [
  ['least squares', 'numbers', { activation: 'linear', grid: { l2 } }],
  [
    'least squares of columns as they are',
    'numbers',
    { activation: 'linear', standardize: false, grid: { l2 } },
  ],
  ['least squares of weighed rows', 'numbers', { activation: 'linear', sampleWeight, grid: { l2 } }],
  ['several outputs', 'pairs', { activation: 'linear', grid: { l2 } }],
  ['squares without an intercept', 'numbers', { activation: 'linear', fitIntercept: false, grid: { l2 } }],
  ['squares with an l1 term', 'numbers', { activation: 'linear', grid: { l1: [0.3, 0.01], l2: [0, 0.01] } }],
  ['squares step by step', 'numbers', { activation: 'linear', optimizer: 'lbfgs', grid: { l2 } }],
  ['two classes', 'classes', { activation: 'sigmoid', grid: { l2 } }],
  ['two classes by weighed rows', 'classes', { activation: 'sigmoid', sampleWeight, grid: { l2 } }],
  [
    'two classes by columns as they are',
    'classes',
    { activation: 'sigmoid', standardize: false, grid: { l2 } },
  ],
  ['two classes with an l1 term', 'classes', { activation: 'sigmoid', grid: { l1: [0.02, 0.001] } }],
  ['two classes, balanced', 'classes', { activation: 'sigmoid', classWeight: 'balanced', grid: { l2 } }],
  ['three classes', 'levels', { activation: 'softmax', grid: { l2 } }],
  ['counts', 'counts', { activation: 'exp', grid: { l2: [0.001, 0.1] } }],
];

/** By case and fold, for all devices. */
const known: Record<string, ReturnType<typeof alone>> = {};

describeOnUsualDevices('a fold is as its rows alone', (target) => {
  test.each(cases)('%s', async (name, y, options) => {
    await using device = await target.open();
    for (const dtype of target.dtypes) {
      const given = { ...options, folds, dtype, device, refit: false } as CrossValidateOptions;
      const { candidates } = await crossValidate(rows, targets[y] as LayerTargets, given);
      for (const fold of [0, 2]) {
        const expected = await (known[`${name} ${fold}`] ??= alone(y, options, fold));
        // Both stop 10⁻¹⁴ above the least loss, which with a penalty of 10⁻⁶ leaves weights room for the fifth digit of others' loss.
        const relative = dtype === 'float32' ? 2e-3 : 1e-5;
        const losses = candidates.map((candidate) => candidate.losses[fold] as number);
        expect(losses).toBeCloseToArray(
          expected.map(({ loss }) => loss),
          { relative },
        );
        // A row of a fold may lie on the border of two classes.
        const absolute = dtype === 'float32' ? 5e-3 : 2e-3;
        const scores = candidates.map((candidate) => candidate.scores[fold] as number);
        expect(scores).toBeCloseToArray(
          expected.map(({ score }) => score),
          { absolute },
        );
      }
      expect(candidates.every(({ converged }) => converged)).toBe(true);
    }
  });
});

const device = 'cpu';
const ridge = { activation: 'linear', folds, grid: { l2 }, device, refit: false } as const;

/** The rows with one column changed. */
function withColumn(j: number, value: (row: number) => number): number[][] {
  return rows.map((row, i) => row.map((each, k) => (k === j ? value(i) : each)));
}

test('the same options give the same bits', async () => {
  const found = async (): Promise<unknown> =>
    (await crossValidate(rows, targets['classes'] as LayerTargets, { ...ridge, activation: 'sigmoid' }))
      .candidates;
  expect(await found()).toEqual(await found());
});

test.each<[string, number[][], object]>([
  ['far from 0', withColumn(2, (row) => 1e7 + (row % 5)), { standardize: false }],
  ['that depend on others', withColumn(2, (row) => 2 * (rows[row]?.[3] ?? 0)), {}],
  ['of one large value', withColumn(2, (row) => (row === 1500 ? 1e9 : Math.sin(row))), {}],
  ['sorted', withColumn(2, (row) => row ** 3), {}],
])('columns %s are learned from as ever', async (_, X, more) => {
  const told: TrialProgress[] = [];
  const onTrial = (progress: TrialProgress): void => void told.push(progress);
  const { candidates } = await crossValidate(X, sums, { ...ridge, ...more, onTrial });
  const train = [...X.keys()].filter((row) => folds[row] !== 1);
  const held = [...X.keys()].filter((row) => folds[row] === 1);
  for (const [at, penalty] of l2.entries()) {
    const neuron = new Neuron({ inputs: n });
    const part = <Value>(values: readonly Value[], some: readonly number[]): Value[] =>
      some.map((row) => values[row] as Value);
    await neuron.fit(part(X, train), part(sums, train), { l2: penalty, ...more, device });
    const score = await neuron.score(part(X, held), part(sums, held), { device });
    expect(candidates[at]?.scores[1]).toBeCloseTo(score, 7);
  }
  expect(told.map(({ fits }) => fits)).toEqual(Array.from({ length: 9 }, (_, at) => at + 1));
});

test('rows of a fold that all count nothing are no part of what is learned', async () => {
  const none = Float64Array.from(sampleWeight, (weight, row) => (folds[row] === 1 ? 0 : weight + 0.1));
  const { candidates } = await crossValidate(rows, sums, { ...ridge, sampleWeight: none });
  expect(candidates[0]?.scores[1]).toBeNaN();
  const kept = [...rows.keys()].filter((row) => folds[row] !== 1);
  const part = <Value>(values: ArrayLike<Value>): Value[] => kept.map((row) => values[row] as Value);
  const without = await crossValidate(part(rows), part(sums), {
    ...ridge,
    folds: part(folds).map((fold) => Math.min(fold, 1)),
    sampleWeight: part(none),
  });
  for (const [at, { scores }] of candidates.entries())
    expect([scores[0], scores[2]]).toBeCloseToArray(
      [without.candidates[at]?.scores[0] ?? NaN, without.candidates[at]?.scores[1] ?? NaN],
      { relative: 1e-9 },
    );
});

describe('what is wrong with a row is told with the fold', () => {
  const classes = targets['classes'] as number[];
  const sigmoid = { ...ridge, activation: 'sigmoid' } as const;
  const changed = (values: ArrayLike<number>, at: number, value: number): number[] =>
    Array.from(values, (each, row) => (row === at ? value : each));
  test.each<[string, number[][], number[], object, Partial<ThalwegError>, RegExp]>([
    [
      'no number',
      withColumn(4, (row) => (row === 9 ? NaN : row)),
      classes,
      {},
      { code: 'ERR_NOT_FINITE' },
      /X: row/,
    ],
    ['no class', rows, changed(classes, 9, 2), {}, { code: 'ERR_INVALID_ARGUMENT' }, /labels of loss 'log'/],
    [
      'a weight below 0',
      rows,
      classes,
      { sampleWeight: changed(sampleWeight, 9, -1) },
      { code: 'ERR_INVALID_ARGUMENT' },
      /below 0/,
    ],
    [
      'no weight',
      rows,
      classes,
      { sampleWeight: sampleWeight.map(() => 0) },
      { code: 'ERR_INVALID_ARGUMENT' },
      /every sampleWeight is 0/,
    ],
  ])('%s', async (_, X, y, more, details, message) => {
    const found = crossValidate(X, y, { ...sigmoid, ...more });
    await expect(found).rejects.toMatchObject(details);
    await expect(found).rejects.toThrow(message);
    await expect(found).rejects.toThrow(/That was with fold \d of 3 held out$/);
  });
});

test('ends in the middle of the folds', async () => {
  const controller = new AbortController();
  const enough = new Error('enough');
  const options = { ...ridge, activation: 'sigmoid', signal: controller.signal } as const;
  const onTrial = ({ fits }: TrialProgress): void => {
    if (fits === 5) controller.abort(enough);
  };
  const found = crossValidate(rows, targets['classes'] as LayerTargets, { ...options, onTrial });
  await expect(found).rejects.toBe(enough);
});
