import fc from 'fast-check';
import { batchGradientDescent, lossGradient, miniBatchGradientDescent } from '../../lib';
import { roundoff } from '../../lib/check/bounds';
import {
  type OutputsValues,
  outputsFault,
  outputsOperands,
  outputsProblem,
} from '../../lib/check/groups/outputs';
import { outputKinds } from '../../lib/check/plain-outputs';
import { fewCounts, oddCounts, seeds, shapes } from '../support/arbitrary';
import { describeOnEachDevice } from '../support/each-device';
import { relativeError } from '../support/expectations';

describeOnEachDevice('rows with several outputs', (target) => {
  describe.each(target.dtypes)('in %s', (dtype) => {
    describe.each(outputKinds)('%s', (activation) => {
      const values = (m: number, n: number, outputs: number, reach = 4, seed = 1): OutputsValues => ({
        ...{ activation, outputs, reach, m, n, dtype, seed },
      });

      it('have the outputs, the loss and the gradient that plain loops have', async () => {
        // Elsewhere every few of them are a program of their own, whose compilation takes longer than all else here.
        const counts = target.isCpu ? [...(activation === 'softmax' ? [] : [1]), 2, 3, 10, 17] : [3, 17];
        const cases = fc.asyncProperty(
          shapes(3000, target.isCpu ? oddCounts : fewCounts),
          fc.constantFrom(...counts),
          fc.constantFrom(1, 8, 60),
          seeds,
          async ({ m, n }, outputs, reach, seed) => {
            expect(await outputsFault(target.device, values(m, n, outputs, reach, seed))).toBeUndefined();
          },
        );
        await fc.assert(cases, { numRuns: target.runs(target.isCpu ? 10 : 4) });
      });

      it('have them where z is beyond what exponentials hold', async () => {
        expect(await outputsFault(target.device, values(67, 3, 3, 2000))).toBeUndefined();
      });

      it('have the loss of θ after an epoch of batches, whose rows are named one by one', async () => {
        const of = values(131, 9, 3);
        const { X, y, objective } = outputsOperands(of, outputsProblem(of).data);
        const where = { ...objective, device: target.device };
        const options = { ...where, learningRate: 0.1, epochs: 2, batchSize: 50, seed: 5 };
        const found = await miniBatchGradientDescent(X, y, options);
        const { theta, intercepts } = found;
        const { loss } = await lossGradient(X, y, { ...where, theta, intercept: intercepts });
        expect(Math.abs((found.loss[1] as number) - loss)).toBeLessThan(1000 * roundoff[dtype] * loss);
      });
    });

    it.each(outputKinds)('count by their weights as often as they stand there: %s', async (activation) => {
      const of: OutputsValues = { activation, outputs: 3, reach: 2, m: 67, n: 9, dtype, seed: 4 };
      const { data } = outputsProblem(of);
      const { X, y, objective } = outputsOperands(of, data);
      const sampleWeight = Float64Array.from({ length: of.m }, (_, i) => i % 3);
      const again = [...sampleWeight.keys()].flatMap((i) => Array.from({ length: i % 3 }, () => i));
      const rowsOf = (values: Float64Array, width: number): Float64Array =>
        Float64Array.from(again.flatMap((i) => [...values.subarray(i * width, (i + 1) * width)]));
      const m = again.length;
      const twice = { ...data, m, X: rowsOf(data.X, of.n), y: rowsOf(data.y, y.shape[1]) };
      const repeated = outputsOperands({ ...of, m }, twice);
      const options = { ...objective, learningRate: 0.1, iterations: 7, device: target.device, l2: 0.1 };
      for (const plan of activation === 'linear' ? (['fused', 'gram'] as const) : (['fused'] as const)) {
        const by = await batchGradientDescent(X, y, { ...options, plan, sampleWeight });
        const right = await batchGradientDescent(repeated.X, repeated.y, { ...options, plan });
        const off = relativeError([...by.theta, ...by.loss], [...right.theta, ...right.loss]);
        expect(off).toBeLessThan(1000 * roundoff[dtype]);
      }
    });

    it('of squared losses come from XᵀX as from passes', async () => {
      const of: OutputsValues = {
        ...{ activation: 'linear', outputs: 3, reach: 1, m: 131, n: 9, dtype, seed: 3 },
      };
      const { X, y } = outputsOperands(of, outputsProblem(of).data);
      const options = {
        learningRate: 0.1,
        iterations: 20,
        fitIntercept: true,
        device: target.device,
        l2: 0.1,
      };
      const gram = await batchGradientDescent(X, y, { ...options, plan: 'gram' });
      const fused = await batchGradientDescent(X, y, { ...options, plan: 'fused' });
      expect(gram.plan).toBe('gram');
      expect(
        relativeError([...gram.theta, ...gram.intercepts], [...fused.theta, ...fused.intercepts]),
      ).toBeLessThan(1000 * roundoff[dtype]);
    });
  });
});
