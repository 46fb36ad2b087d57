import fc from 'fast-check';
import {
  type Descent,
  batchGradientDescent,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../lib';
import { type StepOptions, descend } from '../../lib/check/plain-optimizers';
import { stepNames } from '../../lib/method/optimizers';
import { Uniform, flat, floats, realData, seeds } from '../support/arbitrary';
import { describeOnEachDevice } from '../support/each-device';
import { bits, relativeError } from '../support/expectations';
import { NumpyRandom } from '../support/numpy-random';

// What test/reference/optimizers.test.ts holds against PyTorch on one table, here at odd shapes, with every constant.

const share = fc.double({ min: 0, max: 0.95, noNaN: true });
/** Large enough for gradients of rounding size not to be divided by their own size. */
const eps = fc.double({ min: 1e-2, max: 1, noNaN: true });
const positive = fc.double({ min: 0, max: 1, noNaN: true });

const optimizers: fc.Arbitrary<StepOptions> = fc.oneof(
  fc.record({ name: fc.constant('momentum' as const), momentum: share, dampening: share }),
  fc.record({ name: fc.constant('nesterov' as const), momentum: share }),
  fc.record({
    name: fc.constant('adagrad' as const),
    lrDecay: positive,
    initialAccumulatorValue: positive,
    eps,
  }),
  // Of gradients that hardly change, as those over all rows, a variance (`centered`) is rounding alone.
  fc.record({
    name: fc.constant('rmsprop' as const),
    alpha: share,
    momentum: share,
    eps,
  }),
  fc.record({
    name: fc.constant('adam' as const),
    betas: fc.tuple(share, share),
    amsgrad: fc.boolean(),
    eps,
  }),
  fc.record({
    name: fc.constant('adamw' as const),
    betas: fc.tuple(share, share),
    amsgrad: fc.boolean(),
    eps,
    weightDecay: positive,
  }),
);

const problems = fc.record({
  pair: fc.constantFrom(
    { activation: 'linear', loss: 'squared' } as const,
    { activation: 'sigmoid', loss: 'log' } as const,
  ),
  fitIntercept: fc.boolean(),
  l2: fc.constantFrom(0, 0.3),
  dataSeed: seeds,
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});

const tolerances = { float32: 1e-3, float64: 1e-9 };
const passes = 3;

function cut(order: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(order.length / size) }, (_, k) =>
    order.slice(k * size, (k + 1) * size),
  );
}

describeOnEachDevice('optimisers', (target) => {
  const small = target.shapes(1500);

  describe.each(target.dtypes)('in %s', (dtype) => {
    it('step as they are defined, by all rows, by one and by batches', async () => {
      const cases = fc.asyncProperty(
        optimizers,
        problems,
        small,
        fc.constantFrom('batch' as const, 1, 7, 64),
        async (optimizer, { pair, fitIntercept, l2, dataSeed, seed }, { m, n }, size) => {
          const data = realData(dtype, m, n, pair.loss, new Uniform(dataSeed));
          const objective = { ...pair, fitIntercept, l1: optimizer.name === 'adagrad' ? 0.05 : 0, l2 };
          const learningRate = 0.02 / (n + 1);
          const common = { ...objective, optimizer, learningRate, dtype, device: target.device };
          const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
          const random = new NumpyRandom(seed);
          const orders = (): number[][] => Array.from({ length: passes }, () => random.permutation(m));
          let found: Descent;
          let batches: number[][];
          if (size === 'batch') {
            found = await batchGradientDescent(X, y, { ...common, iterations: passes * 8, plan: 'fused' });
            batches = Array.from({ length: passes * 8 }, () => Array.from({ length: m }, (_, i) => i));
          } else if (size === 1) {
            found = await stochasticGradientDescent(X, y, {
              ...common,
              epochs: passes,
              seed,
              sampling: 'shuffle',
            });
            batches = orders().flatMap((order) => cut(order, 1));
          } else {
            found = await miniBatchGradientDescent(X, y, {
              ...common,
              epochs: passes,
              seed,
              batchSize: size,
            });
            batches = orders().flatMap((order) => cut(order, size));
          }
          const expected = descend(optimizer, objective, data, learningRate, batches);
          const off = relativeError(
            [...found.theta, found.intercept],
            [...expected.theta, expected.intercept],
            learningRate,
          );
          expect(off).toBeLessThan(tolerances[dtype]);
          expect(found.iterations).toBe(batches.length);
        },
      );
      await fc.assert(cases, { numRuns: target.runs(target.isCpu ? 30 : 10) });
    });

    it.each(stepNames)('go on by passes and by the gram matrix alike: %s', async (optimizer) => {
      const data = realData(dtype, 300, 5, 'squared', new Uniform(3));
      const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
      const options = { optimizer, learningRate: 0.01, iterations: 50, fitIntercept: true, dtype };
      const by = (plan: 'gram' | 'fused'): Promise<Descent> =>
        batchGradientDescent(X, y, { ...options, plan, device: target.device });
      const [gram, fused] = [await by('gram'), await by('fused')];
      expect([gram.plan, fused.plan]).toEqual(['gram', 'fused']);
      expect(relativeError(gram.theta, fused.theta)).toBeLessThan(tolerances[dtype]);
      expect(relativeError(gram.loss, fused.loss)).toBeLessThan(tolerances[dtype]);
    });

    it('find a loss below where they start with a rate of their own', async () => {
      const data = realData(dtype, 90, 6, 'log', new Uniform(4));
      const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
      for (const optimizer of stepNames) {
        const options = {
          optimizer,
          learningRate: 'auto',
          activation: 'sigmoid',
          loss: 'log',
          ...{ seed: 5, epochs: 20, batchSize: 8, dtype, device: target.device },
        } as const;
        const [found, again] = [
          await miniBatchGradientDescent(X, y, options),
          await miniBatchGradientDescent(X, y, options),
        ];
        expect(found.loss.at(-1)).toBeLessThan(Math.LN2);
        expect(bits(again.theta)).toBe(bits(found.theta));
      }
    });
  });
});
