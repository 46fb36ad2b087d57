import fc from 'fast-check';
import {
  type BatchOptions,
  type Descent,
  type Dtype,
  type ThalwegError,
  batchGradientDescent,
  lossGradient,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../lib';
import {
  type Pair,
  Uniform,
  exactIn,
  flat,
  floats,
  objectives,
  pairs,
  realData,
  seeds,
} from '../support/arbitrary';
import { describeOnUsualDevices } from '../support/each-device';
import { bits, expectRejection } from '../support/expectations';
import type { Data } from '../support/plain';

const scales = fc.constantFrom(1e-30, 1e-20, 1e-10, 1e-5, 1, 1e5, 1e10, 1e20, 1e30);

type Strategy = 'batch' | 'stochastic' | 'mini-batch';

function times(dtype: Dtype, values: Float64Array, factor: number): Float64Array {
  return exactIn(
    dtype,
    values.map((value) => value * factor),
  );
}

/** Labels have no scale. */
function scaled(dtype: Dtype, data: Data, { loss }: Pair, x: number, y: number): Data {
  const labels = loss === 'log' || loss === 'hinge';
  return { ...data, X: times(dtype, data.X, x), y: times(dtype, data.y, labels ? 1 : y) };
}

/**
 * By what the largest square of a target exceeds what float32 holds, of a loss that does not scale with its targets:
 * above 1 it must be refused, and down to 2⁻²⁴ it may be, since sums of such squares and of what is added need room.
 */
function excess(dtype: Dtype, { activation, loss }: Pair, { y }: Data): number {
  if (dtype === 'float64' || loss !== 'squared' || ['linear', 'relu'].includes(activation)) return 0;
  return Math.max(...y.map((target) => target * target)) / 2 ** 128;
}

type Options = Omit<BatchOptions, 'iterations' | 'onProgress'>;

async function descendBy(strategy: Strategy, dtype: Dtype, data: Data, options: Options): Promise<Descent> {
  const [X, y] = [flat(dtype, data), floats(dtype, data.y)];
  switch (strategy) {
    case 'batch':
      return await batchGradientDescent(X, y, { ...options, iterations: 40 });
    case 'stochastic':
      return await stochasticGradientDescent(X, y, { ...options, epochs: 6, seed: 5 });
    case 'mini-batch':
      return await miniBatchGradientDescent(X, y, { ...options, epochs: 6, batchSize: 4, seed: 5 });
  }
}

/** The loss in float64, whatever the descent ran in. */
async function lossOf(data: Data, pair: Pair, at: Pick<Descent, 'theta' | 'intercept'>): Promise<number> {
  const { theta, intercept } = at;
  const options = { ...pair, theta, intercept, device: 'cpu' };
  const { loss } = await lossGradient(flat('float64', data), data.y, options);
  return loss;
}

/** The least loss that these targets allow: ŷ − y log ŷ is least at ŷ = y, and below 0 for y > e; the others end at 0. */
function leastLoss({ y }: Data, { loss }: Pair): number {
  if (loss !== 'poisson') return 0;
  return y.reduce((sum, count) => sum + (count === 0 ? 0 : count - count * Math.log(count)), 0) / y.length;
}

/** Of all that there is to learn: what random rows add at a 256th of a stable rate, and what float32 rounds. */
const noise = { batch: 1e-5, stochastic: 0.02, 'mini-batch': 0.02 };

describeOnUsualDevices('data of any scale', (target) => {
  describe.each(target.dtypes)('in %s', (dtype) => {
    it.each(['batch', 'stochastic', 'mini-batch'] as const)(
      "descend at 'auto' and end no higher than they began: %s",
      async (strategy) => {
        const cases = fc.asyncProperty(
          fc.constantFrom(...pairs).chain(objectives),
          fc.record({ m: fc.integer({ min: 1, max: 40 }), n: fc.integer({ min: 1, max: 6 }) }),
          seeds,
          scales,
          scales,
          async (objective, { m, n }, seed, x, y) => {
            const data = scaled(
              dtype,
              realData(dtype, m, n, objective.loss, new Uniform(seed)),
              objective,
              x,
              y,
            );
            const descent = descendBy(strategy, dtype, data, {
              ...objective,
              learningRate: 'auto',
              device: target.device,
            });
            const tooLarge = excess(dtype, objective, data);
            const found = await descent.catch((error: unknown) => error as ThalwegError);
            if (tooLarge > 1 || (tooLarge > 2 ** -24 && found instanceof Error)) {
              await expectRejection(descent, { code: 'ERR_DIVERGED', message: 'the squares of targets' });
              return;
            }
            if (found instanceof Error) throw found;
            const start = await lossOf(data, objective, { theta: new Float64Array(n), intercept: 0 });
            const end = await lossOf(data, objective, found);
            // Below the least of the dtype's numbers nothing is told apart.
            const least = dtype === 'float32' ? 1e-37 : 0;
            expect(end).toBeLessThanOrEqual(
              start + noise[strategy] * (start - leastLoss(data, objective)) + least,
            );
          },
        );
        await fc.assert(cases, { numRuns: target.runs(40) });
      },
    );

    describe.each(['batch', 'stochastic', 'mini-batch'] as const)('by powers of two: %s', (strategy) => {
      const [m, n] = [33, 5];
      const shifts = dtype === 'float32' ? [-80, -62, 58, 90] : [-1000, -520, 510, 900];
      const data = realData(dtype, m, n, 'squared', new Uniform(3));

      it.each(shifts)(
        'targets 2^%d times as large have weights as much larger, to the bit',
        async (shift) => {
          for (const learningRate of [0.01, 'auto'] as const) {
            const factor = 2 ** shift;
            const options = {
              learningRate,
              fitIntercept: true,
              l2: 0.125,
              tolerance: 0,
              device: target.device,
            };
            const one = await descendBy(strategy, dtype, data, { ...options, l1: 0.0625 });
            const larger = { ...data, y: times(dtype, data.y, factor) };
            const found = await descendBy(strategy, dtype, larger, { ...options, l1: 0.0625 * factor });
            expect(bits(found.theta)).toBe(bits(one.theta.map((weight) => weight * factor)));
            expect(found.intercept).toBe(one.intercept * factor);
            expect(found.learningRate).toBe(one.learningRate);
            expect([...found.loss]).toEqual([...one.loss].map((loss) => loss * factor * factor));
          }
        },
      );

      it.each(shifts)(
        'features 2^%d times as large have weights as much smaller, to the bit',
        async (shift) => {
          const factor = 2 ** shift;
          const half = 2 ** (shift / 2);
          const larger = { ...data, X: times(dtype, data.X, half) };
          const options = { activation: 'tanh', device: target.device } as const;
          const one = await descendBy(strategy, dtype, data, { ...options, learningRate: 2 ** -6 });
          const found = await descendBy(strategy, dtype, larger, {
            ...options,
            learningRate: 2 ** -6 / factor,
          });
          expect(bits(found.theta)).toBe(bits(one.theta.map((weight) => weight / half)));
          expect([...found.loss]).toEqual([...one.loss]);
        },
      );
    });

    it('report losses, rates and progress of the data as they are', async () => {
      const factor = dtype === 'float32' ? 2 ** 80 : 2 ** 500;
      const data = realData(dtype, 20_000, 4, 'squared', new Uniform(4));
      const larger = { ...data, y: times(dtype, data.y, factor) };
      const seen: number[] = [];
      const { loss } = await batchGradientDescent(flat(dtype, larger), floats(dtype, larger.y), {
        learningRate: 1e-4,
        iterations: 2000,
        device: target.device,
        onProgress: (at) => seen.push(at.loss),
      });
      expect([...loss]).toEqual(expect.arrayContaining(seen));
      const start = data.y.reduce((sum, value) => sum + value ** 2, 0) / 20_000;
      expect(Math.abs((loss[0] as number) / factor / factor / start - 1)).toBeLessThan(1e-6);
    });
  });
});
