import * as thalweg from '../../lib';
import { optimizerNames } from '../../lib/method/optimizers';
import { doubleOpenCL } from '../support/double-opencl';
import { type Found, calls, describeOnEachMpi } from '../support/each-mpi';
import { relativeError } from '../support/expectations';
import { type Call, make } from './calls.cjs';
import { dataOf } from './data.cjs';
import { seeded, uniform, wholeNumber } from './seeded';

/** One call, by which both ways are made. */
interface Case extends Call {
  /** By how much weights may differ, as a share of their norm. */
  readonly within: number;
}

const float64 = { dtype: 'float64', device: 'cpu' };
const exact = 1e-12;
/** Where an optimum is looked for, by how far from it both may stop. */
const optimum = 1e-6;

function gradients(): Case[] {
  const losses = [
    ['linear', 'squared', 'numbers'],
    ['linear', 'absolute', 'numbers'],
    ['linear', 'huber', 'numbers'],
    ['sigmoid', 'log', 'zeroOrOne'],
    ['linear', 'hinge', 'plusMinusOne'],
    ['softmax', 'cross-entropy', 'classes'],
  ] as const;
  return losses.flatMap(([activation, loss, targets]) =>
    [false, true].map((weighted): Case => {
      const columns = 1 + (wholeNumber() % 9);
      const outputs = activation === 'softmax' ? 3 : 1;
      return {
        name: `gradient of ${loss}${weighted ? ', weighted' : ''}`,
        call: 'lossGradient',
        data: { seed: wholeNumber(), rows: 7 + (wholeNumber() % 300), columns, targets },
        options: {
          ...{ ...float64, activation, loss, fitIntercept: weighted, l1: 0.01, l2: 0.1 },
          theta: Array.from({ length: columns * outputs }, () => uniform() - 0.5),
        },
        weighted,
        within: exact,
      };
    }),
  );
}

function descents(): Case[] {
  const steps = optimizerNames
    .filter((name) => name !== 'lbfgs')
    .map((name): Case => ({
      name: `steps of ${name}`,
      call: 'batchGradientDescent',
      data: { seed: wholeNumber(), rows: 101, columns: 5 },
      options: {
        ...float64,
        optimizer: name,
        learningRate: 'auto',
        iterations: 40,
        fitIntercept: true,
        plan: 'fused',
      },
      within: 1e-10,
    }));
  const of = (name: string, more: Partial<Case>): Case => ({
    name,
    call: 'batchGradientDescent',
    data: { seed: wholeNumber(), rows: 5 + (wholeNumber() % 200), columns: 4 },
    options: { ...float64, learningRate: 'auto', iterations: 50 },
    within: 1e-10,
    ...more,
  });
  const lbfgs = (name: string, more: Partial<Case>): Case =>
    of(name, {
      data: { seed: wholeNumber(), rows: 150, columns: 4, targets: 'zeroOrOne' },
      options: {
        ...{ ...float64, activation: 'sigmoid', loss: 'log', l2: 0.1 },
        ...{ optimizer: 'lbfgs', iterations: 500, fitIntercept: true },
      },
      within: optimum,
      ...more,
    });
  return [
    ...steps,
    of('gram', {
      options: { ...float64, learningRate: 'auto', iterations: 50, plan: 'gram', fitIntercept: true },
    }),
    of('weighted gram', {
      options: { ...float64, learningRate: 'auto', iterations: 50, plan: 'gram' },
      weighted: true,
    }),
    of('l1', { options: { ...float64, learningRate: 'auto', iterations: 50, l1: 0.05 } }),
    of('a schedule', {
      options: { ...float64, learningRate: { schedule: 'cosine', initial: 0.1 }, iterations: 30 },
    }),
    of('a tolerance', { options: { ...float64, learningRate: 'auto', iterations: 500, tolerance: 1e-3 } }),
    of('poisson', {
      data: { seed: wholeNumber(), rows: 90, columns: 3, targets: 'counts' },
      options: { ...float64, activation: 'exp', loss: 'poisson', learningRate: 'auto', iterations: 30 },
    }),
    of('two outputs', { data: { seed: wholeNumber(), rows: 60, columns: 3, outputs: 2 } }),
    of('classes that are counted', {
      data: { seed: wholeNumber(), rows: 60, columns: 3, targets: 'classes' },
      options: { ...float64, activation: 'softmax', learningRate: 'auto', iterations: 30 },
    }),
    lbfgs('lbfgs', {}),
    lbfgs('lbfgs over compressed rows', { compressed: true }),
    lbfgs('lbfgs over compressed rows, none of them on one rank', {
      ...{ compressed: true, division: 'none-first', weighted: true },
    }),
    of('rows in blocks', { division: 'blocks' }),
    of('a rank without rows', { division: 'none-first' }),
    of('a rank without rows beside weighted ones', { division: 'none-first', weighted: true }),
    of('fewer rows than ranks', { data: { seed: wholeNumber(), rows: 3, columns: 2 } }),
    of('features whose squares are beyond float32', {
      data: { seed: wholeNumber(), rows: 80, columns: 3, scale: 1e25 },
      options: { device: 'cpu', dtype: 'float32', learningRate: 'auto', iterations: 5 },
      within: 1e-5,
    }),
  ];
}

/** Steps over rows that are drawn among those of all ranks, in their order. */
function miniBatches(): Case[] {
  const of = (name: string, more: Partial<Case>, options: object = {}): Case => ({
    name: `mini-batches: ${name}`,
    call: 'miniBatchGradientDescent',
    data: { seed: wholeNumber(), rows: 20 + (wholeNumber() % 150), columns: 4 },
    options: {
      ...{ ...float64, learningRate: 0.02, epochs: 3, seed: wholeNumber() % 2 ** 31, fitIntercept: true },
      ...{ batchSize: 1 + (wholeNumber() % 40), ...options },
    },
    division: 'blocks',
    within: 1e-10,
    ...more,
  });
  return [
    of('plain', {}),
    of('a rate that is found', {}, { learningRate: 'auto', l2: 0.1 }),
    of('weighted', { weighted: true }, { optimizer: 'adagrad', l1: 0.01 }),
    of('a rank without rows', { division: 'none-first' }, { tolerance: 1e-3 }),
    of('a rank without rows beside weighted ones', { division: 'none-first', weighted: true }),
    of('larger than all rows', { data: { seed: wholeNumber(), rows: 9, columns: 2 } }, { batchSize: 64 }),
    of('two outputs', { data: { seed: wholeNumber(), rows: 60, columns: 3, outputs: 2 } }),
    of(
      'classes',
      { data: { seed: wholeNumber(), rows: 70, columns: 3, targets: 'classes' } },
      { activation: 'softmax', loss: 'cross-entropy', classes: 3 },
    ),
    of(
      'hinge',
      { data: { seed: wholeNumber(), rows: 50, columns: 3, targets: 'plusMinusOne' } },
      { loss: 'hinge', learningRate: { schedule: 'inverse-scaling', initial: 0.05 } },
    ),
  ];
}

/** Classes that count by the rows of all ranks, of which some have none of a class, or no rows. */
function balanced(): Case[] {
  const classWeight = 'balanced';
  const of = (name: string, activation: string, targets: string, more: Partial<Case>): Case => ({
    ...{ name, call: 'neuron', within: optimum, model: { activation } },
    data: { seed: wholeNumber(), rows: 9 + (wholeNumber() % 60), columns: 3, targets },
    options: { ...float64, l2: 0.1, classWeight },
    ...more,
  });
  return [
    of('balanced classes', 'sigmoid', 'zeroOrOne', {}),
    of('balanced classes of weighted rows', 'sigmoid', 'zeroOrOne', { weighted: true }),
    of('balanced classes, with a rank without rows', 'sigmoid', 'zeroOrOne', { division: 'none-first' }),
    of('a gradient of balanced classes', 'softmax', 'classes', {
      call: 'lossGradient',
      options: {
        ...{ ...float64, activation: 'softmax', loss: 'cross-entropy', classes: 3, classWeight },
        theta: Array.from({ length: 9 }, () => uniform() - 0.5),
      },
      within: exact,
    }),
    of('mini-batches of balanced classes', 'sigmoid', 'plusMinusOne', {
      call: 'miniBatchGradientDescent',
      division: 'blocks',
      options: {
        ...{ ...float64, loss: 'hinge', classWeight, seed: 3, batchSize: 5, epochs: 3, learningRate: 0.05 },
      },
      within: 1e-10,
    }),
  ];
}

function fits(): Case[] {
  return [
    {
      name: 'a neuron of least squares',
      call: 'neuron',
      data: { seed: wholeNumber(), rows: 120, columns: 5 },
      options: float64,
      within: optimum,
    },
    {
      name: 'a neuron of two classes, weighted',
      call: 'neuron',
      data: { seed: wholeNumber(), rows: 200, columns: 4, targets: 'zeroOrOne' },
      options: { ...float64, l2: 0.05 },
      model: { activation: 'sigmoid' },
      weighted: true,
      within: optimum,
    },
    {
      name: 'a neuron of adam, standardized, with a rank without rows',
      call: 'neuron',
      data: { seed: wholeNumber(), rows: 80, columns: 4 },
      options: { ...float64, optimizer: 'adam', iterations: 40 },
      division: 'none-first',
      within: 1e-9,
    },
    {
      name: 'a layer of classes',
      call: 'layer',
      data: { seed: wholeNumber(), rows: 150, columns: 3, targets: 'classes', outputs: 3 },
      options: { ...float64, l2: 0.05 },
      model: { activation: 'softmax' },
      within: optimum,
    },
  ];
}

const bits = (values: readonly number[]): string[] => values.map((value) => String(value));
const withoutRank = ({ theta, intercepts, loss, plan, converged }: Found): object => ({
  ...{ theta: bits(theta), intercepts: bits(intercepts), loss: bits(loss) },
  ...{ plan, converged },
});

async function alone(each: Case): Promise<Omit<Found, 'name' | 'rank'>> {
  return await make(thalweg, dataOf(each.data), { ...each, ...each.data });
}

describeOnEachMpi('ranks find what one process does', (launcher) => {
  test.each([1, 2, 3, 4, 5])(
    '%d ranks',
    seeded(async (ranks) => {
      const cases = [...gradients(), ...descents(), ...miniBatches(), ...fits(), ...balanced()];
      const found = await calls(launcher, ranks, cases);
      for (const each of cases) {
        const all = found.get(each.name) ?? [];
        expect(all.map(({ rank }) => rank)).toEqual(Array.from({ length: ranks }, (_, rank) => rank));
        const [first] = all as [Found];
        // Every rank has the same bits.
        for (const other of all) expect(withoutRank(other)).toEqual(withoutRank(first));
        const one = await alone(each);
        const seen = { name: each.name, seed: each.data.seed };
        const theta = relativeError([...first.theta, ...first.intercepts], [...one.theta, ...one.intercepts]);
        expect({ ...seen, theta, isNear: theta <= each.within }).toEqual({ ...seen, theta, isNear: true });
        const loss = relativeError(first.loss.slice(-1), one.loss.slice(-1));
        expect({ ...seen, loss, isNear: loss <= each.within }).toEqual({ ...seen, loss, isNear: true });
        const steps = each.within <= 1e-9 ? one.loss.length : first.loss.length;
        expect(first.loss).toHaveLength(steps);
      }
    }),
  );

  test(
    'as many ranks have the same bits again',
    seeded(async () => {
      const cases = [...gradients(), ...descents(), ...miniBatches(), ...fits(), ...balanced()];
      const [once, again] = [await calls(launcher, 4, cases), await calls(launcher, 4, cases)];
      for (const { name } of cases)
        expect(again.get(name)?.map(withoutRank)).toEqual(once.get(name)?.map(withoutRank));
    }),
  );

  test(
    'mini-batches without a seed are the same ones on all ranks, and are of rows on the device alone',
    seeded(async () => {
      const [plain] = miniBatches() as [Case];
      const { seed, ...options } = plain.options;
      expect(seed).toBeDefined();
      const found = await calls(launcher, 3, [{ ...plain, options }]);
      const [first, ...others] = found.get(plain.name) as [Found, Found, Found];
      for (const other of others) expect(withoutRank(other)).toEqual(withoutRank(first));
      const onDisk = { ...plain, options: { ...plain.options, residency: 'disk' } };
      await expect(calls(launcher, 2, [onDisk])).rejects.toThrow(/Mini-batches over several ranks take rows/);
    }),
  );

  test(
    'on OpenCL',
    seeded(async () => {
      const device = await doubleOpenCL();
      if (device === undefined) return;
      const all = [...gradients(), ...descents().slice(0, 12), ...miniBatches().slice(0, 3)];
      const cases = all.map((each) => ({ ...each, options: { ...each.options, device } }));
      const found = await calls(launcher, 2, cases);
      for (const each of all) {
        const [first, second] = found.get(each.name) as [Found, Found];
        expect(withoutRank(second)).toEqual(withoutRank(first));
        // Beside the CPU's sums, whose order is another.
        expect(relativeError(first.theta, (await alone(each)).theta)).toBeLessThanOrEqual(1e-9);
      }
    }),
  );

  test.each(['batchGradientDescent', 'miniBatchGradientDescent'] as const)(
    'a limit of time ends all of them after the same step: %s',
    seeded(async (call) => {
      const steps =
        call === 'batchGradientDescent' ? { iterations: 1e8, plan: 'fused' } : { epochs: 1e8, batchSize: 16 };
      const limited: Case = {
        ...{ name: 'limited', call, within: exact },
        data: { seed: wholeNumber(), rows: 90, columns: 4 },
        options: { ...float64, ...steps, learningRate: 1e-6, maxSeconds: 0.4 },
      };
      const all = (await calls(launcher, 3, [limited])).get('limited') ?? [];
      expect(all).toHaveLength(3);
      const [first] = all as [Found];
      expect(first.iterations).toBeGreaterThan(0);
      for (const { iterations, theta } of all) {
        expect(iterations).toBe(first.iterations);
        expect(bits(theta)).toEqual(bits(first.theta));
      }
    }),
  );

  test(
    'many weights are added in pieces, to the same sums',
    seeded(async () => {
      // 3 ranks and 4000 weights are more than are gathered at once, and no multiple of 3.
      const data = { seed: wholeNumber(), rows: 40, columns: 4000 };
      const options = { ...float64, theta: Array.from({ length: 4000 }, () => uniform() - 0.5) };
      const each: Case = { name: 'many', call: 'lossGradient', data, options, within: exact };
      const [first] = (await calls(launcher, 3, [each])).get('many') as [Found];
      const one = await alone(each);
      expect(relativeError(first.theta, one.theta)).toBeLessThanOrEqual(exact);
    }),
  );
});
