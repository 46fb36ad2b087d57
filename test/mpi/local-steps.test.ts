import * as thalweg from '../../lib';
import { doubleOpenCL } from '../support/double-opencl';
import { type Found, calls, describeOnEachMpi } from '../support/each-mpi';
import { relativeError } from '../support/expectations';
import { type LocalOptions, localSteps } from '../support/local-steps';
import { type DataOptions, dataOf, shareOf } from './data.cjs';
import { seeded, wholeNumber } from './seeded';

const float64 = { dtype: 'float64', device: 'cpu' };
const call = 'miniBatchGradientDescent' as const;

interface Case {
  readonly name: string;
  readonly data: DataOptions;
  readonly how: LocalOptions;
  readonly weighted?: boolean;
  readonly division: string;
}

interface Sample {
  readonly X: number[][];
  readonly y: number[];
  readonly weights: number[];
}

function cases(): Case[] {
  const of = (name: string, how: Partial<LocalOptions>, more: Partial<Case> = {}): Case => ({
    name,
    data: { seed: wholeNumber(), rows: 40 + (wholeNumber() % 150), columns: 1 + (wholeNumber() % 6) },
    how: {
      ...{ learningRate: 0.03, epochs: 3, batchSize: 2 + (wholeNumber() % 20), seed: wholeNumber() },
      ...{ averageEvery: 1 + (wholeNumber() % 6), ...how },
    },
    division: 'blocks',
    ...more,
  });
  return [
    of('an average a step', { averageEvery: 1 }),
    of('an average every three', { averageEvery: 3, l2: 0.1 }, { division: 'strided' }),
    of('an average an epoch', { averageEvery: 1000 }),
    of('steps of a row', { batchSize: 1, averageEvery: 6 }),
    of('weighted', {}, { weighted: true }),
    of('momentum', { momentum: 0.9 }),
    of('adagrad, weighted', { adagrad: true }, { weighted: true }),
    of('a schedule of steps', { isSlowing: true }),
    of('a rank without rows', {}, { division: 'none-first' }),
    of(
      'a rank without rows beside weighted ones',
      { momentum: 0.5 },
      { division: 'none-first', weighted: true },
    ),
    of('fewer rows than ranks', {}, { data: { seed: wholeNumber(), rows: 3, columns: 2 } }),
    of('many more rows on one rank', { batchSize: 4 }, { division: 'first-half' }),
  ];
}

function asOptions({ momentum, adagrad, isSlowing, learningRate, ...how }: LocalOptions): object {
  return {
    ...{ ...float64, ...how, fitIntercept: true },
    ...(momentum === undefined ? {} : { optimizer: { name: 'momentum', momentum } }),
    ...(adagrad ? { optimizer: 'adagrad' } : {}),
    learningRate: isSlowing
      ? { schedule: 'inverse-scaling', initial: learningRate, powerT: 0.5 }
      : learningRate,
  };
}

function sharesOf({ data, weighted, division }: Case, size: number): Sample[] {
  const { X, y, weights } = dataOf(data) as Sample;
  const part = <Value>(rows: Value[], rank: number): Value[] => shareOf(rows, { rank, size }, division);
  return Array.from({ length: size }, (_, rank) => ({
    ...{ X: part(X, rank), y: part(y, rank) },
    weights: weighted ? part(weights, rank) : part(X, rank).map(() => 1),
  }));
}

const asCall = ({ how, ...each }: Case, more: object = {}): object => ({
  ...{ ...each, call, options: { ...asOptions(how), ...more } },
});
const bits = ({ theta, intercepts, loss }: Found): string[] => [...theta, ...intercepts, ...loss].map(String);

describeOnEachMpi('ranks that take steps each by itself, and are averaged', (launcher) => {
  test.each([2, 3, 5])(
    '%d ranks: as plain loops do',
    seeded(async (ranks) => {
      const all = cases();
      const found = await calls(
        launcher,
        ranks,
        all.map((each) => asCall(each)),
      );
      for (const each of all) {
        const [first, ...others] = found.get(each.name) as [Found, ...Found[]];
        for (const other of others) expect(bits(other)).toEqual(bits(first));
        const expected = localSteps(sharesOf(each, ranks), each.how);
        const distance = relativeError([...first.theta, ...first.intercepts], expected.at);
        const seen = { ...each, plan: first.plan, steps: first.iterations };
        expect({ ...seen, isNear: distance <= 1e-10, distance }).toEqual({
          ...{ ...seen, plan: 'local', steps: expected.steps },
          ...{ isNear: true, distance },
        });
        expect(first.loss).toHaveLength(each.how.epochs);
      }
    }),
  );

  test(
    'the loss is that of all rows, where the epoch ended',
    seeded(async () => {
      const [each] = cases() as [Case];
      const [found] = (await calls(launcher, 3, [asCall(each)])).get(each.name) as [Found];
      const { X, y } = dataOf(each.data) as Sample;
      const at = { theta: found.theta, intercept: found.intercepts[0] as number, fitIntercept: true };
      const { loss } = await thalweg.lossGradient(X, y, { ...at, dtype: 'float64', device: 'cpu' });
      expect(relativeError([found.loss.at(-1) as number], [loss])).toBeLessThanOrEqual(1e-12);
    }),
  );

  test(
    'one rank is the plain mini-batch, to the bit',
    seeded(async () => {
      const all = cases().filter(({ division }) => division !== 'first-half');
      const found = await calls(
        launcher,
        1,
        all.map((each) => asCall(each)),
      );
      for (const each of all) {
        const [share] = sharesOf(each, 1) as [Sample];
        const { averageEvery, ...plain } = asOptions(each.how) as thalweg.MiniBatchOptions;
        expect(averageEvery).toBeGreaterThan(0);
        const weights = each.weighted ? { sampleWeight: share.weights } : {};
        const alone = await thalweg.miniBatchGradientDescent(share.X, share.y, { ...plain, ...weights });
        const [one] = found.get(each.name) as [Found];
        expect({ ...each, at: [...one.theta, ...one.intercepts] }).toEqual({
          ...each,
          at: [...alone.theta, ...alone.intercepts],
        });
        expect(one).toMatchObject({ plan: 'sequential', iterations: alone.iterations });
      }
    }),
  );

  test(
    'a step of all rows of each, averaged, is a batch step over all rows',
    seeded(async () => {
      const data = { seed: wholeNumber(), rows: 83, columns: 4 };
      const how = {
        learningRate: 0.1,
        epochs: 25,
        batchSize: 100,
        averageEvery: 1,
        seed: wholeNumber(),
        l2: 0.2,
      };
      const each: Case = { name: 'whole', data, how, weighted: true, division: 'blocks' };
      const [found] = (await calls(launcher, 4, [asCall(each)])).get('whole') as [Found];
      const { X, y, weights } = dataOf(data) as Sample;
      const batch = await thalweg.batchGradientDescent(X, y, {
        ...{ learningRate: 0.1, iterations: 25, l2: 0.2, fitIntercept: true },
        ...{ sampleWeight: weights, dtype: 'float64', device: 'cpu' },
      });
      expect(
        relativeError([...found.theta, ...found.intercepts], [...batch.theta, batch.intercept]),
      ).toBeLessThanOrEqual(1e-10);
    }),
  );

  test(
    'the same bits again',
    seeded(async () => {
      const all = cases().map((each) => asCall(each));
      const [once, again] = [await calls(launcher, 3, all), await calls(launcher, 3, all)];
      for (const [name, ranks] of once) expect(again.get(name)?.map(bits)).toEqual(ranks.map(bits));
    }),
  );

  test(
    'two classes, to the neighbourhood of the optimum',
    seeded(async () => {
      const data = { seed: wholeNumber(), rows: 3000, columns: 4, targets: 'zeroOrOne' };
      const objective = { activation: 'sigmoid', loss: 'log', l2: 0.02, fitIntercept: true } as const;
      const options = {
        ...{ ...float64, ...objective, epochs: 40, batchSize: 16, averageEvery: 10, seed: wholeNumber() },
        learningRate: { schedule: 'inverse-scaling', initial: 1, powerT: 0.6 },
      };
      const each = { name: 'classes', call, data, options, division: 'strided' };
      const [found] = (await calls(launcher, 4, [each])).get('classes') as [Found];
      const { X, y } = dataOf(data) as Sample;
      const optimum = await thalweg.batchGradientDescent(X, y, {
        ...{ ...objective, dtype: 'float64', device: 'cpu', optimizer: 'lbfgs', iterations: 1000 },
      });
      const least = optimum.loss.at(-1) as number;
      expect(found.loss.at(-1)).toBeGreaterThanOrEqual(least * (1 - 1e-9));
      // Of what there is to learn, from the loss at zeros, ln 2, less than a hundredth is left.
      expect(((found.loss.at(-1) as number) - least) / (Math.log(2) - least)).toBeLessThan(0.01);
      expect(relativeError(found.theta, [...optimum.theta])).toBeLessThan(0.1);
    }),
  );

  test(
    "the rate 'auto' is the smallest of those of the ranks",
    seeded(async () => {
      const data = { seed: wholeNumber(), rows: 90, columns: 3 };
      const how = { learningRate: 1, epochs: 4, batchSize: 5, averageEvery: 3, seed: wholeNumber() };
      const each: Case = { name: 'auto', data, how, division: 'none-first' };
      const found = await calls(launcher, 3, [asCall(each, { learningRate: 'auto' })]);
      const rates: number[] = [];
      for (const { X, y } of sharesOf(each, 3)) {
        if (X.length === 0) continue;
        const { averageEvery, ...plain } = asOptions(how) as thalweg.MiniBatchOptions;
        expect(averageEvery).toBe(3);
        const { learningRate } = await thalweg.miniBatchGradientDescent(X, y, {
          ...plain,
          learningRate: 'auto',
        });
        rates.push(learningRate as number);
      }
      for (const { learningRate } of found.get('auto') as Found[])
        expect(relativeError([learningRate as number], [Math.min(...rates)])).toBeLessThanOrEqual(1e-9);
    }),
  );

  test(
    'ends by its tolerance on all ranks, and takes no rows from elsewhere than the device',
    seeded(async () => {
      const [each] = cases() as [Case];
      const how = { ...each.how, epochs: 500, learningRate: 0.1 };
      const ending = asCall({ ...each, how }, { tolerance: 0.5 });
      const found = (await calls(launcher, 3, [ending])).get(each.name) as Found[];
      for (const { converged, loss } of found) {
        expect(converged).toBe(true);
        expect(loss.length).toBeLessThan(500);
      }
      const onDisk = asCall(each, { residency: 'disk' });
      await expect(calls(launcher, 2, [onDisk])).rejects.toThrow(/Mini-batches over several ranks take rows/);
    }),
  );

  test(
    'on OpenCL, in float32 too',
    seeded(async () => {
      const device = await doubleOpenCL();
      if (device === undefined) return;
      for (const [dtype, within] of [
        ['float64', 1e-9],
        ['float32', 1e-4],
      ] as const) {
        const all = cases().slice(0, 7);
        const asked = all.map((each) => asCall(each, { device, dtype }));
        const found = await calls(launcher, 2, asked);
        for (const each of all) {
          const [first, second] = found.get(each.name) as [Found, Found];
          expect(bits(second)).toEqual(bits(first));
          const { at } = localSteps(sharesOf(each, 2), each.how);
          expect(relativeError([...first.theta, ...first.intercepts], at)).toBeLessThanOrEqual(within);
        }
      }
    }),
  );
});
