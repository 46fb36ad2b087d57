import {
  type ClassWeight,
  type FitOptions,
  Neuron,
  batchGradientDescent,
  lossGradient,
  openDevice,
} from '../../lib';
import { bits, relativeError } from '../support/expectations';

const X = [
  [1000, 3],
  [1010, 1],
  [1025, 4],
  [1050, 1],
  [990, 5],
  [1005, 9],
];
const twoTexts = ['no', 'yes', 'no', 'yes', 'no', 'no'];
const y = [0, 1, 0, 1, 0, 0];
const counts = [2, 1, 0, 3, 1, 2];

function repeated<Value>(values: readonly Value[]): Value[] {
  return values.flatMap((value, i) => Array.from({ length: counts[i] ?? 0 }, () => value));
}

const options: FitOptions = {
  strategy: 'batch',
  learningRate: 'auto',
  iterations: 50,
  standardize: true,
  device: 'cpu',
};

async function fitted(rows: number[][], targets: string[], more: Partial<FitOptions> = {}): Promise<Neuron> {
  const neuron = new Neuron({ inputs: 2, activation: 'sigmoid' });
  await neuron.fit(rows, targets, { ...options, ...more } as FitOptions);
  return neuron;
}

function parametersOf({ weights, bias }: Neuron): number[] {
  return [...weights, bias];
}

describe('a weighted fit', () => {
  it('standardizes by weighted means and deviations, as if rows were repeated', async () => {
    const weighted = await fitted(X, twoTexts, { sampleWeight: counts });
    const expected = await fitted(repeated(X), repeated(twoTexts));
    expect(relativeError(parametersOf(weighted), parametersOf(expected))).toBeLessThan(1e-9);
    const without = await fitted(X, twoTexts);
    expect(relativeError(parametersOf(without), parametersOf(expected))).toBeGreaterThan(1e-3);
  });

  it('scores as if rows were repeated', async () => {
    const line = new Neuron({ weights: [0.001, 0.1], bias: -1 });
    const step = new Neuron({ weights: [1, 0], bias: -1008, activation: 'sigmoid' });
    for (const neuron of [line, step]) {
      const found = await neuron.score(X, y, { sampleWeight: counts, device: 'cpu' });
      expect(found).toBeCloseTo(await neuron.score(repeated(X), repeated(y), { device: 'cpu' }), 12);
      expect(found).not.toBeCloseTo(await neuron.score(X, y, { device: 'cpu' }), 3);
    }
  });

  it('takes weights that are on the device', async () => {
    const device = await openDevice('cpu');
    const [Xs, ys, weights] = [
      await device.matrix(X),
      await device.matrix(y.map((value) => [value])),
      await device.matrix(counts.map((count) => [count])),
    ];
    const common = { learningRate: 1e-7, iterations: 3 };
    const found = await batchGradientDescent(Xs, ys, { ...common, sampleWeight: weights });
    const expected = await batchGradientDescent(X, y, { ...common, sampleWeight: counts, device });
    expect(bits(found.theta)).toBe(bits(expected.theta));
    expect(await new Neuron({ weights: [0.001, 0] }).score(Xs, ys, { sampleWeight: weights })).toBeLessThan(
      1,
    );
    await device.close();
  });
});

describe('a row of weight 0', () => {
  // Of the others alone θ is Σxy/Σx² = 29/14, and the mean of (y − xθ)² is 9/14.
  const sampleWeight = [1, 1, 1, 0];
  const column = (values: readonly number[], dtype: 'float32' | 'float64') => ({
    data: dtype === 'float32' ? Float32Array.from(values) : Float64Array.from(values),
    shape: [4, 1] as const,
  });

  it.each([
    ['float32', 1e30],
    ['float32', 1e-30],
    ['float64', 1e200],
    ['float64', 1e-200],
  ] as const)('does not say how large the others are, in %s with %d', async (dtype, odd) => {
    const near = dtype === 'float32' ? 5 : 9;
    const steps = { learningRate: 0.05, iterations: 100 };
    const calls = [
      { ...steps, plan: 'fused' },
      { ...steps, plan: 'gram' },
      { optimizer: 'lbfgs', iterations: 20 },
    ] as const;
    for (const call of calls) {
      const given = { ...call, sampleWeight, device: 'cpu' };
      const [ofX, ofY] = [
        await batchGradientDescent(column([1, 2, 3, odd], dtype), [2, 3, 7, 5], given),
        await batchGradientDescent(column([1, 2, 3, 4], dtype), [2, 3, 7, odd], given),
      ];
      for (const { theta, loss } of [ofX, ofY]) {
        expect(theta[0]).toBeCloseTo(29 / 14, near);
        expect(loss.at(-1)).toBeCloseTo(9 / 14, near);
      }
    }
  });

  it('does not say how columns of zeros are scaled', async () => {
    // As wide as rows are that are held as what they are; without the last they are four, of two columns.
    const X = (odd: number) => ({
      data: Float64Array.of(1, 2, -1, 1, 3, -2, odd),
      indices: Uint32Array.of(0, 1, 0, 0, 1, 1, 1),
      indptr: Uint32Array.of(0, 2, 3, 5, 6, 7),
      shape: [5, 40] as const,
    });
    const options = {
      activation: 'sigmoid',
      l2: 0.1,
      optimizer: 'lbfgs',
      iterations: 200,
      device: 'cpu',
    } as const;
    const fitted = async (odd: number) =>
      await batchGradientDescent(X(odd), [1, 0, 1, 1, 0], { ...options, sampleWeight: [1, 1, 1, 1, 0] });
    const [found, expected] = [await fitted(1e60), await fitted(1)];
    expect(found.converged).toBe(true);
    expect(relativeError(found.theta, expected.theta)).toBeLessThan(1e-6);
  });

  it("is not in the rate 'auto' of several outputs", async () => {
    const rows = [[1], [2], [3], [4]];
    const targets = [
      [100, 200],
      [0, 1],
      [1, 0],
      [0, 9],
    ];
    const auto = { activation: 'tanh', learningRate: 'auto', iterations: 1, device: 'cpu' } as const;
    const found = await batchGradientDescent(rows, targets, { ...auto, sampleWeight: [0, 1, 1, 1] });
    const without = await batchGradientDescent(rows.slice(1), targets.slice(1), auto);
    expect(found.learningRate).toBeCloseTo(without.learningRate as number, 12);
  });
});

describe('class weights', () => {
  // Four of 0 and two of 1: 6/(2·4) and 6/(2·2).
  const balanced = y.map((label) => (label === 0 ? 0.75 : 1.5));

  it("are m / (K·count) where they are 'balanced'", async () => {
    const found = await fitted(X, twoTexts, { classWeight: 'balanced' });
    const expected = await fitted(X, twoTexts, { sampleWeight: balanced });
    expect(parametersOf(found)).toEqual(parametersOf(expected));
  });

  it('are balanced by what rows count, and multiply that', async () => {
    const found = await fitted(X, twoTexts, { classWeight: 'balanced', sampleWeight: counts });
    const expected = await fitted(repeated(X), repeated(twoTexts), { classWeight: 'balanced' });
    expect(relativeError(parametersOf(found), parametersOf(expected))).toBeLessThan(1e-9);
  });

  it('are given by label, in a map or in the order of the classes', async () => {
    const expected = await fitted(X, twoTexts, { sampleWeight: y.map((label) => (label === 0 ? 1 : 5)) });
    const ways: ClassWeight[] = [{ yes: 5 }, { no: 1, yes: 5 }, new Map([['yes', 5]]), [1, 5]];
    for (const classWeight of ways)
      expect(parametersOf(await fitted(X, twoTexts, { classWeight }))).toEqual(parametersOf(expected));
  });

  it('are those of 0 and 1, or of −1 and 1, in a descent', async () => {
    const at = { theta: [0.001, 0.01], device: 'cpu' };
    const log = { ...at, activation: 'sigmoid', loss: 'log' } as const;
    const found = await lossGradient(X, y, { ...log, classWeight: { 1: 5 } });
    const expected = await lossGradient(X, y, { ...log, sampleWeight: y.map((label) => 1 + 4 * label) });
    expect(found).toEqual(expected);
    const signs = y.map((label) => 2 * label - 1);
    const hinge = { ...at, loss: 'hinge' } as const;
    const margins = await lossGradient(X, signs, { ...hinge, classWeight: { '-1': 2 } });
    const weighted = { ...hinge, sampleWeight: signs.map((sign) => (sign < 0 ? 2 : 1)) };
    expect(margins).toEqual(await lossGradient(X, signs, weighted));
  });
});
