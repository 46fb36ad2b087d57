import fc from 'fast-check';
import {
  type LearningRateSchedule,
  batchGradientDescent,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../lib';
import { type StepOptions, descend } from '../../lib/check/plain-optimizers';
import { Uniform, fewCounts, flat, floats, oddCounts, realData, seeds, shapes } from '../support/arbitrary';
import { describeOnEachDevice } from '../support/each-device';
import { relativeError } from '../support/expectations';
import { NumpyRandom } from '../support/numpy-random';

// What test/reference/schedules.test.ts holds against PyTorch on one weight, here with whole steps at odd shapes.

const optimizers: readonly StepOptions[] = [
  { name: 'sgd' },
  { name: 'nesterov' },
  { name: 'adam', eps: 0.01 },
];
const epochs = 3;
const tolerances = { float32: 1e-3, float64: 1e-9 };

describeOnEachDevice('schedules', (target) => {
  describe.each(target.dtypes)('in %s', (dtype) => {
    it('give each step its rate, by all rows, by one and by batches', async () => {
      const cases = fc.asyncProperty(
        fc.constantFrom(...optimizers),
        fc.record({ fitIntercept: fc.boolean(), l1: fc.constantFrom(0, 0.05), l2: fc.constantFrom(0, 0.3) }),
        shapes(1500, target.isCpu ? oddCounts : fewCounts),
        fc.constantFrom('batch' as const, 1, 7, 64),
        seeds,
        async (optimizer, { fitIntercept, l1: penalty, l2 }, { m, n }, size, dataSeed) => {
          const l1 = optimizer.name === 'sgd' ? penalty : 0;
          const data = realData(dtype, m, n, 'log', new Uniform(dataSeed));
          const objective = { activation: 'sigmoid', loss: 'log', fitIntercept, l1, l2 } as const;
          const initial = 0.1 / (n + 1);
          const learningRate: LearningRateSchedule = {
            schedule: 'inverse-scaling',
            initial,
            powerT: 0.5,
          };
          const common = { ...objective, optimizer, learningRate, dtype, device: target.device };
          const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
          const random = new NumpyRandom(5);
          const all = Array.from({ length: m }, (_, i) => i);
          const orders = Array.from({ length: epochs }, () =>
            size === 'batch' ? all : random.permutation(m),
          );
          const rows = size === 'batch' ? m : size;
          const batches = orders.flatMap((order) =>
            Array.from({ length: Math.ceil(m / rows) }, (_, k) => order.slice(k * rows, (k + 1) * rows)),
          );
          const found =
            size === 'batch'
              ? await batchGradientDescent(X, y, { ...common, iterations: epochs })
              : size === 1
                ? await stochasticGradientDescent(X, y, { ...common, epochs, seed: 5, sampling: 'shuffle' })
                : await miniBatchGradientDescent(X, y, { ...common, epochs, seed: 5, batchSize: size });
          const expected = descend(
            optimizer,
            objective,
            data,
            (before) => initial / Math.sqrt(before + 1),
            batches,
          );
          const off = relativeError(
            [...found.theta, found.intercept],
            [...expected.theta, expected.intercept],
            initial,
          );
          expect(off).toBeLessThan(tolerances[dtype]);
        },
      );
      await fc.assert(cases, { numRuns: target.runs(target.isCpu ? 30 : 2) });
    });

    it('change the rate of iterations over the gram matrix as of passes', async () => {
      const data = realData(dtype, 300, 5, 'squared', new Uniform(3));
      const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
      const learningRate = { schedule: 'cosine', initial: 0.05, warmup: 5 } as const;
      const options = { learningRate, iterations: 50, dtype, device: target.device };
      const gram = await batchGradientDescent(X, y, { ...options, plan: 'gram' });
      const fused = await batchGradientDescent(X, y, { ...options, plan: 'fused' });
      expect([gram.plan, fused.plan]).toEqual(['gram', 'fused']);
      expect(relativeError(gram.theta, fused.theta)).toBeLessThan(tolerances[dtype]);
    });
  });
});
