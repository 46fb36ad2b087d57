import fc from 'fast-check';
import {
  type CompressedRows,
  type Descent,
  type Dtype,
  type MatrixLike,
  batchGradientDescent,
} from '../../lib';
import { type Data, type Objective, lossGradient } from '../support/plain';
import { Uniform, exactIn, flat, floats, realData, seeds } from '../support/arbitrary';
import { describeOnEachDevice } from '../support/each-device';
import { bits, relativeError } from '../support/expectations';

// Where L-BFGS says that it has converged plain loops in float64 must find the gradient of an optimum; what scikit-learn
// finds is in test/reference/optimum.test.ts.

/** Objectives with one optimum, by their l2. */
const convex = [
  { activation: 'linear', loss: 'squared' },
  { activation: 'sigmoid', loss: 'log' },
  { activation: 'exp', loss: 'poisson' },
  { activation: 'softplus', loss: 'poisson' },
  { activation: 'linear', loss: 'huber' },
] as const;

const problems = fc.record({
  pair: fc.constantFrom(...convex),
  fitIntercept: fc.boolean(),
  l1: fc.constantFrom(0, 0, 0.05, 10),
  l2: fc.constantFrom(0.01, 1),
  history: fc.constantFrom(1, 3, 10),
  dataSeed: seeds,
});

const tolerances = { float32: 1e-3, float64: 1e-7 };

/** How far θ is from where no direction leads down: maxⱼ |gⱼ|, the l1 term included. */
function slopeAt(objective: Objective, data: Data, { theta, intercept }: Descent): number {
  const { gradient, interceptGradient } = lossGradient(objective, data, { theta, intercept });
  const slopes = Array.from(gradient, (g, j) => {
    const weight = theta[j] as number;
    if (weight !== 0) return Math.abs(g + objective.l1 * Math.sign(weight));
    return Math.max(0, Math.abs(g) - objective.l1);
  });
  return Math.max(Math.abs(interceptGradient), ...slopes);
}

/** Rows of some words each, of which the k-th most frequent stands about 1/k as often as the first. */
function words(
  dtype: Dtype,
  [m, n]: readonly [number, number],
  random: Uniform,
): { written: Data; compressed: CompressedRows; y: Float64Array } {
  const theta = random.array(n, () => 3 * random.signed());
  const X = new Float64Array(m * n);
  const [values, indices, indptr]: [number[], number[], number[]] = [[], [], [0]];
  const y = new Float64Array(m);
  for (let i = 0; i < m; i += 1) {
    let z = 0;
    const row = new Set(Array.from({ length: 30 }, () => Math.floor(n ** random.next()) - 1));
    for (const j of [...row].sort((a, b) => a - b)) {
      const value = exactIn(dtype, Float64Array.of(0.5 + random.next()))[0] as number;
      X[i * n + j] = value;
      values.push(value);
      indices.push(j);
      z += value * (theta[j] as number);
    }
    indptr.push(values.length);
    y[i] = random.next() * (1 + Math.exp(-z)) < 1 ? 1 : 0;
  }
  return {
    written: { X, y, m, n },
    compressed: {
      data: Float64Array.from(values),
      indices: Int32Array.from(indices),
      indptr: Int32Array.from(indptr),
      shape: [m, n],
    },
    y,
  };
}

describeOnEachDevice('L-BFGS', (target) => {
  describe.each(target.dtypes)('in %s', (dtype) => {
    it('ends where no direction leads down, and never rises on the way', async () => {
      const cases = fc.asyncProperty(problems, target.shapes(1500), async (problem, { m, n }) => {
        const { pair, fitIntercept, l1, l2, history, dataSeed } = problem;
        // OWL-QN takes thousands of steps where one row is to share hundreds of weights out, and says so.
        fc.pre(l1 === 0 || m > 1 || n < 100);
        const objective: Objective = { ...pair, fitIntercept, l1, l2 };
        const data = realData(dtype, m, n, pair.loss, new Uniform(dataSeed));
        const found = await batchGradientDescent(flat(dtype, data), floats(dtype, data.y), {
          ...objective,
          // With one step remembered it takes its time where l1 holds most weights at 0.
          optimizer: { name: 'lbfgs', history: l1 > 0 ? 10 : history },
          iterations: 5000,
          dtype,
          device: target.device,
        });
        // In float32 the gradient of a few rows may be rounding before it is small enough: then it is not said to be.
        const told = dtype === 'float64';
        expect(found.converged || !told).toBe(true);
        expect(found.stopped).toBe(found.converged ? 'converged' : 'completed');
        expect(found).not.toHaveProperty('learningRate');
        const start = lossGradient(objective, data, { theta: new Float64Array(n), intercept: 0 });
        const scale = Math.max(1, ...start.gradient.map(Math.abs), Math.abs(start.interceptGradient));
        expect(slopeAt(objective, data, found)).toBeLessThan(tolerances[dtype] * scale);
        const end = lossGradient(objective, data, found);
        const last = found.loss.at(-1) ?? NaN;
        expect(Math.abs(last - end.loss)).toBeLessThan(tolerances[dtype] * Math.max(1, Math.abs(end.loss)));
        found.loss.forEach((loss, k) => {
          const before = found.loss[k - 1] ?? Infinity;
          // But for rounding, of which a loss that has all but vanished is made.
          const scale = Math.max(Math.abs(loss), Math.abs(found.loss[0] ?? 0));
          expect(loss).toBeLessThanOrEqual(before + 0.01 * tolerances[dtype] * scale);
        });
      });
      await fc.assert(cases, { numRuns: target.runs(target.isCpu ? 40 : 10) });
    });

    it.each([
      ['words', 0, 1],
      ['words and weights of exactly 0', 1e-3, 1],
      ['words of three outputs', 0, 3],
    ])('takes the sizes of compressed columns into account: %s', async (_, l1, outputs) => {
      const { written, compressed, y } = words(
        dtype,
        target.isCpu ? [1500, 2200] : [150, 300],
        new Uniform(9),
      );
      const all = Array.from(y, (value, i) => Array.from({ length: outputs }, (_, k) => (value + i * k) % 2));
      const by = (X: MatrixLike): Promise<Descent> =>
        batchGradientDescent(X, all, {
          ...({ activation: 'sigmoid', loss: 'log', optimizer: 'lbfgs', iterations: 1000 } as const),
          ...{ fitIntercept: true, l1, l2: 1e-4, dtype, device: target.device },
        });
      const found = await by(compressed);
      // In float32 rounding may end it before.
      expect(found.converged || dtype === 'float32').toBe(true);
      for (let k = 0; k < outputs; k += 1) {
        const objective: Objective = {
          ...{ activation: 'sigmoid', loss: 'log', fitIntercept: true },
          ...{ l1, l2: 1e-4 },
        };
        const theta = found.theta.filter((_, at) => at % outputs === k);
        const data = { ...written, y: Float64Array.from(all, (row) => row[k] as number) };
        const slope = slopeAt(objective, data, { ...found, theta, intercept: found.intercepts[k] as number });
        expect(slope).toBeLessThan(tolerances[dtype]);
      }
      // Of X written out nothing is known of the columns. The steps are of one text for all devices.
      if (!target.isCpu || dtype === 'float32') return;
      const plain = await by(flat(dtype, written));
      expect(found.iterations).toBeLessThan(0.8 * plain.iterations);
    });

    it('sets weights to exactly 0 by l1, and all of them where it outweighs the data', async () => {
      const data = realData(dtype, 200, 12, 'log', new Uniform(6));
      const by = (l1: number): Promise<Descent> =>
        batchGradientDescent(flat(dtype, data), floats(dtype, data.y), {
          activation: 'sigmoid',
          loss: 'log',
          optimizer: 'lbfgs',
          iterations: 500,
          l1,
          device: target.device,
        });
      const zeros = ({ theta }: Descent): number => theta.filter((weight) => weight === 0).length;
      expect(zeros(await by(0.02))).toBeGreaterThan(0);
      expect(zeros(await by(0.02))).toBeLessThan(12);
      expect(zeros(await by(1))).toBe(12);
    });

    it('gives the same bits again, takes no more steps than it may, and goes on from where it was', async () => {
      const data = realData(dtype, 300, 7, 'log', new Uniform(8));
      const by = (more: object): Promise<Descent> =>
        batchGradientDescent(flat(dtype, data), floats(dtype, data.y), {
          ...({ activation: 'sigmoid', loss: 'log', optimizer: 'lbfgs', iterations: 1000 } as const),
          device: target.device,
          ...more,
        });
      const [found, again] = [await by({}), await by({})];
      expect([bits(again.theta), bits(again.loss)]).toEqual([bits(found.theta), bits(found.loss)]);
      const short = await by({ iterations: 2 });
      expect(short).toMatchObject({ stopped: 'completed', converged: false, iterations: 2 });
      expect(bits(short.loss)).toBe(bits(found.loss.slice(0, 3)));
      const on = await by({ initialTheta: short.theta });
      expect(on.loss[0]).toBe(short.loss[2]);
      expect(relativeError(on.theta, found.theta)).toBeLessThan(Math.sqrt(tolerances[dtype]));
      // At the optimum there is nothing left to do.
      expect((await by({ initialTheta: found.theta })).iterations).toBeLessThan(3);
    });
  });
});
