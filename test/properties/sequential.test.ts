import fc from 'fast-check';
import { type Dtype, miniBatchGradientDescent, stochasticGradientDescent } from '../../lib';
import { Uniform, flat, floats, objectives, pairs, realData, seeds } from '../support/arbitrary';
import { describeOnEachDevice } from '../support/each-device';
import { bits, relativeError } from '../support/expectations';
import { NumpyRandom } from '../support/numpy-random';
import * as plain from '../support/plain';

const numpySeeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
/** Pairs without a kink: at one a rounding may turn a sign, and a whole step with it. */
const smoothPairs = pairs.filter(
  ({ activation, loss }) => activation !== 'relu' && !['absolute', 'hinge', 'huber'].includes(loss),
);

/** A rate with which no step overshoots, for rows of values between −1 and 1. */
function gentleRate(n: number): number {
  return 0.02 / (n + 1);
}

/** float32 keeps θ in 24 bits from step to step: the roundings add up. */
function tolerance(dtype: Dtype, steps: number): number {
  return dtype === 'float64' ? 1e-10 : 1e-5 + 2e-6 * Math.sqrt(steps);
}

function flattened({ theta, intercept }: plain.Parameters): number[] {
  return [...theta, intercept];
}

/**
 * How far apart two ends of a descent are, against their size or, where the steps have cancelled one
 * another, against the size of a step: what was rounded was as large as that on the way.
 */
function distance(found: plain.Parameters, expected: plain.Parameters, learningRate: number): number {
  return relativeError(flattened(found), flattened(expected), learningRate);
}

describeOnEachDevice('the sequential descents', (target) => {
  const small = target.shapes(1500);

  describe.each(target.dtypes)('in %s', (dtype) => {
    it.each(['with-replacement', 'shuffle'] as const)(
      'take stochastic steps over the rows that NumPy draws, %s',
      async (sampling) => {
        const cases = fc.asyncProperty(
          fc.constantFrom(...smoothPairs).chain(objectives),
          small,
          seeds,
          numpySeeds,
          async (objective, { m, n }, dataSeed, seed) => {
            const data = realData(dtype, m, n, objective.loss, new Uniform(dataSeed));
            const options = {
              ...objective,
              learningRate: gentleRate(n),
              epochs: 2,
              seed,
              sampling,
              dtype,
              device: target.device,
            };
            const found = await stochasticGradientDescent(flat(dtype, data), floats(dtype, data.y), options);
            const random = new NumpyRandom(seed);
            const order =
              sampling === 'shuffle'
                ? [...random.permutation(m), ...random.permutation(m)]
                : Array.from({ length: 2 * m }, () => random.randint(m));
            const expected = plain.sequential(objective, data, order, 1, options.learningRate);
            expect(distance(found, expected, options.learningRate)).toBeLessThan(tolerance(dtype, 2 * m));
            const { loss } = plain.lossGradient(objective, data, expected);
            expect(Math.abs((found.loss[1] as number) - loss)).toBeLessThan(
              tolerance(dtype, 2 * m) * (1 + Math.abs(loss)),
            );
            expect(found.iterations).toBe(2 * m);
          },
        );
        await fc.assert(cases, { numRuns: target.runs(20) });
      },
    );

    it('take mini-batch steps over the permutations that NumPy gives, the last batch short', async () => {
      const cases = fc.asyncProperty(
        fc.constantFrom(...smoothPairs).chain(objectives),
        small,
        seeds,
        numpySeeds,
        fc.constantFrom(1, 2, 3, 7, 16, 31, 32, 33, 64, 100, 5000),
        async (objective, { m, n }, dataSeed, seed, batchSize) => {
          const data = realData(dtype, m, n, objective.loss, new Uniform(dataSeed));
          const learningRate = gentleRate(n);
          const options = {
            ...objective,
            learningRate,
            epochs: 2,
            batchSize,
            seed,
            dtype,
            device: target.device,
          };
          const found = await miniBatchGradientDescent(flat(dtype, data), floats(dtype, data.y), options);
          const random = new NumpyRandom(seed);
          const first = plain.sequential(objective, data, random.permutation(m), batchSize, learningRate);
          const second = plain.sequential(
            objective,
            data,
            random.permutation(m),
            batchSize,
            learningRate,
            first,
          );
          const steps = 2 * Math.ceil(m / batchSize);
          expect(distance(found, second, learningRate)).toBeLessThan(tolerance(dtype, steps));
          expect(found.iterations).toBe(steps);
          const losses = [first, second].map((at) => plain.lossGradient(objective, data, at).loss);
          expect(relativeError(found.loss, losses)).toBeLessThan(tolerance(dtype, steps) * 10);
        },
      );
      await fc.assert(cases, { numRuns: target.runs(20) });
    });

    it.each([
      { sampling: 'shuffle', batchSize: 1 },
      { sampling: 'with-replacement', batchSize: 1 },
      { sampling: 'shuffle', batchSize: 64 },
    ] as const)(
      'take the rows that NumPy draws of so many that they are drawn ahead: $sampling, batches of $batchSize',
      async ({ sampling, batchSize }) => {
        // More than a slice of draws with replacement, and one row more than whole batches.
        const [m, n, epochs, seed, learningRate] = [70_017, 2, 2, 11, 1e-4];
        const data = realData(dtype, m, n, 'squared', new Uniform(9));
        const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
        const options = { learningRate, epochs, seed, device: target.device };
        const found =
          batchSize === 1
            ? await stochasticGradientDescent(X, y, { ...options, sampling })
            : await miniBatchGradientDescent(X, y, { ...options, batchSize });
        const random = new NumpyRandom(seed);
        let expected: plain.Parameters | undefined;
        for (let epoch = 0; epoch < epochs; epoch += 1) {
          const order =
            sampling === 'shuffle'
              ? random.permutation(m)
              : Array.from({ length: m }, () => random.randint(m));
          expected = plain.sequential(plain.linearSquared, data, order, batchSize, learningRate, expected);
        }
        expect(distance(found, expected as plain.Parameters, learningRate)).toBeLessThan(
          tolerance(dtype, found.iterations),
        );
        expect(found.iterations).toBe(epochs * Math.ceil(m / batchSize));
      },
    );

    it('take stochastic steps over wide rows, more than a cache holds', async () => {
      const [m, n, seed, learningRate] = [4099, 131, 3, 1e-3];
      const data = realData(dtype, m, n, 'squared', new Uniform(4));
      const options = { learningRate, epochs: 1, seed, fitIntercept: true, device: target.device };
      const found = await stochasticGradientDescent(flat(dtype, data), floats(dtype, data.y), options);
      const random = new NumpyRandom(seed);
      const order = Array.from({ length: m }, () => random.randint(m));
      const objective = { ...plain.linearSquared, fitIntercept: true };
      const expected = plain.sequential(objective, data, order, 1, learningRate);
      expect(distance(found, expected, learningRate)).toBeLessThan(tolerance(dtype, m));
    });

    it.each([1, 32, 250])(
      'measure each epoch of more wide rows than a cache holds, asked for at once or not: batches of %i',
      async (batchSize) => {
        const [m, n, epochs, seed] = [4099, 131, 3, 8];
        const learningRate = batchSize === 1 ? gentleRate(n) : 0.02;
        const objective = { ...plain.linearSquared, l1: 1e-3, l2: 0.05, fitIntercept: true };
        const data = realData(dtype, m, n, 'squared', new Uniform(6));
        const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
        const options = { ...objective, learningRate, epochs, seed, batchSize, device: target.device };
        const found = await miniBatchGradientDescent(X, y, options);
        const random = new NumpyRandom(seed);
        const losses: number[] = [];
        let expected: plain.Parameters | undefined;
        for (let epoch = 0; epoch < epochs; epoch += 1) {
          expected = plain.sequential(
            objective,
            data,
            random.permutation(m),
            batchSize,
            learningRate,
            expected,
          );
          losses.push(plain.lossGradient(objective, data, expected).loss);
        }
        const bound = tolerance(dtype, found.iterations);
        expect(distance(found, expected as plain.Parameters, learningRate)).toBeLessThan(bound);
        expect(relativeError(found.loss, losses)).toBeLessThan(bound);

        const onProgress = (): void => undefined;
        const atOnce = await miniBatchGradientDescent(X, y, { ...options, onProgress });
        expect(bits(atOnce.theta)).toBe(bits(found.theta));
        expect(relativeError(found.loss, atOnce.loss)).toBeLessThan(dtype === 'float64' ? 1e-12 : 1e-6);
      },
    );

    it.each([32, 250])(
      'tell of the epoch that diverged, though its loss may be known later: batches of %i',
      async (batchSize) => {
        // Rows of ones: each step multiplies the residual by the same, and its square overflows in the second epoch.
        const [m, n] = [4099, 131];
        const ones = (count: number): Float64Array => new Float64Array(count).fill(1);
        const data = { X: ones(m * n), y: ones(m), m, n };
        const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
        const perEpoch = Math.ceil(m / batchSize);
        const growth = (dtype === 'float64' ? 1e100 : 1e13) ** (1 / perEpoch);
        const learningRate = (1 + growth) / (2 * n);
        const options = { learningRate, epochs: 5, seed: 8, batchSize, device: target.device };
        const failure = { code: 'ERR_DIVERGED', iteration: 2 * perEpoch };
        await expect(miniBatchGradientDescent(X, y, options)).rejects.toMatchObject(failure);
        const onProgress = (): void => undefined;
        await expect(miniBatchGradientDescent(X, y, { ...options, onProgress })).rejects.toMatchObject(
          failure,
        );
      },
    );

    it('are the same bits for the same seed', async () => {
      const cases = fc.asyncProperty(
        target.shapes(10_000),
        seeds,
        numpySeeds,
        fc.constantFrom(...pairs),
        fc.constantFrom(0, 1e-3),
        async ({ m, n }, dataSeed, seed, pair, l1) => {
          const data = realData(dtype, m, n, pair.loss, new Uniform(dataSeed));
          const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
          const options = {
            ...pair,
            learningRate: gentleRate(n),
            epochs: 2,
            seed,
            l1,
            l2: 0.1,
            fitIntercept: true,
            device: target.device,
          };
          for (const descent of [stochasticGradientDescent, miniBatchGradientDescent]) {
            const first = await descent(X, y, options);
            const second = await descent(X, y, options);
            expect([bits(second.theta), bits(second.loss)]).toEqual([bits(first.theta), bits(first.loss)]);
          }
        },
      );
      await fc.assert(cases, { numRuns: target.runs(10) });
    });

    it('take an unnamed seed from the system, and tell which', async () => {
      const data = realData(dtype, 33, 5, 'squared', new Uniform(1));
      const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
      const options = { learningRate: 0.01, epochs: 3, device: target.device };
      const found = await stochasticGradientDescent(X, y, options);
      const other = await stochasticGradientDescent(X, y, options);
      expect(found.seed).not.toBe(other.seed);
      const again = await stochasticGradientDescent(X, y, { ...options, seed: found.seed ?? -1 });
      expect(bits(again.theta)).toBe(bits(found.theta));
    });

    it.each(['stochastic', 'mini-batch'] as const)(
      'find the solution with learningRate auto: %s',
      async (strategy) => {
        const random = new Uniform(5);
        const [m, n] = [400, 6];
        const { X } = realData(dtype, m, n, 'squared', random);
        const solution = { theta: random.array(n, () => 2 * random.signed()), intercept: 0.5 };
        const y = Float64Array.from({ length: m }, (_, i) => plain.dot({ X, y: X, m, n }, i, solution));
        const options = {
          learningRate: 'auto',
          epochs: 60,
          seed: 1,
          fitIntercept: true,
          dtype,
          device: target.device,
        } as const;
        const data = { X, y, m, n };
        const descent = strategy === 'stochastic' ? stochasticGradientDescent : miniBatchGradientDescent;
        const found = await descent(flat(dtype, data), floats(dtype, y), options);
        expect(relativeError(flattened(found), flattened(solution))).toBeLessThan(0.01);
      },
    );

    it('stop after the epoch whose loss has stood still', async () => {
      const data = realData(dtype, 65, 4, 'squared', new Uniform(3));
      const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
      for (const descent of [stochasticGradientDescent, miniBatchGradientDescent]) {
        const options = { learningRate: 0.02, epochs: 60, seed: 2, device: target.device };
        const all = await descent(X, y, options);
        const still = all.loss.findIndex(
          (value, k) => k > 0 && plain.standsStill(all.loss[k - 1] as number, value, 0.01),
        );
        const stopped = await descent(X, y, { ...options, tolerance: 0.01 });
        const exactly = await descent(X, y, { ...options, epochs: still + 1 });
        expect(still).toBeGreaterThan(0);
        expect(stopped.stopped).toBe('converged');
        expect(bits(stopped.loss)).toBe(bits(all.loss.slice(0, still + 1)));
        expect([bits(stopped.theta), stopped.iterations]).toEqual([bits(exactly.theta), exactly.iterations]);
      }
    });
  });
});
