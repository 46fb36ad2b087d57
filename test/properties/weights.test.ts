import fc from 'fast-check';
import {
  type Device,
  type Dtype,
  batchGradientDescent,
  lossGradient,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../lib';
import { linearSquared } from '../../lib/check/passes';
import { Uniform, flat, floats, objectives, oddCounts, pairs, realData, seeds } from '../support/arbitrary';
import { describeOnEachDevice } from '../support/each-device';
import { bits, relativeError } from '../support/expectations';
import type { Data } from '../support/plain';

/** The rows so many times over, in their order. */
function repeated({ X, y, n }: Data, times: readonly number[]): Data {
  const rows = times.flatMap((count, i) => Array.from({ length: count }, () => i));
  return {
    X: Float64Array.from(rows.flatMap((i) => [...X.subarray(i * n, (i + 1) * n)])),
    y: Float64Array.from(rows, (i) => y[i] as number),
    m: rows.length,
    n,
  };
}

/** How often each row counts: 0 to 3 times, the first at least once. */
function countsOf(m: number, random: Uniform): number[] {
  return Array.from({ length: m }, (_, i) => random.integer(i === 0 ? 1 : 0, 3));
}

function call(dtype: Dtype, data: Data): [ReturnType<typeof flat>, Float32Array | Float64Array] {
  return [flat(dtype, data), floats(dtype, data.y)];
}

const shared = { fitIntercept: true, activation: 'linear', loss: 'squared' } as const;

describeOnEachDevice('weights', (target) => {
  // Elsewhere kernels are compiled for each width: for rows of a work-item, or a lane, and for rows of several.
  const small = target.isCpu
    ? target.shapes(2000)
    : fc
        .record({ m: fc.constantFrom(...oddCounts), n: fc.constantFrom(3, 65) })
        .filter(({ m, n }) => m * n <= 4000);

  describe.each(target.dtypes)('in %s', (dtype) => {
    const close = dtype === 'float64' ? 1e-12 : 2e-4;
    const where = (): { dtype: Dtype; device: Device } => ({ dtype, device: target.device });

    it('make a loss and its gradient those of rows repeated, or left out', async () => {
      const cases = fc.asyncProperty(
        fc.constantFrom(...pairs).chain(objectives),
        small,
        seeds,
        async (objective, { m, n }, seed) => {
          const random = new Uniform(seed);
          const data = realData(dtype, m, n, objective.loss, random);
          const counts = countsOf(m, random);
          const at = { theta: random.array(n, () => random.signed() / Math.sqrt(n)), intercept: 0.1 };
          const options = { ...objective, ...at, ...where() };
          const found = await lossGradient(...call(dtype, data), { ...options, sampleWeight: counts });
          const expected = await lossGradient(...call(dtype, repeated(data, counts)), options);
          const values = ({ loss, interceptGradient, gradient }: typeof found): number[] => [
            ...[1, loss, interceptGradient, ...gradient],
          ];
          expect(relativeError(values(found), values(expected))).toBeLessThan(close);
        },
      );
      await fc.assert(cases, { numRuns: target.runs(30) });
    });

    it('do so bit for bit where sums are exact, in passes and by the gram matrix', async () => {
      const cases = fc.asyncProperty(small, seeds, async ({ m, n }, seed) => {
        const random = new Uniform(seed);
        const integer = (): number => random.integer(-1, 1);
        const data = { X: random.array(m * n, integer), y: random.array(m, integer), m, n };
        const counts = countsOf(m, random);
        const at = { theta: random.array(n, integer), intercept: 1 };
        const twice = repeated(data, counts);
        const options = { ...linearSquared, ...at, ...where() };
        const found = await lossGradient(...call(dtype, data), { ...options, sampleWeight: counts });
        const expected = await lossGradient(...call(dtype, twice), options);
        expect(bits(found.gradient)).toEqual(bits(expected.gradient));
        expect(found.interceptGradient).toBe(expected.interceptGradient);
        expect(found.loss).toBe(expected.loss);
        const descent = { ...shared, ...where(), learningRate: 0.01, iterations: 3, plan: 'gram' } as const;
        const weighted = await batchGradientDescent(...call(dtype, data), {
          ...descent,
          sampleWeight: counts,
        });
        const repeatedRows = await batchGradientDescent(...call(dtype, twice), descent);
        expect(bits(weighted.theta)).toEqual(bits(repeatedRows.theta));
        expect(bits(weighted.loss)).toEqual(bits(repeatedRows.loss));
      });
      await fc.assert(cases, { numRuns: target.runs(15) });
    });

    it('make batch descents those of rows repeated, their own rate included, whatever the scale', async () => {
      const cases = fc.asyncProperty(
        fc.constantFrom(...pairs.filter(({ activation }) => activation !== 'relu')).chain(objectives),
        small,
        seeds,
        fc.constantFrom(1, 2 ** -60, 2 ** 90),
        async (objective, { m, n }, seed, scale) => {
          const random = new Uniform(seed);
          const data = realData(dtype, m, n, objective.loss, random);
          const counts = countsOf(m, random);
          const options = { ...objective, ...where(), learningRate: 'auto', iterations: 4 } as const;
          const sampleWeight = counts.map((count) => count * scale);
          const found = await batchGradientDescent(...call(dtype, data), { ...options, sampleWeight });
          const expected = await batchGradientDescent(...call(dtype, repeated(data, counts)), options);
          // The power iteration ends where it changes little, a rounding sooner or later; a kink may tip with one.
          const kinks = ['absolute', 'hinge'].includes(objective.loss);
          const bound = kinks ? 0.5 : dtype === 'float64' ? 1e-6 : 1e-3;
          expect(relativeError([1, ...found.loss], [1, ...expected.loss])).toBeLessThan(bound);
        },
      );
      await fc.assert(cases, { numRuns: target.runs(20) });
    });

    it('make the loss on rows to validate with that of rows repeated', async () => {
      const random = new Uniform(29);
      const data = realData(dtype, 33, 3, 'squared', random);
      const counts = countsOf(data.m, random);
      const options = { ...shared, ...where(), learningRate: 0.01, iterations: 4 };
      const validated = async (held: Data, sampleWeight?: number[]): Promise<Float64Array | undefined> => {
        const [X, y] = call(dtype, held);
        const validation = { X, y, ...(sampleWeight === undefined ? {} : { sampleWeight }) };
        return (await batchGradientDescent(...call(dtype, data), { ...options, validation })).validationLoss;
      };
      const found = (await validated(data, counts)) ?? [];
      const expected = (await validated(repeated(data, counts))) ?? [];
      expect(found).toHaveLength(4);
      expect(relativeError([...found], [...expected])).toBeLessThan(close);
      expect(relativeError([...found], [...((await validated(data)) ?? [])])).toBeGreaterThan(1e-3);
    });

    it('leave rows of weight 0 out of random steps, index streams included', async () => {
      const methods = fc.constantFrom<'with-replacement' | 'shuffle' | number>(
        'with-replacement',
        'shuffle',
        3,
        32,
      );
      const names = ['sgd', 'adam', ...(target.isCpu ? (['momentum'] as const) : [])] as const;
      const optimizers = fc.constantFrom(...names);
      const cases = fc.asyncProperty(
        small,
        seeds,
        methods,
        optimizers,
        async ({ m, n }, seed, method, optimizer) => {
          const random = new Uniform(seed);
          const data = realData(dtype, m, n, 'squared', random);
          const counts = countsOf(m, random).map((count) => Math.min(count, 1));
          const options = {
            ...shared,
            ...where(),
            optimizer,
            learningRate: 0.02 / n,
            l2: 0.1,
            epochs: 2,
            seed: 7,
          };
          const descend = async (
            rows: Data,
            sampleWeight?: readonly number[],
          ): ReturnType<typeof batchGradientDescent> => {
            const own = sampleWeight === undefined ? options : { ...options, sampleWeight };
            return typeof method === 'number'
              ? await miniBatchGradientDescent(...call(dtype, rows), { ...own, batchSize: method })
              : await stochasticGradientDescent(...call(dtype, rows), { ...own, sampling: method });
          };
          const found = await descend(data, counts);
          const expected = await descend(repeated(data, counts));
          expect(found.iterations).toBe(expected.iterations);
          // The steps are the same ones: their rows and sums.
          expect(bits(found.theta)).toEqual(bits(expected.theta));
          expect(relativeError(found.loss, expected.loss)).toBeLessThan(close);
        },
      );
      await fc.assert(cases, { numRuns: target.runs(15) });
    });

    it('scale steps over a few rows so that a batch of all is a batch step', async () => {
      const cases = fc.asyncProperty(
        fc.constantFrom(...pairs),
        small,
        seeds,
        async (pair, { m, n }, seed) => {
          const random = new Uniform(seed);
          const data = realData(dtype, m, n, pair.loss, random);
          const sampleWeight = random.array(m, () => 0.1 + 5 * random.next());
          const options = { ...pair, ...where(), fitIntercept: true, sampleWeight, learningRate: 0.01 / n };
          const whole = await batchGradientDescent(...call(dtype, data), {
            ...options,
            iterations: 1,
            plan: 'fused',
          });
          const batch = { ...options, epochs: 1, batchSize: m };
          const found = await miniBatchGradientDescent(...call(dtype, data), batch);
          const values = ({ theta, intercept }: typeof found): number[] => [...theta, intercept];
          expect(relativeError(values(found), values(whole))).toBeLessThan(close);
        },
      );
      await fc.assert(cases, { numRuns: target.runs(10) });
    });

    it('multiply the gradient of a single row by its weight over the mean one', async () => {
      const data = { X: Float64Array.of(1, 2, 3, 4), y: Float64Array.of(3, -1), m: 2, n: 2 };
      const options = {
        ...shared,
        ...where(),
        sampling: 'shuffle',
        learningRate: 0.25,
        epochs: 1,
        seed: 3,
      } as const;
      const descend = async (sampleWeight: readonly number[]): Promise<number[]> => {
        const found = await stochasticGradientDescent(...call(dtype, data), { ...options, sampleWeight });
        return [...found.theta, found.intercept];
      };
      // Weights 1 and 3 are ½ and 1½ of their mean.
      const steps = (order: readonly number[]): number[] => {
        const at = [0, 0, 0];
        for (const i of order) {
          const x = [data.X[2 * i] as number, data.X[2 * i + 1] as number, 1];
          const z = x.reduce((sum, value, j) => sum + value * (at[j] as number), 0);
          const delta = 2 * (z - (data.y[i] as number)) * (i === 0 ? 0.5 : 1.5);
          x.forEach((value, j) => (at[j] = (at[j] as number) - 0.25 * delta * value));
        }
        return at;
      };
      const found = await descend([1, 3]);
      const errors = [steps([0, 1]), steps([1, 0])].map((expected) => relativeError(found, expected));
      expect(Math.min(...errors)).toBeLessThan(close);
      // Only their ratio counts.
      expect(relativeError(await descend([10, 30]), found)).toBeLessThan(close);
    });
  });
});
