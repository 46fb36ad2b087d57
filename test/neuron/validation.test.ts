import {
  type Descent,
  Layer,
  Neuron,
  batchGradientDescent,
  miniBatchGradientDescent,
  openDevice,
} from '../../lib';
import { expectRejection } from '../support/expectations';
import { NumpyRandom } from '../support/numpy-random';

const rows = 50;
const X = Array.from({ length: rows }, (_, i) => [100 + Math.sin(i), Math.cos(3 * i)]);
const y = X.map(([a = 0, b = 0], i) => a - 2 * b + Math.sin(11 * i) / 4);
const options = { learningRate: 0.05, device: 'cpu' } as const;

/** The rows that a share holds out, and the others. */
function split(share: number, seed: number): { held: number[]; kept: number[] } {
  const held = new NumpyRandom(seed)
    .permutation(rows)
    .slice(0, Math.round(share * rows))
    .sort((a, b) => a - b);
  return { held, kept: Array.from({ length: rows }, (_, i) => i).filter((i) => !held.includes(i)) };
}

function pick<Value>(values: readonly Value[], at: readonly number[]): Value[] {
  return at.map((i) => values[i] as Value);
}

test.each([
  ['arrays', (): Promise<typeof X> => Promise.resolve(X)],
  ['a matrix', async () => (await openDevice('cpu')).matrix(X)],
])('a share is that of the seed, whatever X is: %s', async (_, make) => {
  const matrix = await make();
  const { held, kept } = split(0.2, 7);
  const common = { ...options, optimizer: 'adam', epochs: 5, batchSize: 8, seed: 7 } as const;
  const where = Array.isArray(matrix) ? common : { ...common, device: matrix.device };
  const found = await miniBatchGradientDescent(matrix, y, { ...where, validation: 0.2 });
  const expected = await miniBatchGradientDescent(pick(X, kept), pick(y, kept), {
    ...common,
    validation: { X: pick(X, held), y: pick(y, held) },
  });
  expect(found.theta).toEqual(expected.theta);
  expect(found.validationLoss).toEqual(expected.validationLoss);
  expect(found.state.madeFor.rows).toBe(40);
});

test('a fit scales the rows to validate with as those that it learns from', async () => {
  const { held, kept } = split(0.3, 0);
  const fitted = { ...options, strategy: 'batch', iterations: 40, standardize: true } as const;
  const neuron = new Neuron({ inputs: 2 });
  const found = await neuron.fit(X, y, { ...fitted, validation: { share: 0.3 } });
  // The loss at the end is that of the weights for raw features, on raw rows.
  const squares = held.map((i) => (neuron.output(X[i] ?? []) - (y[i] ?? 0)) ** 2);
  const mean = squares.reduce((sum, value) => sum + value, 0) / held.length;
  expect(found.validationLoss?.at(-1)).toBeCloseTo(mean, 9);
  const alone = await new Neuron({ inputs: 2 }).fit(pick(X, kept), pick(y, kept), fitted);
  expect(found.theta).toEqual(alone.theta);
});

test('labels to validate with are those of the neuron', async () => {
  const names = y.map((value) => (value > 100 ? 'high' : 'low'));
  const neuron = new Neuron({ inputs: 2, activation: 'sigmoid' });
  const fitted = { ...options, strategy: 'batch', iterations: 30, standardize: true } as const;
  const { validationLoss, loss } = await neuron.fit(X, names, {
    ...fitted,
    validation: { X, y: names },
  });
  expect(validationLoss?.[0]).toBeCloseTo(loss[1] ?? NaN, 12);
});

describe('rows to validate with that count differently', () => {
  const counts = Array.from({ length: rows }, (_, i) => (i * 7) % 4);
  const repeated = <Value>(values: readonly Value[]): Value[] =>
    values.flatMap((value, i) => new Array<Value>(counts[i] ?? 0).fill(value));
  const labels = y.map((value) => (value > 100 ? 1 : 0));
  const sigmoid = { activation: 'sigmoid', loss: 'log' } as const;
  const [weighted, expanded] = [
    (targets: number[]) => ({ X, y: targets, sampleWeight: counts }),
    (targets: number[]) => ({ X: repeated(X), y: repeated(targets) }),
  ];

  it.each<[string, (validation: object) => Promise<Descent>, number[]]>([
    [
      'batch',
      (validation) => batchGradientDescent(X, y, { ...options, iterations: 5, validation } as never),
      y,
    ],
    [
      'XᵀX',
      (validation) =>
        batchGradientDescent(X, y, { ...options, plan: 'gram', iterations: 5, validation } as never),
      y,
    ],
    [
      'L-BFGS',
      (validation) =>
        batchGradientDescent(X, labels, {
          ...{ ...sigmoid, device: 'cpu', optimizer: 'lbfgs', l2: 0.1, iterations: 9, validation },
        } as never),
      labels,
    ],
    [
      'mini-batches in float32',
      (validation) =>
        miniBatchGradientDescent(X, labels, {
          ...{ ...sigmoid, ...options, dtype: 'float32', epochs: 3, seed: 1, validation },
        } as never),
      labels,
    ],
    [
      'a standardized fit',
      (validation) => new Neuron({ inputs: 2 }).fit(X, y, { device: 'cpu', validation } as never),
      y,
    ],
  ])('are as if repeated: %s', async (_, descend, targets) => {
    const found = await descend(weighted(targets));
    const expected = await descend(expanded(targets));
    expect(found.theta).toEqual(expected.theta);
    expect(found.validationLoss?.length).toBe(expected.validationLoss?.length);
    for (const [at, loss] of (found.validationLoss ?? []).entries())
      expect(loss / (expected.validationLoss?.[at] ?? NaN)).toBeCloseTo(
        1,
        found.dtype === 'float32' ? 5 : 11,
      );
    const plain = await descend({ X, y: targets });
    expect(plain.validationLoss?.[0]).not.toBeCloseTo(found.validationLoss?.[0] ?? NaN, 3);
  });

  it('are those of several outputs, too', async () => {
    const names = X.map(([a = 0, b = 0]) => (b > 0.3 ? 'p' : a > 100 ? 'q' : 'r'));
    const fit = async (validation: object): Promise<Descent> =>
      await new Layer({ inputs: 2, outputs: 3, activation: 'softmax' }).fit(X, names, {
        ...{ device: 'cpu', l2: 0.01, iterations: 20, validation },
      } as never);
    const found = await fit({ X, y: names, sampleWeight: counts });
    const expected = await fit({ X: repeated(X), y: repeated(names) });
    for (const [at, loss] of (found.validationLoss ?? []).entries())
      expect(loss).toBeCloseTo(expected.validationLoss?.[at] ?? NaN, 11);
  });

  it('keep their weights where they are a share', async () => {
    const { held, kept } = split(0.3, 0);
    const common = { ...options, iterations: 6 } as const;
    const found = await batchGradientDescent(X, y, { ...common, sampleWeight: counts, validation: 0.3 });
    const expected = await batchGradientDescent(pick(X, kept), pick(y, kept), {
      ...common,
      sampleWeight: pick(counts, kept),
      validation: { X: pick(X, held), y: pick(y, held), sampleWeight: pick(counts, held) },
    });
    expect(found.theta).toEqual(expected.theta);
    expect(found.validationLoss).toEqual(expected.validationLoss);
  });

  it.each(['balanced', { high: 3 }] as const)('count as their classes do: %p', async (classWeight) => {
    const names = labels.map((label) => (label === 1 ? 'high' : 'low'));
    const part = Array.from({ length: 20 }, (_, i) => i);
    const own = pick(counts, part);
    const fit = async (more: object): Promise<Descent> =>
      await new Neuron({ inputs: 2, activation: 'sigmoid', classes: ['low', 'high'] }).fit(X, names, {
        ...{ ...options, iterations: 5, ...more },
      });
    const rest = { X: pick(X, part), y: pick(names, part) };
    const found = await fit({ classWeight, validation: { ...rest, sampleWeight: own } });
    const size = (name: string): number => names.filter((other) => other === name).length;
    const factor = (name: string): number =>
      classWeight === 'balanced' ? rows / (2 * size(name)) : name === 'high' ? 3 : 1;
    const expected = await fit({
      sampleWeight: names.map(factor),
      validation: { ...rest, sampleWeight: own.map((weight, i) => weight * factor(names[i] ?? '')) },
    });
    expect(found.theta).toEqual(expected.theta);
    expect(found.validationLoss).toEqual(expected.validationLoss);
  });

  it.each<[string, unknown, object]>([
    [
      'negative',
      counts.map((count, i) => (i === 3 ? -1 : count)),
      { code: 'ERR_INVALID_ARGUMENT', row: 3, message: /validation\.sampleWeight\[3\] is below 0/ },
    ],
    [
      'all 0',
      counts.map(() => 0),
      { code: 'ERR_INVALID_ARGUMENT', message: /every validation\.sampleWeight is 0/ },
    ],
    [
      'too few',
      [1, 2],
      { code: 'ERR_SHAPE', message: /validation\.sampleWeight has 2 values, and X has 50 rows/ },
    ],
    ['a text', 'w', { code: 'ERR_INVALID_ARGUMENT', message: /validation\.sampleWeight must be an array/ }],
    [
      'not finite',
      counts.map((count, i) => (i === 5 ? NaN : count)),
      { code: 'ERR_NOT_FINITE', row: 5, message: /validation\.sampleWeight/ },
    ],
  ])('are refused where weights are %s', async (_, sampleWeight, expected) => {
    const validation = { X, y, sampleWeight } as never;
    await expectRejection(batchGradientDescent(X, y, { ...options, iterations: 2, validation }), {
      option: 'validation.sampleWeight',
      ...expected,
    } as never);
  });
});

test('partialFit goes on from the weights there are', async () => {
  const fitted = { ...options, strategy: 'batch', learningRate: 1e-5 } as const;
  const twice = new Neuron({ weights: [0.5, -1], bias: 2 });
  await twice.partialFit(X, y, { ...fitted, iterations: 10 });
  await twice.partialFit(X, y, { ...fitted, iterations: 15 });
  const { theta, intercept } = await batchGradientDescent(X, y, {
    ...{ ...options, learningRate: 1e-5, fitIntercept: true, iterations: 25 },
    ...{ initialTheta: [0.5, -1], initialIntercept: 2 },
  });
  expect(twice.weights).toEqual(theta);
  expect(twice.bias).toBe(intercept);
  const scaled = new Neuron({ weights: [0.5, -1], bias: 2 });
  const start = await scaled.partialFit(X, y, { ...fitted, iterations: 1, standardize: true });
  const plain = await new Neuron({ inputs: 2 }).fit(X, y, {
    ...fitted,
    ...{ iterations: 1, initialTheta: [0.5, -1], initialIntercept: 2 },
  });
  expect(start.loss[0]).toBeCloseTo(plain.loss[0] ?? NaN, 6);
});

describe('refused', () => {
  const batch = { ...options, iterations: 3 };

  it.each([0, 1, -0.1, NaN, 1.5, '0.1', null, true])('is the share %p', async (validation) => {
    await expectRejection(batchGradientDescent(X, y, { ...batch, validation: validation as never }), {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'validation',
      message: /validation must be/,
    });
  });

  it.each(['patience', 'minDelta', 'restoreBestWeights'])('is %s without validation', async (option) => {
    const value = option === 'restoreBestWeights' ? true : 1;
    await expectRejection(batchGradientDescent(X, y, { ...batch, [option]: value }), {
      code: 'ERR_INVALID_ARGUMENT',
      option,
      message: /give validation too/,
    });
  });

  it.each<[string, unknown]>([
    ['patience', -1],
    ['patience', 1.5],
    ['minDelta', -1],
    ['restoreBestWeights', 1],
    ['validation.every', 0],
  ])('is %s of %p', async (option, value) => {
    const more =
      option === 'validation.every'
        ? { validation: { share: 0.5, every: value as number } }
        : { validation: 0.5, [option]: value };
    await expectRejection(batchGradientDescent(X, y, { ...batch, ...more }), {
      code: 'ERR_INVALID_ARGUMENT',
      option,
      message: new RegExp(`${option} must be`),
    });
  });

  it('are rows of another width, or another count of targets', async () => {
    const wide = { X: X.map((row) => [...row, 1]), y };
    await expectRejection(batchGradientDescent(X, y, { ...batch, validation: wide }), {
      code: 'ERR_SHAPE',
      option: 'validation.X',
      message: /validation\.X has 3 columns, and X has 2/,
    });
    await expectRejection(batchGradientDescent(X, y, { ...batch, validation: { X, y: [1] } }), {
      code: 'ERR_SHAPE',
      option: 'validation.y',
      message: /validation\.y has 1 values, and validation\.X has 50 rows/,
    });
  });

  it('is a value that is not finite, by its place', async () => {
    const validation = {
      X: [
        [1, 2],
        [3, NaN],
      ],
      y: [1, 2],
    };
    await expectRejection(batchGradientDescent(X, y, { ...batch, validation }), {
      code: 'ERR_NOT_FINITE',
      option: 'validation.X',
      row: 1,
      column: 1,
      message: /validation\.X/,
    });
  });

  it('is a label that the loss does not take', async () => {
    const labels = y.map((value) => (value > 100 ? 1 : 0));
    const validation = { X, y: labels.map((label, i) => (i === 4 ? 2 : label)) };
    const sigmoid = { ...batch, activation: 'sigmoid', loss: 'log', validation } as const;
    await expectRejection(batchGradientDescent(X, labels, sigmoid), {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'validation.y',
      row: 4,
      message: /validation\.y\[4\] is not allowed/,
    });
  });

  it('is a start of its own for partialFit, and one row alone', async () => {
    const start = { ...batch, strategy: 'batch', initialTheta: [1, 2] } as const;
    await expectRejection(new Neuron({ inputs: 2 }).partialFit(X, y, start), {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'initialTheta',
      message: /begins at the neuron's own weights/,
    });
    await expectRejection(batchGradientDescent([[1]], [1], { ...batch, validation: 0.5 }), {
      code: 'ERR_SHAPE',
      option: 'validation',
      message: /there is none to hold out/,
    });
  });
});
