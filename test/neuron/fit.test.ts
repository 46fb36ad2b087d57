import fc from 'fast-check';
import {
  type FitOptions,
  Neuron,
  batchGradientDescent,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../lib';
import { Uniform, flat, floats, realData, seeds } from '../support/arbitrary';
import { describeOnEachDevice } from '../support/each-device';
import { type Expected, bits, expectRejection, relativeError } from '../support/expectations';
import * as plain from '../support/plain';

/** Features of very different means and scales, and one that never changes. */
function rawData(random: Uniform, m: number): plain.Data {
  const X = new Float64Array(m * 4);
  for (let i = 0; i < m; i += 1)
    X.set([1000 + 50 * random.signed(), 0.01 * random.signed(), -3 + random.signed(), 7], 4 * i);
  const y = Float64Array.from({ length: m }, (_, i) => {
    const [a, b, c] = X.subarray(4 * i, 4 * i + 3);
    return 0.02 * Number(a) + 30 * Number(b) - 2 * Number(c) + 5;
  });
  return { X, y, m, n: 4 };
}

/** (x − mean)/deviation column by column; a column that never changes is only centred. */
function scaled({ X, y, m, n }: plain.Data): plain.Data {
  const Z = X.slice();
  for (let j = 0; j < n; j += 1) {
    const column = Array.from({ length: m }, (_, i) => X[i * n + j] as number);
    const mean = column.reduce((sum, x) => sum + x, 0) / m;
    const deviation = Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / m);
    for (let i = 0; i < m; i += 1) Z[i * n + j] = ((column[i] as number) - mean) / (deviation || 1);
  }
  return { X: Z, y, m, n };
}

describeOnEachDevice('a fit', (target) => {
  const dtype = target.dtypes.at(-1) ?? 'float32';
  const close = dtype === 'float64' ? 1e-9 : 1e-3;

  it.each<['batch' | 'stochastic' | 'mini-batch', object]>([
    ['batch', { iterations: 7 }],
    ['stochastic', { epochs: 2, seed: 3 }],
    ['mini-batch', { epochs: 2, seed: 3, batchSize: 5 }],
  ])('is the %s descent with an intercept, and keeps what it found', async (strategy, passes) => {
    const data = realData(dtype, 33, 3, 'squared', new Uniform(1));
    const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
    const common = { learningRate: 0.05, device: target.device, ...passes } as never;
    const neuron = new Neuron({ weights: [9, 9, 9], bias: 9 });
    const found = await neuron.fit(X, y, { ...(common as object), strategy } as FitOptions);
    const descents = {
      batch: batchGradientDescent,
      stochastic: stochasticGradientDescent,
      'mini-batch': miniBatchGradientDescent,
    };
    const expected = await descents[strategy](X, y, { ...(common as object), fitIntercept: true } as never);
    expect(bits(found.theta)).toBe(bits(expected.theta));
    expect(found.intercept).toBe(expected.intercept);
    expect(bits(neuron.weights)).toBe(bits(expected.theta));
    expect(neuron.bias).toBe(expected.intercept);
  });

  it.each([
    ['linear', 'squared'],
    ['sigmoid', 'log'],
    ['exp', 'poisson'],
    ['tanh', 'squared'],
  ] as const)('of %s minimises %s unless another loss is named', async (activation, loss) => {
    const data = realData(dtype, 40, 2, loss, new Uniform(2));
    const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
    const options = { learningRate: 0.05, iterations: 4, device: target.device };
    const found = await new Neuron({ inputs: 2, activation }).fit(X, y, { strategy: 'batch', ...options });
    const expected = await batchGradientDescent(X, y, { ...options, activation, loss, fitIntercept: true });
    expect(bits(found.loss)).toBe(bits(expected.loss));
    const huber = { strategy: 'batch', ...options, loss: 'huber', fitIntercept: false } as const;
    const named = await new Neuron({ inputs: 2, activation }).fit(X, y, huber);
    const plainly = await batchGradientDescent(X, y, { ...options, activation, loss: 'huber' });
    expect(bits(named.loss)).toBe(bits(plainly.loss));
    expect(named.intercept).toBe(0);
  });

  it('standardizes, and folds the scaling back into weights for raw inputs', async () => {
    const cases = fc.asyncProperty(
      seeds,
      fc.integer({ min: 3, max: 200 }),
      fc.boolean(),
      async (seed, m, resident) => {
        const data = rawData(new Uniform(seed), m);
        const X = flat('float64', data);
        const matrix = resident && dtype === 'float64' ? await target.device.matrix(X) : undefined;
        const neuron = new Neuron({ inputs: 4 });
        const options = {
          strategy: 'batch',
          learningRate: 0.1,
          iterations: 30,
          standardize: true,
          device: target.device,
        } as const;
        const found = await neuron.fit(matrix ?? X, data.y, {
          ...options,
          ...(matrix === undefined ? { dtype } : {}),
        });
        const expected = plain.batch({ ...plain.linearSquared, fitIntercept: true }, scaled(data), options);
        expect(relativeError(found.loss, expected.loss)).toBeLessThan(close);
        // The outputs on raw rows are those of the plain loop on scaled ones.
        const Z = scaled(data);
        const outputs = Array.from({ length: m }, (_, i) => neuron.output(data.X.subarray(4 * i, 4 * i + 4)));
        const wanted = Array.from({ length: m }, (_, i) => plain.dot(Z, i, expected));
        expect(relativeError(outputs, wanted)).toBeLessThan(close);
        expect(bits(neuron.weights)).toBe(bits(found.theta));
        matrix?.dispose();
      },
    );
    await fc.assert(cases, { numRuns: target.runs(10) });
  });

  it('standardizes without a mean where there is no intercept to make up for it', async () => {
    const data = rawData(new Uniform(5), 50);
    const neuron = new Neuron({ inputs: 4 });
    const options = {
      strategy: 'batch',
      learningRate: 1e-4,
      iterations: 5,
      standardize: true,
      fitIntercept: false,
      dtype,
      device: target.device,
    } as const;
    const found = await neuron.fit(flat('float64', data), data.y, options);
    expect(found.intercept).toBe(0);
    expect(neuron.bias).toBe(0);
    expect(found.loss.at(-1)).toBeLessThan(found.loss[0] as number);
  });

  it('begins a standardized fit at initialTheta, which is for raw inputs', async () => {
    const data = rawData(new Uniform(6), 60);
    const X = flat('float64', data);
    const start = [0.02, 30, -2, 0];
    const options = {
      strategy: 'batch',
      learningRate: 1e-12,
      iterations: 1,
      standardize: true,
      dtype,
      device: target.device,
    } as const;
    const neuron = new Neuron({ inputs: 4 });
    const found = await neuron.fit(X, data.y, { ...options, initialTheta: start });
    expect(relativeError(found.theta, start)).toBeLessThan(1e-3);
    // What is left at these weights is the constant 5.
    expect(found.loss[0]).toBeCloseTo(25, dtype === 'float64' ? 8 : 1);
  });

  it.each([true, false])('names the value that is not finite, standardized: %p', async (standardize) => {
    const rows = [
      [1, 2],
      [3, 4],
      [5, Infinity],
    ];
    const options = {
      strategy: 'batch',
      learningRate: 0.1,
      iterations: 1,
      standardize,
      device: target.device,
      dtype,
    } as const;
    const refused: Expected = {
      code: 'ERR_NOT_FINITE',
      option: 'X',
      row: 2,
      column: 1,
      message: /row 2, column 1 is Infinity/,
    };
    await expectRejection(new Neuron({ inputs: 2 }).fit(rows, [1, 2, 3], options), refused);
    const large = { data: new Float64Array(400_000), shape: [200_000, 2] as [number, number] };
    large.data[399_999] = NaN;
    await expectRejection(new Neuron({ inputs: 2 }).fit(large, new Float64Array(200_000), options), {
      ...refused,
      row: 199_999,
      message: /row 199999, column 1 is NaN/,
    });
  });

  it.each<[string, unknown, Expected]>([
    [
      'another width',
      [[1, 2, 3]],
      { code: 'ERR_SHAPE', option: 'X', message: 'X has 3 columns, and the neuron has 2 inputs' },
    ],
    [
      'nothing',
      undefined,
      { code: 'ERR_INVALID_ARGUMENT', option: 'X', message: 'X must be an array of rows' },
    ],
    ['null', null, { code: 'ERR_INVALID_ARGUMENT', option: 'X', message: 'X must be an array of rows' }],
    ['text', 'ab', { code: 'ERR_INVALID_ARGUMENT', option: 'X', message: 'X must be an array of rows' }],
    ['no rows', [], { code: 'ERR_SHAPE', option: 'X', message: 'X has no rows' }],
  ])('refuses X of %s and leaves the neuron as it was', async (_, X, expected) => {
    const neuron = new Neuron({ weights: [1, 2], bias: 3 });
    const options = {
      strategy: 'batch',
      learningRate: 0.1,
      iterations: 1,
      device: target.device,
      dtype,
    } as const;
    for (const standardize of [true, false])
      await expectRejection(neuron.fit(X as number[][], [1], { ...options, standardize }), expected);
    expect(JSON.stringify(neuron)).toBe('{"weights":[1,2],"bias":3,"activation":"linear"}');
  });

  describe('scored', () => {
    const options = (): { device: typeof target.device; dtype: typeof dtype } => ({
      device: target.device,
      dtype,
    });
    const X = [[1], [2], [3], [4]];

    it('is R² for real outputs', async () => {
      const neuron = new Neuron({ weights: [2], bias: 1 });
      expect(await neuron.score(X, [3, 5, 7, 9], options())).toBe(1);
      // Residuals ±1 around outputs 3, 5, 7, 9; the targets' mean is 6.
      const score = await neuron.score(X, [4, 4, 8, 8], options());
      expect(score).toBeCloseTo(1 - 4 / 16, 12);
      expect(await new Neuron({ weights: [0], bias: 6 }).score(X, [4, 4, 8, 8], options())).toBe(0);
      expect(await new Neuron({ weights: [0], bias: 1 }).score(X, [4, 4, 8, 8], options())).toBeLessThan(0);
    });

    it('is 1 or 0 where the targets never change', async () => {
      const neuron = new Neuron({ weights: [0], bias: 5 });
      expect(await neuron.score(X, [5, 5, 5, 5], options())).toBe(1);
      expect(await neuron.score(X, [4, 4, 4, 4], options())).toBe(0);
    });

    it('is the share of right labels for sigmoid', async () => {
      const neuron = new Neuron({ weights: [1], bias: -2.5, activation: 'sigmoid' });
      expect(await neuron.score(X, [0, 0, 1, 1], options())).toBe(1);
      expect(await neuron.score(X, [0, 1, 1, 1], options())).toBe(0.75);
      expect(await neuron.score(X, [1, 1, 0, 0], options())).toBe(0);
    });

    it('takes resident matrices', async () => {
      const neuron = new Neuron({ weights: [2], bias: 1 });
      const A = await target.device.matrix(X, { dtype });
      const b = await target.device.matrix([[3], [5], [7], [9]], { dtype });
      expect(await neuron.score(A, b)).toBe(1);
      A.dispose();
      b.dispose();
    });

    it('refuses targets that do not fit', async () => {
      const neuron = new Neuron({ inputs: 1 });
      await expectRejection(neuron.score(X, [1, 2], options()), {
        code: 'ERR_SHAPE',
        option: 'y',
        message: 'y has 2 values, and X has 4 rows',
      });
      await expectRejection(neuron.score(X, [1, 2, NaN, 4], options()), {
        code: 'ERR_NOT_FINITE',
        option: 'y',
        row: 2,
        message: 'y[2] is NaN',
      });
      await expectRejection(neuron.score(X, undefined as never, options()), {
        code: 'ERR_INVALID_ARGUMENT',
        option: 'y',
        message: 'y must be an array',
      });
    });
  });
});
