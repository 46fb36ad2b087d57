import fc from 'fast-check';
import {
  type Descent,
  type TrainingState,
  batchGradientDescent,
  lossGradient,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../lib';
import { Uniform, flat, floats, realData, seeds } from '../support/arbitrary';
import { describeOnUsualDevices } from '../support/each-device';
import { bits, relativeError } from '../support/expectations';

// Validation losses against those of lossGradient at the weights of shorter descents, and early stopping against Keras'
// rule applied to them.

const kinds = ['fused', 'gram', 'stochastic', 'mini-batch'] as const;
type Kind = (typeof kinds)[number];
const passes = 12;

/** Keras' EarlyStopping: after how many losses it ends, and which is the best, from 1. */
function keras(losses: ArrayLike<number>, patience: number, minDelta: number): { end: number; best: number } {
  let [best, at, wait] = [Infinity, 0, 0];
  for (let k = 0; k < losses.length; k += 1) {
    const loss = losses[k] as number;
    wait += 1;
    if (loss < best - minDelta) [best, at, wait] = [loss, k + 1, 0];
    else if (wait >= patience) return { end: k + 1, best: at };
  }
  return { end: losses.length, best: at };
}

describeOnUsualDevices('validation', (target) => {
  const run = (
    kind: Kind,
    X: ReturnType<typeof flat>,
    y: ReturnType<typeof floats>,
    count: number,
    options: object,
  ): Promise<Descent> => {
    const common = { learningRate: 0.3, fitIntercept: true, l2: 0.01, ...options };
    if (kind === 'fused' || kind === 'gram')
      return batchGradientDescent(X, y, { ...common, iterations: count, plan: kind });
    const seeded = 'resumeFrom' in options ? common : { ...common, seed: 3 };
    if (kind === 'stochastic')
      return stochasticGradientDescent(X, y, { ...seeded, learningRate: 0.05, epochs: count });
    return miniBatchGradientDescent(X, y, { ...seeded, epochs: count, batchSize: 8 });
  };

  describe.each(target.dtypes)('in %s', (dtype) => {
    const tolerance = dtype === 'float64' ? 1e-12 : 1e-5;

    it.each(kinds)(
      'tells the loss on other rows after each pass, and ends as Keras does: %s',
      async (kind) => {
        const cases = fc.asyncProperty(
          seeds,
          fc.integer({ min: 0, max: 4 }),
          fc.constantFrom(0, 0.01),
          fc.boolean(),
          async (seed, patience, minDelta, restoreBestWeights) => {
            const random = new Uniform(seed);
            const [data, other] = [
              realData(dtype, 24, 5, 'squared', random),
              realData(dtype, 9, 5, 'squared', random),
            ];
            const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
            const held = { X: flat(dtype, other), y: floats(dtype, other.y) };
            const where = { dtype, device: target.device };
            const plain = await run(kind, X, y, passes, where);
            const full = await run(kind, X, y, passes, { ...where, validation: held });
            expect(bits(full.theta)).toBe(bits(plain.theta));
            const expected: number[] = [];
            const weights: Descent[] = [];
            for (let count = 1; count <= passes; count += 1) {
              const shorter = await run(kind, X, y, count, where);
              const { theta, intercept } = shorter;
              const at = { ...where, fitIntercept: true, l2: 0.01, theta, intercept };
              expected.push((await lossGradient(held.X, held.y, at)).loss);
              weights.push(shorter);
            }
            const losses = full.validationLoss ?? new Float64Array();
            expect(losses).toHaveLength(passes);
            expect(relativeError(losses, expected)).toBeLessThan(tolerance);
            const { end, best } = keras(losses, patience, minDelta);
            const stopping = { validation: held, patience, minDelta, restoreBestWeights };
            const stopped = await run(kind, X, y, passes, { ...where, ...stopping });
            expect(stopped.validationLoss).toEqual(losses.slice(0, end));
            expect(stopped.stopped).toBe(
              end < passes || endsEarly(losses, patience, minDelta) ? 'early' : 'completed',
            );
            const unit = kind === 'fused' || kind === 'gram' ? 'iteration' : 'epoch';
            expect(stopped.best).toEqual({ loss: losses[best - 1], [unit]: best });
            const last = weights[(restoreBestWeights ? best : end) - 1];
            expect(bits(stopped.theta)).toBe(bits(last?.theta ?? new Float64Array()));
            expect(stopped.intercept).toBe(last?.intercept);
            // Resumed after any pass it ends where it would have.
            const cut = Math.max(1, Math.floor(end / 2));
            const first = await run(kind, X, y, cut, { ...where, ...stopping });
            if (first.stopped === 'early') return;
            const resumeFrom = JSON.parse(JSON.stringify(first.state)) as TrainingState;
            const rest = await run(kind, X, y, passes - cut, { ...where, ...stopping, resumeFrom });
            expect(rest.state).toEqual(stopped.state);
            expect(rest.best).toEqual(stopped.best);
            expect(bits(rest.theta)).toBe(bits(stopped.theta));
          },
        );
        await fc.assert(cases, { numRuns: target.isCpu ? 30 : 2 });
      },
    );

    it('is every few iterations of a batch descent', async () => {
      const data = realData(dtype, 40, 3, 'squared', new Uniform(8));
      const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
      const where = { dtype, device: target.device };
      const held = { X, y };
      const each = await run('fused', X, y, 10, { ...where, validation: held });
      const some = await run('fused', X, y, 10, { ...where, validation: { ...held, every: 4 } });
      expect(some.validationLoss).toEqual(each.validationLoss?.filter((_, k) => k % 4 === 3));
      expect(some.best?.iteration).toBe(8);
    });
  });
});

/** Whether it ends at the last loss by the rule. */
function endsEarly(losses: ArrayLike<number>, patience: number, minDelta: number): boolean {
  return keras([...Array.from(losses), Infinity], patience, minDelta).end === losses.length;
}
