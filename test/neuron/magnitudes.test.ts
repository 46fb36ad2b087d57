import { type Dtype, Neuron } from '../../lib';
import { Uniform } from '../support/arbitrary';

const options = { strategy: 'batch', learningRate: 'auto', iterations: 500, standardize: true } as const;

function floats(dtype: Dtype, values: readonly number[]): Float32Array | Float64Array {
  return dtype === 'float32' ? Float32Array.from(values) : Float64Array.from(values);
}

/** Fits y = slope·(x − offset) + 5 on one standardized feature. */
async function fitted(dtype: Dtype, offset: number, step: number, slope: number) {
  const random = new Uniform(11);
  const x = floats(
    dtype,
    Array.from({ length: 300 }, () => offset + step * random.integer(0, 1000)),
  );
  const y = Array.from(x, (value) => slope * (value - offset) + 5);
  const neuron = new Neuron({ inputs: 1 });
  const X = { data: x, shape: [300, 1] as const } as { data: Float64Array; shape: [number, number] };
  await neuron.fit(X, y, { ...options, device: 'cpu' });
  const float64 = { device: 'cpu', dtype: 'float64' } as const;
  return {
    slope: neuron.weights[0] as number,
    score: await neuron.score(X, y, float64),
    outputs: await neuron.predict(X, float64),
    x,
    y,
  };
}

describe('a fit that goes to the optimum by L-BFGS', () => {
  // Two columns that are standardized and at right angles: by soft thresholds the weights are
  // ρ − l1/2, where ρ is the mean of x·y, and b is the mean of y.
  const X = [
    [1, 1],
    [1, -1],
    [-1, 1],
    [-1, -1],
  ];
  const targets = [4, 2, -1, -2];
  const sizes: [Dtype, number][] = [
    ...[1, 1e6, 1e9, 1e12].map((size): [Dtype, number] => ['float32', size]),
    ...[1, 1e9, 1e15, 1e20, 1e75, 1e120, 1e150].map((size): [Dtype, number] => ['float64', size]),
  ];

  it.each(sizes)('with l1 finds the weights of targets of any size: %s, %p', async (dtype, size) => {
    const neuron = new Neuron({ inputs: 2 });
    const y = targets.map((value) => value * size);
    const { converged } = await neuron.fit(X, y, { l1: size, dtype, device: 'cpu' });
    expect(converged).toBe(true);
    for (const [at, weight] of [1.75, 0.25].entries())
      expect((neuron.weights[at] as number) / size).toBeCloseTo(weight, dtype === 'float32' ? 5 : 7);
    expect(neuron.bias / size).toBeCloseTo(0.75, dtype === 'float32' ? 5 : 7);
  });

  it.each(sizes)('without l1 likewise: %s, %p', async (dtype, size) => {
    const neuron = new Neuron({ inputs: 2 });
    const y = targets.map((value) => value * size);
    const { converged } = await neuron.fit(X, y, { optimizer: 'lbfgs', dtype, device: 'cpu' });
    expect(converged).toBe(true);
    for (const [at, weight] of [2.25, 0.75].entries())
      expect((neuron.weights[at] as number) / size).toBeCloseTo(weight, dtype === 'float32' ? 5 : 7);
  });
});

describe('a standardized fit', () => {
  it.each<[string, Dtype, number, number, number]>([
    ['1e14 and whole numbers', 'float64', 1e14, 1, 2],
    ['1e15 and whole numbers', 'float64', 1e15, 1, 2],
    ['nanoseconds of a day', 'float64', 1.7e18, 256 * 1e9, 3e-14],
    ['nanoseconds, as fine as float64 has them', 'float64', 1.7e18, 256, 0.01],
    ['float32 at 1e7', 'float32', 1e7, 1, 2],
    ['float32 at 1.7e18', 'float32', 2 ** 60, 2 ** 37, 2 ** -37],
  ])('keeps the digits of small changes of large values: %s', async (_, dtype, offset, step, slope) => {
    const found = await fitted(dtype, offset, step, slope);
    expect(Math.abs(found.slope / slope - 1)).toBeLessThan(1e-5);
    expect(found.score).toBeGreaterThan(0.999);
    // Weights for raw values are as good as these: an ulp of x or two, times the slope.
    const largest = Math.max(...found.x);
    const most = 4 * slope * largest * 2 ** -52 + 1e-5 * slope * step * 1000;
    expect(Math.max(...found.outputs.map((z, i) => Math.abs(z - (found.y[i] as number))))).toBeLessThan(most);
  });

  it('takes a column for constant where its least and greatest value are one, and only there', async () => {
    const y = [1, 2, 3, 4, 5, 6, 7];
    const same = y.map((value) => [0.1, value]);
    const constant = new Neuron({ inputs: 2 });
    await constant.fit(same, y, { ...options, iterations: 5000, device: 'cpu' });
    expect(constant.weights[0]).toBe(0);
    expect(Math.abs((constant.weights[1] as number) - 1)).toBeLessThan(1e-9);

    const ulp = 2 ** -3; // of 1e15
    const close = [0, 1, 1, 0, 1, 0, 0];
    const varying = new Neuron({ inputs: 1 });
    const X = close.map((bit) => [1e15 + bit * ulp]);
    await varying.fit(X, close, { ...options, device: 'cpu' });
    expect(Math.abs((varying.weights[0] as number) * ulp - 1)).toBeLessThan(1e-6);
  });

  it.each([1e300, 1e200, 1e-200, 1e-300])('scales features of %p', async (size) => {
    const units = [-2, 1, 3, 0, -3, 2];
    const y = units.map((unit) => 2 * unit + 1);
    const X = units.map((unit) => [unit * size]);
    const neuron = new Neuron({ inputs: 1 });
    const { loss } = await neuron.fit(X, y, { ...options, device: 'cpu' });
    expect(loss.at(-1)).toBeLessThan(1e-9);
  });

  it('says that the weight of features of 5e-324 is beyond float64', async () => {
    const X = [-2, 1, 3, 0].map((unit) => [unit * 5e-324]);
    const fit = new Neuron({ inputs: 1 }).fit(X, [-3, 3, 7, 1], { ...options, device: 'cpu' });
    await expect(fit).rejects.toMatchObject({ code: 'ERR_NOT_FINITE' });
  });
});

describe('a score', () => {
  it.each([1e300, 1e200, 1e-200, 1e-300])('of targets of %p is that of targets of 1', async (size) => {
    const X = [[1], [2], [3], [4]];
    const y = [1, 2, 2.5, 4];
    const one = await new Neuron({ weights: [1], bias: 0.25 }).score(X, y, { device: 'cpu' });
    const scaled = new Neuron({ weights: [size], bias: 0.25 * size });
    const score = await scaled.score(
      X,
      y.map((value) => value * size),
      { device: 'cpu' },
    );
    expect(Math.abs(score - one)).toBeLessThan(1e-12);
  });
});
