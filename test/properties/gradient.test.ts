import fc from 'fast-check';
import { type Dtype, type LossGradient, lossGradient } from '../../lib';
import { Uniform, exactIn, flat, floats, objectives, pairs, realData, seeds } from '../support/arbitrary';
import { outOfBounds, passBounds } from '../../lib/check/bounds';
import { type Target, describeOnEachDevice } from '../support/each-device';
import { bits } from '../support/expectations';
import * as plain from '../support/plain';

async function passOn(
  target: Target,
  dtype: Dtype,
  objective: plain.Objective,
  data: plain.Data,
  at: plain.Parameters,
): Promise<LossGradient> {
  const options = { ...objective, ...at, device: target.device };
  return await lossGradient(flat(dtype, data), floats(dtype, data.y), options);
}

/** A pass and what it may give. */
interface Case {
  readonly objective: plain.Objective;
  readonly data: plain.Data;
  readonly at: plain.Parameters;
  readonly expected: plain.LossGradient;
  readonly bounds: plain.LossGradient;
}

function caseOf(dtype: Dtype, objective: plain.Objective, data: plain.Data, at: plain.Parameters): Case {
  const expected = plain.lossGradient(objective, data, at);
  return { objective, data, at, expected, bounds: passBounds(dtype, objective, data, at) };
}

function flatten({ gradient, interceptGradient, loss }: plain.LossGradient): number[] {
  return [...gradient, interceptGradient, loss];
}

async function expectWithinBounds(target: Target, dtype: Dtype, pass: Case): Promise<void> {
  const got = await passOn(target, dtype, pass.objective, pass.data, pass.at);
  expect(got.gradient).toHaveLength(pass.data.n);
  expect(outOfBounds(flatten(got), flatten(pass.expected), flatten(pass.bounds))).toEqual([]);
}

/** Cases that take seconds in plain loops, worked out once for all devices. */
const largeCases = new Map<string, Case>();

function largeCase(dtype: Dtype, m: number, n: number): Case {
  const key = `${dtype} ${m}×${n}`;
  const known = largeCases.get(key);
  if (known !== undefined) return known;
  const random = new Uniform(m + n);
  const data = realData(dtype, m, n, 'squared', random);
  const objective = { ...plain.linearSquared, fitIntercept: true };
  const made = caseOf(dtype, objective, data, parameters(dtype, n, random));
  largeCases.set(key, made);
  return made;
}

/** θ between −1 and 1, small enough that Xθ stays of order 1 however many columns there are. */
function parameters(dtype: Dtype, n: number, random: Uniform): plain.Parameters {
  const scale = 2 / Math.sqrt(n);
  const theta = random.array(n, () => scale * random.signed());
  const [intercept] = exactIn(dtype, Float64Array.of(random.signed()));
  return { theta: exactIn(dtype, theta), intercept: intercept as number };
}

/** Shapes beyond those that properties draw. */
const largeShapes = [
  { m: 3, n: 100_000 },
  { m: 1, n: 65_537 },
  { m: 300_001, n: 3 },
  { m: 100_003, n: 1 },
  { m: 20_011, n: 17 },
  { m: 4099, n: 131 },
  // The borders of what the wide kernels hold in a work-group's registers, and beyond them.
  { m: 1031, n: 4 },
  { m: 523, n: 12 },
  { m: 67, n: 130 },
  { m: 35, n: 260 },
  { m: 19, n: 511 },
  { m: 19, n: 1026 },
  { m: 18, n: 2047 },
  { m: 18, n: 2048 },
  { m: 17, n: 2049 },
  { m: 17, n: 2052 },
  { m: 9, n: 4096 },
  { m: 37, n: 4097 },
  { m: 37, n: 4100 },
  { m: 301, n: 4099 },
  { m: 530, n: 6004 },
  { m: 530, n: 8203 },
  { m: 35, n: 8192 },
  { m: 5, n: 12_288 },
  { m: 35, n: 16_390 },
];
const fewLargeShapes = largeShapes.filter(({ n }) => [3, 131, 2049, 4100, 100_000].includes(n));

describeOnEachDevice('the gradient', (target) => {
  describe.each(target.dtypes)('in %s', (dtype) => {
    it.each(pairs)('is within the bounds of rounding for $activation with $loss', async (pair) => {
      const cases = fc.asyncProperty(
        target.shapes(20_000),
        seeds,
        objectives(pair),
        async ({ m, n }, seed, objective) => {
          const random = new Uniform(seed);
          const data = realData(dtype, m, n, pair.loss, random);
          const at = parameters(dtype, n, random);
          await expectWithinBounds(target, dtype, caseOf(dtype, objective, data, at));
        },
      );
      await fc.assert(cases, { numRuns: target.runs(6) });
    });

    it.each([...target.counts])('is within the bounds of rounding for %d columns', async (n) => {
      const rows = fc.constantFrom(...target.counts.filter((m) => m * n <= 20_000));
      const cases = fc.asyncProperty(rows, seeds, async (m, seed) => {
        const random = new Uniform(seed);
        const data = realData(dtype, m, n, 'squared', random);
        const at = parameters(dtype, n, random);
        await expectWithinBounds(target, dtype, caseOf(dtype, plain.linearSquared, data, at));
      });
      await fc.assert(cases, { numRuns: target.runs(4) });
    });

    // Where a device may have loops of their own for each count, and take the rows in groups.
    it.each(target.triesEveryShape ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] : [1, 3, 8])(
      'is within the bounds of rounding for log loss over %d columns',
      async (n) => {
        for (const m of [1, 5, 16, 65, 131, 970, 2003]) {
          const random = new Uniform(100 * m + n);
          const data = realData(dtype, m, n, 'log', random);
          const objective = { activation: 'sigmoid', loss: 'log', fitIntercept: true, l1: 0, l2: 0 } as const;
          await expectWithinBounds(
            target,
            dtype,
            caseOf(dtype, objective, data, parameters(dtype, n, random)),
          );
        }
      },
    );

    it.each(target.triesEveryShape ? largeShapes : fewLargeShapes)(
      'is within the bounds of rounding for $m×$n',
      async ({ m, n }) => {
        await expectWithinBounds(target, dtype, largeCase(dtype, m, n));
      },
    );

    it.each([
      { m: 20_003, n: 1 },
      { m: 20_003, n: 5 },
      { m: 5003, n: 17 },
      { m: 1021, n: 70 },
      { m: 515, n: 300 },
    ])('tells the log loss of $m×$n rows that are all but certain', async ({ m, n }) => {
      const random = new Uniform(m);
      const data = realData(dtype, m, n, 'log', random);
      // z is 12 to 16 on the side of y: a row's loss is some 1e-6, of which 1 + e⁻ᶻ in float32 keeps a digit.
      let expected = 0;
      for (let i = 0; i < m; i += 1) {
        const size = Math.fround(12 + 4 * random.next());
        data.X[i * n] = data.y[i] === 1 ? size : -size;
        expected += Math.log1p(Math.exp(-size)) / m;
      }
      const theta = Float64Array.from({ length: n }, (_, j) => (j === 0 ? 1 : 0));
      const objective = { activation: 'sigmoid', loss: 'log', fitIntercept: true, l1: 0, l2: 0 } as const;
      const at = { theta, intercept: 0 };
      const { loss } = await passOn(target, dtype, objective, data, at);
      expect(Math.abs(loss - expected) / expected).toBeLessThan(dtype === 'float64' ? 1e-13 : 1e-5);
    });

    it.each(pairs.filter(({ activation, loss }) => isExact(activation, loss)))(
      'is exact on small integers for $activation with $loss',
      async (pair) => {
        // A power of two rows: the mean is exact, too.
        const rows = fc.constantFrom(1, 2, 4, 16, 64, 128, 1024);
        const columns = fc.constantFrom(...target.counts);
        const cases = fc.asyncProperty(
          rows,
          columns,
          seeds,
          fc.boolean(),
          async (m, n, seed, fitIntercept) => {
            fc.pre(m * n <= 70_000);
            const { data, at } = smallIntegers(m, n, pair.loss === 'hinge', new Uniform(seed));
            const objective = { ...plain.linearSquared, ...pair, fitIntercept };
            const got = await passOn(target, dtype, objective, data, at);
            const expected = plain.lossGradient(objective, data, at);
            expect(Array.from(got.gradient, unsigned)).toEqual(Array.from(expected.gradient, unsigned));
            expect(unsigned(got.interceptGradient)).toBe(unsigned(expected.interceptGradient));
            expect(got.loss).toBe(expected.loss);
          },
        );
        await fc.assert(cases, { numRuns: target.runs(12) });
      },
    );

    it('is the same bits when taken twice', async () => {
      const cases = fc.asyncProperty(
        target.shapes(70_000),
        seeds,
        fc.constantFrom(...pairs),
        async ({ m, n }, seed, pair) => {
          const random = new Uniform(seed);
          const data = realData(dtype, m, n, pair.loss, random);
          const at = parameters(dtype, n, random);
          const objective = { ...pair, fitIntercept: true, l1: 0.1, l2: 0.1 };
          const first = await passOn(target, dtype, objective, data, at);
          const second = await passOn(target, dtype, objective, data, at);
          expect(bits(second.gradient)).toBe(bits(first.gradient));
          expect([second.loss, second.interceptGradient]).toEqual([first.loss, first.interceptGradient]);
        },
      );
      await fc.assert(cases, { numRuns: target.runs(20) });
    });

    it('is finite and right where activations saturate', async () => {
      const z = Float64Array.of(-1000, -100, -50, -20, 20, 50, 100, 1000);
      for (const pair of pairs.filter(({ activation }) => activation !== 'exp')) {
        const y = z.map((_, i) => (pair.loss === 'hinge' ? 2 * (i % 2) - 1 : i % 2));
        const data = { X: z, y, m: z.length, n: 1 };
        const objective = { ...plain.linearSquared, ...pair };
        const { loss, gradient } = await passOn(target, dtype, objective, data, {
          theta: Float64Array.of(1),
          intercept: 0,
        });
        expect({ pair, finite: Number.isFinite(loss) && Number.isFinite(gradient[0]) }).toEqual({
          pair,
          finite: true,
        });
      }
    });
  });
});

function isExact(activation: string, loss: string): boolean {
  return ['linear', 'relu'].includes(activation) && ['squared', 'absolute', 'huber', 'hinge'].includes(loss);
}

/** 0 for −0: which of them a sum of integers ends in depends on its order. */
function unsigned(value: number): number {
  return value + 0;
}

/** Integers so small that float32 holds every sum of a pass exactly. */
function smallIntegers(
  m: number,
  n: number,
  labels: boolean,
  random: Uniform,
): { data: plain.Data; at: plain.Parameters } {
  // |Σ 2·r·x| ≤ m·2·(n·1·1 + 8) < 2²⁴ for m·n ≤ 70,000, and so are the squares' sums while |r| stays of order √n.
  const X = random.array(m * n, () => random.integer(-1, 1));
  const y = random.array(m, () => (labels ? random.integer(0, 1) * 2 - 1 : random.integer(-4, 4)));
  const theta = random.array(n, () => random.integer(-1, 1));
  return { data: { X, y, m, n }, at: { theta, intercept: random.integer(-2, 2) } };
}
