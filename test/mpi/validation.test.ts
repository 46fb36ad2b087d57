import * as thalweg from '../../lib';
import { doubleOpenCL } from '../support/double-opencl';
import { type Found, calls, describeOnEachMpi } from '../support/each-mpi';
import { relativeError } from '../support/expectations';
import { type Call, make } from './calls.cjs';
import { sampleOf } from './data.cjs';
import { seeded, wholeNumber } from './seeded';

interface Case extends Call {
  /** Rows that follow each other on each rank are those of one process, of which the same are held out. */
  readonly division: 'blocks' | 'none-first' | 'first-half';
  /** Rows of the data that are given to validate with. */
  readonly heldRows?: number;
  readonly heldDivision?: string;
  readonly within: number;
}

const float64 = { dtype: 'float64', device: 'cpu' };
const exact = 1e-12;
const classes = { activation: 'sigmoid', loss: 'log', fitIntercept: true };

function cases(): Case[] {
  const of = (name: string, options: object, more: Partial<Case> = {}): Case => ({
    name,
    call: 'batchGradientDescent',
    data: { seed: wholeNumber(), rows: 60 + (wholeNumber() % 150), columns: 1 + (wholeNumber() % 5) },
    options: { ...float64, learningRate: 0.1, iterations: 20, ...options },
    division: 'blocks',
    within: exact,
    ...more,
  });
  const epochs = { iterations: undefined, epochs: 6, batchSize: 7, learningRate: 0.05, seed: wholeNumber() };
  const mini = { call: 'miniBatchGradientDescent' } as const;
  const given = { heldRows: 23 };
  const yesOrNo = { data: { seed: wholeNumber(), rows: 150, columns: 4, targets: 'zeroOrOne' } };
  return [
    of('rows that are given', {}, given),
    of(
      'given rows, every third time, with penalties',
      { l1: 0.01, l2: 0.1, validation: { every: 3 } },
      given,
    ),
    of('given rows that one rank has not', { fitIntercept: true }, { ...given, heldDivision: 'none-first' }),
    of('given rows that are fewer than ranks', {}, { heldRows: 2, heldDivision: 'strided' }),
    of('given rows of weights', { plan: 'fused' }, { ...given, weighted: true, heldDivision: 'none-first' }),
    of(
      'given rows of a rank that learns from none',
      {},
      { ...given, division: 'none-first', heldDivision: 'blocks' },
    ),
    of('given rows, compressed', {}, { ...given, compressed: true }),
    of(
      'given rows of classes that count otherwise',
      { ...classes, classWeight: { 0: 1, 1: 3 } },
      { ...given, ...yesOrNo },
    ),
    of('given rows of balanced classes', { ...classes, classWeight: 'balanced' }, { ...given, ...yesOrNo }),
    of('a share', { validation: 0.3 }),
    of(
      'a share of weights, by the gram plan',
      { validation: { share: 0.2 }, plan: 'gram' },
      { weighted: true },
    ),
    of('a share of a row', { validation: 0.001, fitIntercept: true }),
    of('a share of all but few', { validation: 0.97 }),
    of('a share, with a rank without rows', { validation: 0.3 }, { division: 'none-first' }),
    of('a share, with most rows on one rank', { validation: 0.4 }, { division: 'first-half' }),
    of('a share, compressed', { validation: 0.4 }, { compressed: true }),
    of('mini-batches and a share', { ...epochs, validation: 0.3 }, mini),
    of('mini-batches and a weighted share', { ...epochs, validation: 0.3 }, { ...mini, weighted: true }),
    of(
      'mini-batches and a share, with a rank without rows',
      { ...epochs, validation: 0.2 },
      { ...mini, division: 'none-first' },
    ),
    of('mini-batches and given rows', epochs, { ...mini, ...given }),
    of(
      'L-BFGS and given rows',
      { ...classes, l2: 0.1, optimizer: 'lbfgs', learningRate: undefined, iterations: 6 },
      { ...given, ...yesOrNo, within: 1e-9 },
    ),
    of(
      'a neuron, standardized',
      { learningRate: undefined, optimizer: 'adam', iterations: 20, validation: 0.25 },
      { call: 'neuron', division: 'none-first', within: 1e-9 },
    ),
    of(
      'a layer of classes',
      { learningRate: undefined, iterations: 15, l2: 0.05, validation: 0.25 },
      {
        ...{ call: 'layer', model: { activation: 'softmax' }, within: 1e-6 },
        data: { seed: wholeNumber(), rows: 150, columns: 3, targets: 'classes', outputs: 3 },
      },
    ),
  ];
}

/** Few rows of many columns, of which soon more is learned than they tell of others. */
function overfitted(): Case[] {
  const of = (name: string, options: object, more: Partial<Case> = {}): Case => ({
    name,
    call: 'batchGradientDescent',
    data: { seed: wholeNumber(), rows: 40, columns: 25, noise: 4 },
    options: { ...float64, learningRate: 0.05, iterations: 3000, patience: 5, validation: 0.4, ...options },
    division: 'blocks',
    within: 1e-9,
    ...more,
  });
  const epochs = { iterations: undefined, epochs: 1000, batchSize: 3, seed: wholeNumber() };
  return [
    of('ends early', {}),
    of('and restores the best', { restoreBestWeights: true }),
    of('every second time', {
      restoreBestWeights: true,
      validation: { share: 0.4, every: 2 },
      minDelta: 1e-4,
    }),
    of('of given rows', { validation: {}, restoreBestWeights: true }, { heldRows: 16 }),
    of('of mini-batches', { ...epochs, restoreBestWeights: true }, { call: 'miniBatchGradientDescent' }),
  ];
}

/** With the options that ranks get: JSON holds none that are undefined. */
async function alone(each: Case): Promise<Omit<Found, 'name' | 'rank'>> {
  const plain = JSON.parse(JSON.stringify(each)) as Case;
  return await make(thalweg, sampleOf(plain), { ...plain, ...plain.data });
}

const withoutRank = (found: Found): object => ({ ...found, rank: undefined });

/** Compares what all ranks have found, which is the same bits, with what one process finds. */
async function compare(each: Case, all: readonly Found[] = []): Promise<Found> {
  const [first, ...others] = all as [Found, ...Found[]];
  for (const other of others) expect(withoutRank(other)).toEqual(withoutRank(first));
  const one = await alone(each);
  const distances = {
    theta: relativeError([...first.theta, ...first.intercepts], [...one.theta, ...one.intercepts]),
    loss: relativeError(first.loss, one.loss),
    validation: relativeError(first.validationLoss ?? [], one.validationLoss ?? []),
    best: relativeError([first.best?.loss as number], [one.best?.loss as number]),
  };
  const isNear = Object.values(distances).every((distance) => distance <= each.within);
  expect({ name: each.name, ...distances, isNear }).toEqual({ name: each.name, ...distances, isNear: true });
  const ending = ({ stopped, best }: Omit<Found, 'name' | 'rank'>): object => ({
    ...{ name: each.name, stopped, at: best?.iteration ?? best?.epoch },
  });
  expect(ending(first)).toEqual(ending(one));
  return first;
}

describeOnEachMpi('ranks validate as one process does', (launcher) => {
  test.each([1, 2, 3, 5])(
    '%d ranks',
    seeded(async (ranks) => {
      const all = cases();
      const found = await calls(launcher, ranks, all);
      for (const each of all) {
        const { validationLoss } = await compare(each, found.get(each.name));
        expect(validationLoss?.length).toBeGreaterThan(0);
      }
    }),
  );

  test.each([2, 4])(
    '%d ranks end early after the same step',
    seeded(async (ranks) => {
      const all = overfitted();
      const found = await calls(launcher, ranks, all);
      for (const each of all) {
        const first = await compare(each, found.get(each.name));
        expect({ name: each.name, stopped: first.stopped }).toEqual({ name: each.name, stopped: 'early' });
      }
    }),
  );

  test(
    'on OpenCL',
    seeded(async () => {
      const device = await doubleOpenCL();
      if (device === undefined) return;
      const chosen = ['given rows of weights', 'a share', 'mini-batches and a share'];
      const all = cases().filter(({ name }) => chosen.includes(name));
      const there = all.map((each) => ({ ...each, options: { ...each.options, device } }));
      const found = await calls(launcher, 2, there);
      // Beside the CPU's sums, whose order is another.
      for (const each of all) {
        const { validationLoss } = await compare({ ...each, within: 1e-9 }, found.get(each.name));
        expect(validationLoss?.length).toBeGreaterThan(0);
      }
    }),
  );

  test(
    'steps of each rank by itself are validated where they are averaged',
    seeded(async () => {
      const options = { ...float64, averageEvery: 2, epochs: 4, batchSize: 5, learningRate: 0.05, seed: 3 };
      const each: Case = {
        ...{ name: 'local', call: 'miniBatchGradientDescent', division: 'blocks', heldRows: 30 },
        data: { seed: wholeNumber(), rows: 120, columns: 4 },
        ...{ options: { ...options, l2: 0.1 }, within: exact },
      };
      const all = (await calls(launcher, 3, [each])).get('local') ?? [];
      const [first, ...others] = all as [Found, Found, Found];
      for (const other of others) expect(withoutRank(other)).toEqual(withoutRank(first));
      const { held } = sampleOf(each);
      const { loss } = await thalweg.lossGradient(held?.X ?? [], held?.y as number[], {
        ...{ dtype: 'float64', device: 'cpu', l2: 0.1, theta: first.theta },
      });
      expect(first.validationLoss).toHaveLength(4);
      expect(relativeError(first.validationLoss?.slice(-1) ?? [], [loss])).toBeLessThanOrEqual(exact);
    }),
  );

  test(
    'a rank without rows to learn from or to validate with is not all of them',
    seeded(async () => {
      const each: Case = {
        ...{ name: 'none', call: 'batchGradientDescent', division: 'blocks', within: exact },
        data: { seed: wholeNumber(), rows: 1, columns: 2 },
        options: { ...float64, learningRate: 0.1, iterations: 2, validation: 0.5 },
      };
      await expect(calls(launcher, 2, [each])).rejects.toThrow(/X has 1 row: there is none to hold out/);
      const nobody = { ...each, options: { ...each.options, validation: { X: [], y: [] } } };
      await expect(calls(launcher, 2, [nobody])).rejects.toThrow(/validation.X has no rows on any rank/);
    }),
  );
});
