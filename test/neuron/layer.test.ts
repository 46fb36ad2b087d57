import {
  Layer,
  type LayerActivationName,
  type LayerTargets,
  Neuron,
  ThalwegError,
  batchGradientDescent,
  lossGradient,
  miniBatchGradientDescent,
  openDevice,
} from '../../lib';
import { Uniform } from '../support/arbitrary';
import { bits, relativeError } from '../support/expectations';

const device = 'cpu';
const random = new Uniform(7);
const [m, n, K] = [131, 5, 4];
const X = { data: random.array(m * n, () => random.signed()), shape: [m, n] as [number, number] };
const Y = { data: random.array(m * K, () => random.signed()), shape: [m, K] as [number, number] };
const column = (k: number): Float64Array =>
  Float64Array.from({ length: m }, (_, i) => Y.data[i * K + k] as number);
const labels = Float64Array.from({ length: m }, (_, i) => (i + ((X.data[i * n] as number) > 0 ? 1 : 0)) % K);
const batch = { strategy: 'batch', learningRate: 0.1, iterations: 30, device } as const;

describe('several outputs', () => {
  const options = {
    learningRate: 0.1,
    iterations: 30,
    fitIntercept: true,
    l1: 0.01,
    l2: 0.1,
    device,
  } as const;

  it.each(['fused', 'gram'] as const)('of squared losses are neurons side by side: %s', async (plan) => {
    const all = await batchGradientDescent(X, Y, { ...options, plan });
    const loss = new Float64Array(all.loss.length);
    for (let k = 0; k < K; k += 1) {
      const one = await batchGradientDescent(X, column(k), { ...options, plan: 'fused' });
      const theta = Float64Array.from({ length: n }, (_, j) => all.theta[j * K + k] as number);
      expect(
        relativeError([...theta, all.intercepts[k] as number], [...one.theta, one.intercept]),
      ).toBeLessThan(1e-13);
      for (const [at, value] of one.loss.entries()) loss[at] = (loss[at] as number) + value;
    }
    expect(all.plan).toBe(plan);
    expect(relativeError([...all.loss], [...loss])).toBeLessThan(1e-13);
  });

  it('give the bits of a neuron where there is one', async () => {
    const one = await batchGradientDescent(X, column(0), options);
    const rows = await batchGradientDescent(X, { data: column(0), shape: [m, 1] }, options);
    expect(bits(rows.theta)).toBe(bits(one.theta));
    expect(rows.intercept).toBe(one.intercept);
    expect(rows.intercepts).toEqual(Float64Array.of(one.intercept));
  });

  it('find a rate for all of them', async () => {
    const { loss, learningRate } = await batchGradientDescent(X, Y, { ...options, learningRate: 'auto' });
    expect(learningRate).toBeGreaterThan(0);
    for (let at = 1; at < loss.length; at += 1) expect(loss[at]).toBeLessThanOrEqual(loss[at - 1] as number);
  });

  it('take L-BFGS to the optimum of softmax, where the gradient is 0', async () => {
    const softmax = { activation: 'softmax', l2: 0.01, fitIntercept: true, device } as const;
    const found = await batchGradientDescent(X, labels, { ...softmax, optimizer: 'lbfgs', iterations: 500 });
    expect(found.converged).toBe(true);
    const { theta, intercepts } = found;
    const at = await lossGradient(X, labels, { ...softmax, theta, intercept: intercepts });
    expect(Math.max(...at.gradient.map(Math.abs), ...at.interceptGradients.map(Math.abs))).toBeLessThan(1e-7);
  });

  it.each([1, 2, 3, 5, 16, 17, 40])('of %i classes have the gradient of their loss', async (classes) => {
    const y = Float64Array.from({ length: m }, (_, i) => i % Math.max(classes, 2));
    const outputs = Math.max(classes, 2);
    const theta = random.array(n * outputs, () => random.signed());
    const at = { activation: 'softmax', classes: outputs, l2: 0.3, fitIntercept: true, device } as const;
    const { gradient, interceptGradients } = await lossGradient(X, y, { ...at, theta });
    const h = 1e-5;
    const lossAt = async (moved: Float64Array, b: Float64Array): Promise<number> =>
      (await lossGradient(X, y, { ...at, theta: moved, intercept: b })).loss;
    const zero = new Float64Array(outputs);
    for (const which of [0, n * outputs - 1, outputs]) {
      const [up, down] = [theta.slice(), theta.slice()];
      up[which] = (up[which] as number) + h;
      down[which] = (down[which] as number) - h;
      const slope = ((await lossAt(up, zero)) - (await lossAt(down, zero))) / (2 * h);
      expect(Math.abs(slope - (gradient[which] as number))).toBeLessThan(1e-9);
    }
    const [up, down] = [zero.slice(), zero.slice()];
    up[1] = h;
    down[1] = -h;
    const slope = ((await lossAt(theta, up)) - (await lossAt(theta, down))) / (2 * h);
    expect(Math.abs(slope - (interceptGradients[1] as number))).toBeLessThan(1e-9);
  });

  it.each([
    ['linear', 'squared', 'fused'],
    ['linear', 'squared', 'gram'],
    ['tanh', 'huber', 'fused'],
    ['softmax', 'cross-entropy', 'fused'],
  ] as const)('count rows by their weights: %s, %s, %s', async (activation, loss, plan) => {
    const sampleWeight = Float64Array.from({ length: m }, (_, i) => i % 3);
    const again = [...sampleWeight.keys()].flatMap((i) => Array.from({ length: i % 3 }, () => i));
    const rowsOf = (data: Float64Array, width: number): number[][] =>
      again.map((i) => [...data.subarray(i * width, (i + 1) * width)]);
    const softmax = activation === 'softmax';
    const common = { ...options, activation, loss, plan, ...(softmax ? { classes: K } : {}) };
    const twice = softmax ? again.map((i) => labels[i] as number) : rowsOf(Y.data, K);
    const weighted = await batchGradientDescent(X, softmax ? labels : Y, { ...common, sampleWeight });
    const repeated = await batchGradientDescent(rowsOf(X.data, n), twice, common);
    expect(relativeError([...weighted.theta], [...repeated.theta])).toBeLessThan(1e-12);
    expect(relativeError([...weighted.intercepts], [...repeated.intercepts])).toBeLessThan(1e-12);
    expect(relativeError([...weighted.loss], [...repeated.loss])).toBeLessThan(1e-12);
  });

  it('diverge loudly', async () => {
    const options = { learningRate: 1e3, iterations: 1000, device } as const;
    await expect(batchGradientDescent(X, Y, options)).rejects.toMatchObject({ code: 'ERR_DIVERGED' });
  });
});

describe('Layer', () => {
  const activations: LayerActivationName[] = [
    'linear',
    'sigmoid',
    'tanh',
    'relu',
    'softplus',
    'exp',
    'softmax',
  ];

  it.each(activations)('has one output and many alike: %s', async (activation) => {
    const weights = Array.from({ length: n }, () => [...random.array(K, () => random.signed())]);
    const biases = random.array(K, () => random.signed());
    const layer = new Layer({ weights, biases, activation });
    const { data, shape } = await layer.predict(X, { device });
    expect(shape).toEqual([m, K]);
    for (const row of [0, 1, m - 1]) {
      const right = layer.output(X.data.subarray(row * n, (row + 1) * n));
      expect(relativeError([...data.subarray(row * K, (row + 1) * K)], [...right])).toBeLessThan(1e-14);
    }
  });

  it('gives shares of 1', async () => {
    const weights = {
      data: random.array(n * K, () => 100 * random.signed()),
      shape: [n, K] as [number, number],
    };
    const { data } = await new Layer({ weights, activation: 'softmax' }).predict(X, { device });
    for (let row = 0; row < m; row += 1) {
      const shares = data.subarray(row * K, (row + 1) * K);
      expect(Math.abs(shares.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(1e-14);
    }
  });

  it('of one output is a neuron, bit for bit', async () => {
    const layer = new Layer({ inputs: n, outputs: 1, activation: 'tanh' });
    const neuron = new Neuron({ inputs: n, activation: 'tanh' });
    const found = await layer.fit(X, column(0), { ...batch, standardize: true });
    await neuron.fit(X, column(0), { ...batch, standardize: true });
    expect(bits(layer.weights.data)).toBe(bits(neuron.weights));
    expect(layer.biases[0]).toBe(neuron.bias);
    expect(found.intercept).toBe(neuron.bias);
    expect((await layer.predict(X, { device })).data).toEqual(await neuron.predict(X, { device }));
    expect(await layer.score(X, column(0), { device })).toBe(await neuron.score(X, column(0), { device }));
  });

  it('learns scaled features, and folds the scaling back', async () => {
    const scaled = { data: X.data.map((value, at) => value * 10 ** (at % n) + (at % n)), shape: X.shape };
    const layer = new Layer({ inputs: n, outputs: K });
    await layer.fit(scaled, Y, { ...batch, learningRate: 'auto', iterations: 2000, standardize: true });
    const neuron = new Neuron({ inputs: n });
    await neuron.fit(scaled, column(2), {
      ...batch,
      learningRate: 'auto',
      iterations: 2000,
      standardize: true,
    });
    const { data } = layer.weights;
    const theta = Float64Array.from({ length: n }, (_, j) => data[j * K + 2] as number);
    expect(
      relativeError([...theta, layer.biases[2] as number], [...neuron.weights, neuron.bias]),
    ).toBeLessThan(1e-12);
  });

  it.each([
    ['texts', ['ash', 'fir', 'oak', 'yew'], undefined],
    ['texts in an order of their own', ['yew', 'ash', 'oak', 'fir'], ['yew', 'ash', 'oak', 'fir']],
    ['numbers', [30, 10, 20, -1], [30, 10, 20, -1]],
    ['any labels', [true, 'no', 7, false], [true, 'no', 7, false]],
  ] as const)('takes %s for labels', async (_, names, classes) => {
    const named = [...labels].map((label) => names[label]) as unknown as LayerTargets;
    const layer = new Layer({ inputs: n, outputs: K, activation: 'softmax', ...(classes && { classes }) });
    const numbered = new Layer({ inputs: n, outputs: K, activation: 'softmax' });
    await layer.fit(X, named, batch);
    await numbered.fit(X, labels, batch);
    expect(layer.classes).toEqual(names);
    expect(bits(layer.weights.data)).toBe(bits(numbered.weights.data));
    const found = await layer.predictLabels(X, { device });
    expect(found).toBeInstanceOf(Int32Array);
    const right = found.reduce((sum, label, i) => sum + (label === labels[i] ? 1 : 0), 0);
    expect(await layer.score(X, named, { device })).toBe(right / m);
    expect(await numbered.score(X, labels, { device })).toBe(right / m);
  });

  it('counts classes and rows by their weights', async () => {
    const [few, many] = [
      new Layer({ inputs: n, outputs: K, activation: 'softmax' }),
      new Layer({ inputs: n, outputs: K, activation: 'softmax' }),
    ];
    const sampleWeight = labels.map((label) => [1, 2, 3, 0][label] as number);
    await few.fit(X, labels, { ...batch, classWeight: [1, 2, 3, 0] });
    await many.fit(X, labels, { ...batch, sampleWeight });
    expect(bits(few.weights.data)).toBe(bits(many.weights.data));
    const found = await few.predictLabels(X, { device });
    let [right, all] = [0, 0];
    for (const [i, weight] of sampleWeight.entries()) {
      all += weight;
      right += found[i] === labels[i] ? weight : 0;
    }
    expect(await few.score(X, labels, { device, sampleWeight })).toBeCloseTo(right / all, 12);
  });

  it('is written as JSON and read again', async () => {
    const layer = new Layer({ inputs: n, outputs: K, activation: 'softmax', classes: ['a', 'b', 'c', 'd'] });
    await layer.fit(
      X,
      [...labels].map((label) => 'abcd'[label] as string),
      batch,
    );
    const again = Layer.fromJSON(JSON.parse(JSON.stringify(layer)));
    expect(bits(again.weights.data)).toBe(bits(layer.weights.data));
    expect(again.weights.shape).toEqual([n, K]);
    expect([again.biases, again.activation, again.classes]).toEqual([layer.biases, 'softmax', layer.classes]);
  });

  it('scores as scikit-learn: the mean R² of outputs, and rows whose every sigmoid is right', async () => {
    const linear = new Layer({ weights: [[1, 2]] });
    expect(
      await linear.score(
        [[0], [1], [2]],
        [
          [0, 0],
          [1, 2],
          [2, 3],
        ],
        { device },
      ),
    ).toBeCloseTo((1 + 11 / 14) / 2, 12);
    const sigmoid = new Layer({ weights: [[1, -1]], activation: 'sigmoid' });
    const bitsOf = [
      [1, 0],
      [1, 1],
      [0, 1],
    ];
    expect(await sigmoid.score([[1], [1], [-1]], bitsOf, { device })).toBeCloseTo(2 / 3, 12);
    expect(await sigmoid.predictLabels([[1], [-1]], { device })).toEqual(Int32Array.of(0, 1));
  });

  it('keeps what it has when a fit fails', async () => {
    const layer = new Layer({ weights: [[1, 2]], biases: [3, 4] });
    const options = { ...batch, learningRate: 1e9, iterations: 1000 };
    await expect(
      layer.fit(
        [[1], [2]],
        [
          [1, 2],
          [3, 4],
        ],
        options,
      ),
    ).rejects.toBeInstanceOf(ThalwegError);
    expect(layer.toJSON()).toEqual({ weights: [[1, 2]], biases: [3, 4], activation: 'linear' });
  });

  it('takes matrices of a device', async () => {
    await using cpu = await openDevice('cpu');
    const [matrix, targets] = [await cpu.matrix(X), await cpu.matrix(Y)];
    const options = { learningRate: 0.05, epochs: 2, batchSize: 16, seed: 3 } as const;
    const there = await miniBatchGradientDescent(matrix, targets, options);
    const here = await miniBatchGradientDescent(X, Y, { ...options, device });
    expect(bits(there.theta)).toBe(bits(here.theta));
  });
});

describe('bad input of several outputs', () => {
  const softmax = { activation: 'softmax', learningRate: 0.1, iterations: 1, device } as const;
  const layer = (): Layer => new Layer({ inputs: n, outputs: K, activation: 'softmax' });
  const six = [...labels].map((label, i) => (i === 9 ? 6 : label));

  it.each<[string, () => unknown, object]>([
    [
      'a label of no class',
      () => batchGradientDescent(X, six, { ...softmax, classes: K }),
      {
        code: 'ERR_INVALID_ARGUMENT',
        option: 'y',
        row: 9,
        message: expect.stringContaining(
          "y[9] is not allowed: the labels of loss 'cross-entropy' are whole numbers from 0 to 3",
        ) as string,
      },
    ],
    ...[
      { data: Float64Array.of(1), indices: Int32Array.of(0), indptr: Int32Array.of(0, 1), shape: [1, 2] },
      { categories: [{ codes: Uint8Array.of(0, 1), levels: 2 }] },
      { rows: 1, columns: 1, dtype: 'float64', blocks: () => [Float64Array.of(1)] },
    ].map((weights): [string, () => unknown, object] => [
      `weights that are not written out, of ${Object.keys(weights).join(', ')}`,
      () => new Layer({ weights: weights as never }),
      { code: 'ERR_INVALID_ARGUMENT', option: 'weights' },
    ]),
    [
      'a label that is no integer',
      () => batchGradientDescent([[1], [2]], [0, 1.5], softmax),
      { code: 'ERR_INVALID_ARGUMENT', option: 'y', row: 1 },
    ],
    [
      'a negative label',
      () => batchGradientDescent([[1], [2]], [-1, 1], softmax),
      { code: 'ERR_INVALID_ARGUMENT', option: 'y', row: 0 },
    ],
    [
      'one class',
      () => batchGradientDescent([[1], [2]], [0, 0], softmax),
      { code: 'ERR_INVALID_ARGUMENT', option: 'y' },
    ],
    [
      'classes: 1',
      () => batchGradientDescent([[1], [2]], [0, 0], { ...softmax, classes: 1 }),
      { code: 'ERR_INVALID_ARGUMENT', option: 'classes' },
    ],
    [
      'classes without softmax',
      () => batchGradientDescent(X, Y, { learningRate: 1, iterations: 1, classes: 3 }),
      { code: 'ERR_INVALID_ARGUMENT', option: 'classes' },
    ],
    [
      'softmax with another loss',
      () => batchGradientDescent(X, labels, { ...softmax, loss: 'log' }),
      { code: 'ERR_INVALID_ARGUMENT', option: 'loss' },
    ],
    [
      'cross-entropy without softmax',
      () => batchGradientDescent(X, labels, { learningRate: 1, iterations: 1, loss: 'cross-entropy' }),
      { code: 'ERR_INVALID_ARGUMENT', option: 'activation' },
    ],
    [
      'more classes than memory',
      () => batchGradientDescent([[1], [2]], [0, 1e13], softmax),
      { code: 'ERR_OUT_OF_MEMORY' },
    ],
    [
      'labels in rows of several',
      () => batchGradientDescent(X, Y, softmax),
      { code: 'ERR_SHAPE', option: 'y' },
    ],
    [
      'initialTheta of another size',
      () =>
        batchGradientDescent(X, Y, { learningRate: 1, iterations: 1, device, initialTheta: [1, 2, 3, 4, 5] }),
      { code: 'ERR_SHAPE', option: 'initialTheta' },
    ],
    [
      'initialIntercept of another size',
      () =>
        batchGradientDescent(X, Y, {
          learningRate: 1,
          iterations: 1,
          device,
          fitIntercept: true,
          initialIntercept: [1, 2],
        }),
      { code: 'ERR_SHAPE', option: 'initialIntercept' },
    ],
    [
      'a target that a loss does not take',
      () =>
        batchGradientDescent(
          [[1], [2]],
          [
            [0, 1],
            [1, 3],
          ],
          { learningRate: 1, iterations: 1, device, activation: 'sigmoid', loss: 'log' },
        ),
      {
        code: 'ERR_INVALID_ARGUMENT',
        row: 1,
        column: 1,
        message: expect.stringContaining('y[1][1]') as string,
      },
    ],
    [
      'a value that is not finite',
      () =>
        batchGradientDescent(
          [[1], [2]],
          [
            [0, 1],
            [1, NaN],
          ],
          { learningRate: 1, iterations: 1, device },
        ),
      { code: 'ERR_NOT_FINITE', row: 1, column: 1 },
    ],
    [
      'rows of another count',
      () =>
        batchGradientDescent(
          X,
          [
            [0, 1],
            [1, 0],
          ],
          { learningRate: 1, iterations: 1, device },
        ),
      { code: 'ERR_SHAPE', option: 'y' },
    ],
    [
      'several columns for a neuron',
      () => new Neuron({ inputs: n }).fit(X, Y as never, batch),
      { code: 'ERR_SHAPE', option: 'y' },
    ],
    [
      'as many columns as the layer has no outputs',
      () => new Layer({ inputs: n, outputs: 2 }).fit(X, Y, batch),
      { code: 'ERR_SHAPE', option: 'y' },
    ],
    [
      'softmax of one output',
      () => new Layer({ inputs: 1, outputs: 1, activation: 'softmax' }),
      { code: 'ERR_INVALID_ARGUMENT', option: 'outputs' },
    ],
    [
      'softmax of a neuron',
      () => new Neuron({ inputs: 1, activation: 'softmax' as never }),
      { code: 'ERR_INVALID_ARGUMENT', option: 'activation' },
    ],
    [
      'names for fewer classes',
      () => new Layer({ inputs: 1, outputs: 3, classes: ['a', 'b'] }),
      { code: 'ERR_INVALID_ARGUMENT', option: 'classes' },
    ],
    [
      'a name twice',
      () => new Layer({ inputs: 1, outputs: 3, classes: ['a', 'b', 'a'] }),
      { code: 'ERR_INVALID_ARGUMENT', option: 'classes' },
    ],
    [
      'a label that classes lack',
      () =>
        new Layer({ inputs: 1, outputs: 3, activation: 'softmax', classes: ['a', 'b', 'c'] }).fit(
          [[1], [2]],
          ['a', 'x'],
          batch,
        ),
      {
        code: 'ERR_INVALID_ARGUMENT',
        row: 1,
        message: expect.stringContaining('y[1] is "x"; the classes are "a", "b" and "c"') as string,
      },
    ],
    [
      'texts of fewer classes',
      () => layer().fit([[1, 1, 1, 1, 1]], ['a'], batch),
      { code: 'ERR_INVALID_ARGUMENT', option: 'y' },
    ],
    ['X of another width', () => layer().predict([[1]]), { code: 'ERR_SHAPE', option: 'X' }],
    [
      'an activation in fit',
      () => layer().fit(X, labels, { ...batch, activation: 'linear' } as never),
      { code: 'ERR_INVALID_ARGUMENT', option: 'activation' },
    ],
    [
      'labels of one linear output',
      () => new Layer({ weights: [[1]] }).predictLabels([[1]]),
      { code: 'ERR_INVALID_ARGUMENT', option: 'activation' },
    ],
    [
      'biases of another count',
      () => new Layer({ weights: [[1, 2]], biases: [1] }),
      { code: 'ERR_SHAPE', option: 'biases' },
    ],
    [
      'outputs beside weights',
      () => new Layer({ weights: [[1, 2]], outputs: 2 } as never),
      { code: 'ERR_INVALID_ARGUMENT', option: 'outputs' },
    ],
    [
      'JSON that is no layer',
      () => Layer.fromJSON({ weights: [[1], [2, 3]], biases: [0], activation: 'linear' }),
      { code: 'ERR_MODEL', path: 'weights' },
    ],
  ])('refuses %s', async (_, call, expected) => {
    await expect((async () => await call())()).rejects.toMatchObject(expected);
  });
});
