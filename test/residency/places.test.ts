import fc from 'fast-check';
import {
  type BatchOptions,
  type Dtype,
  type Residency,
  Layer,
  Neuron,
  batchGradientDescent,
  lossGradient,
} from '../../lib';
import { type Shape, Uniform, flat, floats, objectives, pairs, realData, seeds } from '../support/arbitrary';
import { describeOnEachDevice, withEnvironment } from '../support/each-device';
import { bits } from '../support/expectations';

/** A CPU's memory is the host's. */
const places: fc.Arbitrary<'host' | 'disk'> = fc.constantFrom('host', 'disk');

/** Pieces of a few kilobytes to some megabytes: some whole, the last of some cut short, one row alone. */
function shapes(columns: readonly number[], mostValues: number): fc.Arbitrary<Shape> {
  const m = fc.oneof(fc.constantFrom(1, 2, 255, 256, 257), fc.integer({ min: 1, max: 20_000 }));
  const n = fc.constantFrom(...columns);
  return fc.record({ m, n }).filter((shape) => shape.m * shape.n <= mostValues);
}

/** What is in memory: nothing; some pieces; all. */
const memories = fc.constantFrom('0', '70000', '1000000', '1000000000');

function random(dtype: Dtype, count: number, seed: number): Float32Array | Float64Array {
  const next = new Uniform(seed);
  const values = dtype === 'float32' ? new Float32Array(count) : new Float64Array(count);
  return values.map(() => 2 * next.next() - 1);
}

describeOnEachDevice('X in memory or in a file', (target) => {
  const runs = target.isCpu ? target.runs(20) : 4;
  const { emulated = false } = target.configuration;
  const small = target.isCpu
    ? shapes([1, 2, 7, 8, 33, 64, 129, 1000, 3000], 400_000)
    : shapes([7, 64], emulated ? 4000 : 50_000);
  /** Where it is then. */
  const placeOf = (residency: 'host' | 'disk'): string =>
    target.isCpu && residency === 'host' ? 'device' : residency;
  const withMemory = async <Result>(bytes: string, body: () => Promise<Result>): Promise<Result> =>
    await withEnvironment({ THALWEG_SPOOL_MEMORY: bytes }, body);
  it.each(target.dtypes)('gives a batch descent of every loss the same bits: %s', async (dtype) => {
    const cases = fc.asyncProperty(
      fc.constantFrom(...pairs).chain(objectives),
      small,
      seeds,
      memories,
      places,
      fc.boolean(),
      async (objective, { m, n }, seed, memory, residency, weighted) => {
        const data = realData(dtype, m, n, objective.loss, new Uniform(seed));
        const [X, y] = [flat(dtype, data), floats(dtype, data.y)];
        const options: BatchOptions = {
          ...objective,
          ...{ learningRate: 1e-3, iterations: 4, dtype, device: target.device, plan: 'fused' },
          ...(weighted ? { sampleWeight: random('float64', m, seed + 1).map((value) => value + 1.5) } : {}),
        };
        const expected = await batchGradientDescent(X, y, { ...options, residency: 'device' });
        const found = await withMemory(memory, async () =>
          batchGradientDescent(X, y, { ...options, residency }),
        );
        expect(bits(found.theta)).toBe(bits(expected.theta));
        expect(bits(found.loss)).toBe(bits(expected.loss));
        expect(found.intercept).toBe(expected.intercept);
        expect([expected.residency, found.residency]).toEqual(['device', placeOf(residency)]);
      },
    );
    await fc.assert(cases, { numRuns: runs });
  });

  it.each(target.dtypes)(
    'gives fits to the optimum, by XᵀX and of several outputs the same bits: %s',
    async (dtype) => {
      const cases = fc.asyncProperty(
        small,
        seeds,
        memories,
        places,
        async ({ m, n }, seed, memory, place) => {
          // Of 2²³ products and more least squares read rows once, and agree in all but the last bits: one-reading.test.ts.
          const columns = Math.min(n, 24);
          const X = { data: random(dtype, m * columns, seed), shape: [m, columns] as const };
          const y = random(dtype, m, seed + 1);
          const labels = Float64Array.from(y, (value) => (value < -0.3 ? 0 : value < 0.3 ? 1 : 2));
          const fits = async (residency: Residency): Promise<string[]> => {
            const common = { dtype, device: target.device, residency } as const;
            const linear = new Neuron({ inputs: columns });
            await linear.fit(X, y, { ...common, l2: 0.01, iterations: 20 });
            const optimum = await batchGradientDescent(X, y, {
              ...common,
              ...{ activation: 'sigmoid', loss: 'squared', optimizer: 'lbfgs', iterations: 10, l2: 0.1 },
            });
            const gram = await batchGradientDescent(X, y, {
              ...common,
              ...{ learningRate: 'auto', iterations: 30, plan: 'gram', fitIntercept: true },
            });
            const layer = new Layer({ inputs: columns, outputs: 3, activation: 'softmax' });
            await layer.fit(X, labels, { ...common, learningRate: 'auto', iterations: 5 });
            return [linear.weights, optimum.theta, gram.theta, gram.loss, layer.weights.data].map((values) =>
              bits(Float64Array.from(values)),
            );
          };
          expect(await withMemory(memory, async () => fits(place))).toEqual(await fits('device'));
        },
      );
      await fc.assert(cases, { numRuns: Math.ceil(runs / 3) });
    },
  );

  it.each(target.dtypes)('gives predictions, scores and gradients the same bits: %s', async (dtype) => {
    const cases = fc.asyncProperty(small, seeds, memories, places, async ({ m, n }, seed, memory, place) => {
      const { device } = target;
      const X = { data: random(dtype, m * n, seed), shape: [m, n] as const };
      const y = random(dtype, m, seed + 1);
      const weights = random('float64', n, seed + 2);
      const neuron = new Neuron({ weights: [...weights], bias: 0.5 });
      const results = async (residency: Residency): Promise<unknown[]> => {
        const matrix = await device.matrix(X, { dtype, residency });
        const { gradient, loss } = await lossGradient(matrix, y, { theta: weights });
        const outputs = await neuron.predict(matrix);
        const score = await neuron.score(matrix, y);
        matrix.dispose();
        return [bits(outputs), bits(gradient), score, loss];
      };
      expect(await withMemory(memory, async () => results(place))).toEqual(await results('device'));
    });
    await fc.assert(cases, { numRuns: runs });
  });
});

describe('X in a file, on the CPU', () => {
  it('gives blocks of several pieces the same bits', async () => {
    const [m, n, outputs] = [20_000, 200, 400];
    const X = { data: random('float32', m * n, 1), shape: [m, n] as const };
    const y = { data: random('float32', m * outputs, 2), shape: [m, outputs] as const };
    const options: BatchOptions = { learningRate: 0.01, iterations: 1, device: 'cpu' };
    const expected = await batchGradientDescent(X, y, options);
    const found = await withEnvironment({ THALWEG_SPOOL_MEMORY: '0' }, async () =>
      batchGradientDescent(X, y, { ...options, residency: 'disk' }),
    );
    expect(bits(found.theta)).toBe(bits(expected.theta));
    expect(bits(found.loss)).toBe(bits(expected.loss));
  });
});
