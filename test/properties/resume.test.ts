import fc from 'fast-check';
import {
  type Descent,
  type LearningRateSchedule,
  type OptimizerOptions,
  type TrainingState,
  batchGradientDescent,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../lib';
import { optimizerNames } from '../../lib/method/optimizers';
import { Uniform, flat, floats, realData, seeds, shapes } from '../support/arbitrary';
import { describeOnEachDevice } from '../support/each-device';
import { bits } from '../support/expectations';

// n passes and then k more are n + k passes, to the last bit: weights, losses, and all that the state holds.

const kinds = ['fused', 'gram', 'with-replacement', 'shuffle', 'mini-batch'] as const;
type Kind = (typeof kinds)[number];

/** Those that step along a gradient at a rate. */
const steppers = optimizerNames.filter((name) => name !== 'lbfgs');

const schedules: readonly (LearningRateSchedule | undefined)[] = [
  undefined,
  { schedule: 'inverse-scaling', initial: 0.02 },
  { schedule: 'cosine', initial: 0.02, warmup: 3, tMax: 20, per: 'step' },
  { schedule: 'step', initial: 0.02, stepSize: 2, gamma: 0.5 },
];

/** A state that was written and read. */
const reread = (state: TrainingState): TrainingState => JSON.parse(JSON.stringify(state)) as TrainingState;

function constantsOf(name: (typeof steppers)[number]): OptimizerOptions {
  if (name === 'adam') return { name, amsgrad: true };
  if (name === 'rmsprop') return { name, centered: true, momentum: 0.5 };
  return { name };
}

describeOnEachDevice('resuming', (target) => {
  // Elsewhere each width of rows has kernels of its own to compile.
  const few = fc.constantFrom({ m: 19, n: 3 }, { m: 70, n: 17 });
  const small = target.isCpu ? shapes(1200) : few;

  describe.each(target.dtypes)('in %s', (dtype) => {
    it('has the bits of a descent that was not interrupted', async () => {
      const cases = fc.asyncProperty(
        fc.constantFrom(...steppers),
        fc.constantFrom(...schedules),
        fc.record({ fitIntercept: fc.boolean(), l2: fc.constantFrom(0, 0.1), weighted: fc.boolean() }),
        fc.record({ n: fc.integer({ min: 1, max: 6 }), k: fc.integer({ min: 1, max: 6 }) }),
        fc.constantFrom(...kinds),
        fc.constantFrom(undefined, 1e-2),
        small,
        seeds,
        async (name, schedule, { fitIntercept, l2, weighted }, { n, k }, kind, tolerance, shape, seed) => {
          const data = realData(dtype, shape.m, shape.n, 'squared', new Uniform(seed));
          const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
          const learningRate = schedule ?? 0.01 / (shape.n + 1);
          const common = { learningRate, fitIntercept, l2, dtype, device: target.device };
          const options = {
            ...common,
            optimizer: constantsOf(name),
            ...(tolerance === undefined ? {} : { tolerance }),
            ...(weighted ? { sampleWeight: Array.from({ length: shape.m }, (_, i) => (i + 1) % 4) } : {}),
          };
          const run = (passes: number, resumeFrom?: TrainingState): Promise<Descent> => {
            const all = { ...options, ...(resumeFrom === undefined ? {} : { resumeFrom }) };
            return descent(kind, X, y, passes, all, 7);
          };
          const whole = await run(n + k);
          const first = await run(n);
          if (first.stopped !== 'completed') return;
          const second = await run(k, reread(first.state));
          expect(second.state).toEqual(whole.state);
          expect(bits(second.theta)).toBe(bits(whole.theta));
          expect(second.intercept).toBe(whole.intercept);
          expect(bits(Float64Array.of(...first.loss, ...second.loss))).toBe(bits(whole.loss));
          expect(first.iterations + second.iterations).toBe(whole.iterations);
          expect(second.stopped).toBe(whole.stopped);
        },
      );
      await fc.assert(cases, { numRuns: target.runs(target.isCpu ? 120 : 12) });
    });

    // After 17 steps XᵀX tells of the curvature, where there is no l1.
    it.each([
      { l1: 0, l2: 1e-6, last: 18, cuts: [5, 17] },
      { l1: 0.02, l2: 1e-3, last: 9, cuts: [5] },
    ])('has them with the memory of L-BFGS, l1 $l1', async ({ l1, l2, last, cuts }) => {
      const data = realData(dtype, 70, 17, 'log', new Uniform(4));
      const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
      const where = { dtype, device: target.device, fitIntercept: true, l1, l2 };
      const options = { ...where, optimizer: 'lbfgs', activation: 'sigmoid', loss: 'log' } as const;
      const whole = await batchGradientDescent(X, y, { ...options, iterations: last });
      expect(whole.iterations).toBe(last);
      for (const steps of cuts) {
        const first = await batchGradientDescent(X, y, { ...options, iterations: steps });
        const resumeFrom = reread(first.state);
        const rest = { ...options, iterations: last - steps, resumeFrom };
        const second = await batchGradientDescent(X, y, rest);
        expect(second.state).toEqual(whole.state);
        expect(bits(second.theta)).toBe(bits(whole.theta));
        // Each tells of the loss at the θ between them.
        expect(bits(Float64Array.of(...first.loss, ...second.loss.slice(1)))).toBe(bits(whole.loss));
      }
    });

    it.each(kinds.filter((kind) => kind !== 'gram'))('has them with several classes: %s', async (kind) => {
      const random = new Uniform(5);
      const data = realData(dtype, 70, 9, 'squared', random);
      const [X, y] = [flat(dtype, data), floats(dtype, data.y).map(() => random.integer(0, 3))] as const;
      const by = (passes: number, more: { readonly resumeFrom?: TrainingState }): Promise<Descent> => {
        const options = {
          ...{ learningRate: 0.05, optimizer: 'adam', fitIntercept: true, dtype, device: target.device },
          ...{ activation: 'softmax', loss: 'cross-entropy', classes: 4 },
          ...more,
        } as const;
        return descent(kind, X, y, passes, options, 11);
      };
      const whole = await by(7, {});
      const first = await by(3, {});
      const second = await by(4, { resumeFrom: reread(first.state) });
      expect(whole.theta).toHaveLength(36);
      expect(second.state).toEqual(whole.state);
      expect([bits(second.theta), bits(second.intercepts)]).toEqual([
        bits(whole.theta),
        bits(whole.intercepts),
      ]);
    });
  });
});

function descent(
  kind: Kind,
  X: ReturnType<typeof flat>,
  y: ReturnType<typeof floats>,
  passes: number,
  options: { readonly learningRate: number | LearningRateSchedule; readonly resumeFrom?: TrainingState },
  seed: number,
): Promise<Descent> {
  if (kind === 'fused' || kind === 'gram')
    return batchGradientDescent(X, y, { ...options, iterations: passes, plan: kind });
  const seeded = options.resumeFrom === undefined ? { ...options, seed } : options;
  if (kind === 'mini-batch')
    return miniBatchGradientDescent(X, y, { ...seeded, epochs: passes, batchSize: 7 });
  return stochasticGradientDescent(X, y, { ...seeded, epochs: passes, sampling: kind });
}
