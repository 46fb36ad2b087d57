import fc from 'fast-check';
import { batchGradientDescent, gradient, lossGradient, miniBatchGradientDescent } from '../../lib';
import { Uniform, flat, floats, objectives, pairs, realData, seeds } from '../support/arbitrary';
import { roundoff } from '../../lib/check/bounds';
import { describeOnEachDevice } from '../support/each-device';
import { bits, relativeError } from '../support/expectations';
import * as plain from '../support/plain';

const weights = fc.constantFrom(0, 0.02, 0.3);
/** A share of the largest stable rate. */
const shares = fc.double({ min: 0.05, max: 0.9, noNaN: true });

/** 2/λmax of the Hessian 2/m·XᵀX (+ l2), with room for an intercept's column of ones. */
function largestStableRate(data: plain.Data, l2: number): number {
  return 2 / (2 * (plain.largestEigenvalue(data, 50) * 1.02 + 1) + l2);
}

describeOnEachDevice('the batch descent', (target) => {
  /** Shapes whose descents the plain loops follow in milliseconds. */
  const small = target.shapes(2000);

  describe.each(target.dtypes)('in %s', (dtype) => {
    const close = dtype === 'float64' ? 1e-11 : 2e-4;

    it('follows a plain loop, penalties and intercept included', async () => {
      const cases = fc.asyncProperty(
        fc.constantFrom(...pairs).chain(objectives),
        small,
        seeds,
        shares,
        async (objective, { m, n }, seed, share) => {
          const data = realData(dtype, m, n, objective.loss, new Uniform(seed));
          // The curvature of every pair is below 8 where |z| and |y| are of order 1: of exp, poisson and their kin too.
          const learningRate = (share * largestStableRate(data, objective.l2)) / 8;
          const options = { ...objective, learningRate, iterations: 12, dtype, device: target.device };
          const found = await batchGradientDescent(flat(dtype, data), floats(dtype, data.y), options);
          const expected = plain.batch(objective, data, options);
          expect(relativeError(found.loss, expected.loss)).toBeLessThan(close);
          // A sign at a kink may fall the other way after a rounding: smooth losses only.
          const smooth = objective.activation !== 'relu' && !['absolute', 'hinge'].includes(objective.loss);
          const got = [...found.theta, found.intercept];
          const off = relativeError(got, [...expected.theta, expected.intercept]);
          expect(smooth ? off : Math.min(off, 0.1)).toBeLessThan(smooth ? close * 10 : 1);
        },
      );
      await fc.assert(cases, { numRuns: target.runs(30) });
    });

    it('never lets the loss rise for a rate under 2/λmax', async () => {
      const cases = fc.asyncProperty(small, seeds, shares, weights, async ({ m, n }, seed, share, l2) => {
        const data = realData(dtype, m, n, 'squared', new Uniform(seed));
        const learningRate = share * largestStableRate(data, l2);
        const options = {
          learningRate,
          iterations: 40,
          l2,
          fitIntercept: true,
          dtype,
          device: target.device,
        };
        const { loss } = await batchGradientDescent(flat(dtype, data), floats(dtype, data.y), options);
        const rises = Array.from(loss, (value, k) => value - (k === 0 ? value : (loss[k - 1] as number)));
        expect(Math.max(...rises)).toBeLessThanOrEqual(
          (loss[0] as number) * (dtype === 'float64' ? 1e-13 : 1e-5),
        );
      });
      await fc.assert(cases, { numRuns: target.runs(20) });
    });

    it("never lets the loss rise with learningRate 'auto'", async () => {
      const cases = fc.asyncProperty(small, seeds, fc.boolean(), async ({ m, n }, seed, fitIntercept) => {
        const data = realData(dtype, m, n, 'squared', new Uniform(seed));
        const options = {
          learningRate: 'auto',
          iterations: 40,
          fitIntercept,
          dtype,
          device: target.device,
        } as const;
        const found = await batchGradientDescent(flat(dtype, data), floats(dtype, data.y), options);
        const rises = Array.from(
          found.loss,
          (value, k) => value - (k === 0 ? value : (found.loss[k - 1] as number)),
        );
        expect(Math.max(...rises)).toBeLessThanOrEqual((found.loss[0] as number) * 1e-5);
        // Stable, and no timid guess either: between a quarter of the stable limit and the limit.
        const limit = 1 / (plain.largestEigenvalue(data, 100) + (fitIntercept ? 1 : 0));
        expect(found.learningRate).toBeGreaterThan(limit / 4);
      });
      await fc.assert(cases, { numRuns: target.runs(10) });
    });

    it('is the same by way of the gram matrix', async () => {
      const cases = fc.asyncProperty(
        small,
        seeds,
        shares,
        weights,
        weights,
        fc.boolean(),
        async ({ m, n }, seed, share, l1, l2, fitIntercept) => {
          const data = realData(dtype, m, n, 'squared', new Uniform(seed));
          const learningRate = share * largestStableRate(data, l2);
          const options = {
            learningRate,
            iterations: 25,
            l1,
            l2,
            fitIntercept,
            dtype,
            device: target.device,
          };
          const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
          const fused = await batchGradientDescent(X, y, { ...options, plan: 'fused' });
          const gram = await batchGradientDescent(X, y, { ...options, plan: 'gram' });
          expect(
            relativeError([...gram.theta, gram.intercept], [...fused.theta, fused.intercept]),
          ).toBeLessThan(close);
          const scale = fused.loss[0] as number;
          const off = Array.from(
            gram.loss,
            (value, k) => Math.abs(value - (fused.loss[k] as number)) / scale,
          );
          expect(Math.max(...off)).toBeLessThan(close);
        },
      );
      await fc.assert(cases, { numRuns: target.runs(20) });
    });

    it('tells losses of a close fit by way of the gram matrix as passes do', async () => {
      const random = new Uniform(5);
      const [m, n] = [400, 3];
      const X = floats(
        dtype,
        random.array(m * n, () => random.signed()),
      );
      const theta = [0.5, -0.25, 2]; // exact in float32, and X·θ nearly so
      const y = floats(
        dtype,
        Float64Array.from({ length: m }, (_, i) =>
          theta.reduce((sum, weight, j) => sum + weight * (X[i * n + j] as number), 1),
        ),
      );
      const options = {
        learningRate: 'auto',
        iterations: 400,
        fitIntercept: true,
        device: target.device,
      } as const;
      const rows = { data: X, shape: [m, n] as [number, number] };
      const fused = await batchGradientDescent(rows, y, { ...options, plan: 'fused' });
      const gram = await batchGradientDescent(rows, y, { ...options, plan: 'gram' });
      expect(gram).toMatchObject({ plan: 'gram', iterations: 400 });
      // The square of what rounding does to a row's residual: the fit becomes as close as that.
      const floor = (roundoff[dtype] * 16) ** 2;
      expect(fused.loss[399]).toBeLessThan(floor);
      const off = Array.from(gram.loss, (value, k) => {
        const expected = fused.loss[k] as number;
        const digits = Math.max(close, 1e-6); // what docs/api.md promises of the gram plan
        return Math.abs(value - expected) / (digits * expected + 2 * Math.sqrt(expected * floor) + floor);
      });
      expect(Math.max(...off)).toBeLessThan(1);
    });

    it('equals a mini-batch descent of all rows', async () => {
      const cases = fc.asyncProperty(small, seeds, shares, weights, async ({ m, n }, seed, share, l1) => {
        fc.pre(m > 1);
        const data = realData(dtype, m, n, 'squared', new Uniform(seed));
        const learningRate = share * largestStableRate(data, 0.1);
        const options = { learningRate, l1, l2: 0.1, fitIntercept: true, dtype, device: target.device };
        const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
        const whole = await batchGradientDescent(X, y, { ...options, iterations: 6 });
        const batches = await miniBatchGradientDescent(X, y, { ...options, epochs: 6, batchSize: m });
        const got = [...batches.theta, batches.intercept];
        expect(relativeError(got, [...whole.theta, whole.intercept])).toBeLessThan(close);
        // The loss after an epoch is the one that the next iteration starts from.
        expect(relativeError(batches.loss.slice(0, 5), whole.loss.slice(1))).toBeLessThan(close);
      });
      await fc.assert(cases, { numRuns: target.runs(15) });
    });

    it('stops exactly where a plain loop over its losses would', async () => {
      const cases = fc.asyncProperty(
        small,
        seeds,
        fc.constantFrom(1e-1, 1e-2, 1e-3, 1e-5),
        fc.constantFrom<'fused' | 'gram'>('fused', 'gram'),
        fc.constantFrom(0, 0.02),
        async ({ m, n }, seed, tolerance, plan, l2) => {
          const data = realData(dtype, m, n, 'squared', new Uniform(seed));
          const learningRate = 0.5 * largestStableRate(data, l2);
          const options = { learningRate, l2, iterations: 80, plan, dtype, device: target.device };
          const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
          const all = await batchGradientDescent(X, y, options);
          const still = all.loss.findIndex((value, k) =>
            plain.standsStill(all.loss[k - 1] ?? Infinity, value, k === 0 ? undefined : tolerance),
          );
          const iterations = still === -1 ? 80 : still + 1;
          const stopped = await batchGradientDescent(X, y, { ...options, tolerance });
          expect(stopped).toMatchObject({ iterations, stopped: still === -1 ? 'completed' : 'converged' });
          expect(bits(stopped.loss)).toBe(bits(all.loss.slice(0, iterations)));
          const exactly = await batchGradientDescent(X, y, { ...options, iterations });
          expect(bits(stopped.theta)).toBe(bits(exactly.theta));
        },
      );
      await fc.assert(cases, { numRuns: target.runs(20) });
    });

    it('is the same bits when run twice, and from a resident matrix', async () => {
      const cases = fc.asyncProperty(
        fc.constantFrom(...pairs).chain(objectives),
        target.shapes(20_000),
        seeds,
        async (objective, { m, n }, seed) => {
          const data = realData(dtype, m, n, objective.loss, new Uniform(seed));
          const options = { ...objective, learningRate: 0.01 / n, iterations: 9, device: target.device };
          const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
          const first = await batchGradientDescent(X, y, options);
          const resident = await target.device.matrix(X);
          const targets = await target.device.matrix({ data: y, shape: [m, 1] });
          for (const [A, b] of [
            [X, y],
            [resident, y],
            [resident, targets],
            [resident, targets],
          ] as const) {
            const again = await batchGradientDescent(A, b, options);
            expect([bits(again.theta), bits(again.loss), again.intercept]).toEqual([
              bits(first.theta),
              bits(first.loss),
              first.intercept,
            ]);
          }
          resident.dispose();
          targets.dispose();
        },
      );
      await fc.assert(cases, { numRuns: target.runs(12) });
    });

    it('soft-thresholds weights to exactly 0 under l1', async () => {
      const data = realData(dtype, 65, 9, 'squared', new Uniform(7));
      // The targets depend on the first column alone.
      const y = data.y.map((_, i) => 3 * (data.X[i * 9] as number));
      const options = { learningRate: 0.3, iterations: 200, l1: 0.5, dtype, device: target.device };
      const { theta } = await batchGradientDescent(flat(dtype, data), floats(dtype, y), options);
      expect(theta[0]).toBeGreaterThan(1);
      expect(Array.from(theta.slice(1), (weight) => weight + 0)).toEqual(new Array(8).fill(0));
    });
  });

  it('has the gradient that a numerical one approaches', async () => {
    const { device } = target;
    const dtype = target.dtypes.at(-1) ?? 'float32';
    const n = 5;
    const smooth = pairs.filter(
      ({ activation, loss }) => activation !== 'relu' && !['absolute', 'hinge'].includes(loss),
    );
    for (const pair of smooth) {
      const random = new Uniform(n);
      const data = realData(dtype, 17, n, pair.loss, random);
      const theta = Array.from({ length: n }, () => random.signed() / 2);
      const objective = { ...plain.linearSquared, ...pair, l2: 0.3 };
      const options = { ...objective, theta, device, dtype };
      const found = await lossGradient(flat(dtype, data), floats(dtype, data.y), options);
      const lossOf = (at: number[]): number =>
        plain.lossGradient(objective, data, { theta: Float64Array.from(at), intercept: 0 }).loss;
      expect({ pair, off: relativeError(found.gradient, gradient(lossOf, theta, 1e-5)) < 1e-4 }).toEqual({
        pair,
        off: true,
      });
    }
  });
});
