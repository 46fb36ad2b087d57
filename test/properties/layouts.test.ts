import fc from 'fast-check';
import {
  type BlockRows,
  type CodeColumn,
  type CodedRows,
  type CompressedRows,
  type Device,
  type HostMatrix,
  Layer,
  type MatrixLike,
  Neuron,
  batchGradientDescent,
  lossGradient,
  openDevice,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../lib';
import { crossValidate } from '../../lib/model-selection';
import { Uniform, seeds } from '../support/arbitrary';
import { describeOnEachDevice } from '../support/each-device';

type Floats = Float32Array | Float64Array;

const shapes = fc.record({
  m: fc.integer({ min: 1, max: 300 }),
  width: fc.integer({ min: 0, max: 5 }),
  levels: fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 3 }),
});

const codeTypes = [Uint8Array, Uint16Array, Uint32Array];

interface Case {
  readonly coded: CodedRows;
  readonly written: { readonly data: Floats; readonly shape: readonly [number, number] };
  readonly y: number[];
}

/** Numbers beside codes, of which some levels may be in no row, and the same written out. */
function codedCase(
  { m, width, levels }: { m: number; width: number; levels: number[] },
  seed: number,
  floats: Float32ArrayConstructor | Float64ArrayConstructor,
): Case {
  const random = new Uniform(seed);
  const values = new floats(m * width).map(() => 4 * random.next() - 2);
  const categories: CodeColumn[] = levels.map((count, at) => ({
    codes: new (codeTypes[(seed + at) % 3] ?? Uint8Array)(m).map(() => Math.floor(random.next() * count)),
    levels: count,
  }));
  const n = levels.reduce((sum, count) => sum + count, width);
  const data = new floats(m * n);
  for (let i = 0; i < m; i += 1) {
    data.set(values.subarray(i * width, (i + 1) * width), i * n);
    let offset = width;
    for (const { codes, levels: count } of categories) {
      data[i * n + offset + (codes[i] as number)] = 1;
      offset += count;
    }
  }
  const dense: HostMatrix | undefined = width === 0 ? undefined : { data: values, shape: [m, width] };
  return {
    coded: dense === undefined ? { categories } : { dense, categories },
    written: { data, shape: [m, n] },
    y: Array.from({ length: m }, () => Math.round(random.next())),
  };
}

/** Compressed: in any order, some values in two parts that add up to the same bits, zeros left out or not. */
function compressed({ data, shape: [m, n] }: Case['written'], seed: number): CompressedRows {
  const random = new Uniform(seed);
  const [values, indices, indptr]: [number[], number[], number[]] = [[], [], [0]];
  for (let i = 0; i < m; i += 1) {
    const row: [number, number][] = [];
    for (let j = 0; j < n; j += 1) {
      const value = data[i * n + j] as number;
      if (value === 0 && random.next() < 0.9) continue;
      // Halves add up without rounding.
      if (random.next() < 0.2) row.push([j, value / 2], [j, value / 2]);
      else row.push([j, value]);
    }
    row.sort(() => random.next() - 0.5);
    values.push(...row.map(([, value]) => value));
    indices.push(...row.map(([j]) => j));
    indptr.push(values.length);
  }
  const floats = data instanceof Float32Array ? Float32Array : Float64Array;
  return {
    data: floats.from(values),
    indices: Int32Array.from(indices),
    indptr: Uint32Array.from(indptr),
    shape: [m, n],
  };
}

/** The same as blocks of a few rows, of another type where it holds them; without their count where that is `untold`. */
function inBlocks(
  { data, shape: [rows, columns] }: Case['written'],
  each: number,
  untold = false,
): BlockRows {
  const dtype = data instanceof Float32Array ? 'float32' : 'float64';
  return {
    ...(untold ? {} : { rows }),
    ...{ columns, dtype },
    *blocks() {
      for (let at = 0; at < data.length; at += each * columns) yield data.slice(at, at + each * columns);
    },
  };
}

/** What is computed of X: numbers that depend on it smoothly, and those of fits that end where they stand still. */
interface Answers {
  readonly steps: number[];
  readonly optima: number[];
}

/** What everything that takes an X makes of it. */
async function answers(X: MatrixLike, y: number[], seed: number, device: string | Device): Promise<Answers> {
  const random = new Uniform(seed);
  // Some rows may not count, and the first one does.
  const sampleWeight = y.map(
    (_, i) => Math.floor(3 * random.next()) + (i === 0 || random.next() < 0.9 ? 0.5 : 0),
  );
  const options = { device, learningRate: 0.05 };
  const some = { ...options, seed: 3, epochs: 1 };
  const batch = await batchGradientDescent(X, y, { ...options, iterations: 3 });
  const descents = [
    batch,
    await batchGradientDescent(X, y, { ...options, iterations: 3, plan: 'gram', sampleWeight }),
    await batchGradientDescent(X, y, { ...options, iterations: 3, l1: 1e-3, optimizer: 'adagrad' }),
    await stochasticGradientDescent(X, y, { ...some, l2: 1e-3 }),
    await stochasticGradientDescent(X, y, { ...some, sampleWeight, optimizer: 'adam' }),
    await miniBatchGradientDescent(X, y, { ...some, batchSize: 7, l1: 1e-3, sampleWeight }),
  ];
  const { loss, gradient } = await lossGradient(X, y, { theta: batch.theta, device });
  const inputs = batch.theta.length;
  const rated = { device, learningRate: 0.05, standardize: true } as const;
  const stepping = [
    new Neuron({ inputs, activation: 'sigmoid' }),
    new Neuron({ inputs, activation: 'sigmoid' }),
    new Neuron({ inputs, activation: 'tanh' }),
  ] as const;
  await stepping[0].fit(X, y, { ...rated, iterations: 4, sampleWeight });
  await stepping[1].fit(X, y, { ...rated, strategy: 'stochastic', seed: 5, epochs: 1 });
  await stepping[2].fit(X, y, { ...rated, strategy: 'mini-batch', seed: 5, epochs: 1, validation: { X, y } });
  const layer = new Layer({ inputs, outputs: 3, activation: 'softmax' });
  const labels = y.map((value, i) => value + (i % 2));
  await layer.fit(X, labels, { ...rated, iterations: 4, plan: 'fused', sampleWeight });
  const neuron = new Neuron({ inputs, activation: 'sigmoid' });
  // Without an intercept, which runs away where all labels are equal.
  await neuron.fit(X, y, { device, optimizer: 'lbfgs', l2: 0.1, sampleWeight, fitIntercept: false });
  const both = y.map((value, i) => [value, 1 - value + (i % 3)]);
  const line = new Layer({ inputs, outputs: 2 });
  await line.fit(X, both, { device, l2: 0.1 });
  return {
    steps: [
      ...descents.flatMap(({ theta, intercept, loss: found }) => [...theta, intercept, ...found]),
      ...[loss, ...gradient],
      ...stepping.flatMap(({ weights, bias }) => [...weights, bias]),
      ...[...layer.weights.data, ...layer.biases],
      ...(await layer.predict(X, { device })).data,
      ...[...(await stepping[0].predict(X, { device })), await stepping[0].score(X, y, { device })],
    ],
    optima: [...neuron.weights, neuron.bias, ...line.weights.data, ...line.biases],
  };
}

/** The largest difference of two lists of numbers, as a share of the larger number of each pair, or of 1. */
function difference(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => {
    const other = b[i] as number;
    return Math.max(most, Math.abs(value - other) / Math.max(1, Math.abs(value), Math.abs(other)));
  }, 0);
}

describe.each([
  ['float32', Float32Array, { steps: 2e-5, optima: 2e-3 }],
  ['float64', Float64Array, { steps: 1e-12, optima: 1e-6 }],
] as const)('layouts of the same rows in %s', (dtype, floats, most) => {
  it('give the same numbers in everything that takes X', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, seeds, fc.integer({ min: 1, max: 50 }), async (shape, seed, each) => {
        const { coded, written, y } = codedCase(shape, seed, floats);
        const expected = await answers(written, y, seed, 'cpu');
        const layouts: MatrixLike[] = [compressed(written, seed), inBlocks(written, each)];
        // Without other columns codes are float64.
        if (coded.dense !== undefined || dtype === 'float64') layouts.push(coded);
        for (const layout of layouts) {
          const found = await answers(layout, y, seed, 'cpu');
          expect(difference(found.steps, expected.steps)).toBeLessThan(most.steps);
          expect(difference(found.optima, expected.optima)).toBeLessThan(most.optima);
        }
      }),
      { numRuns: 20 },
    );
  });
});

/** The largest difference of weights, as a share of the largest of them. */
function shareOf(a: Float64Array, b: Float64Array): number {
  const largest = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return a.reduce((most, value, j) => Math.max(most, Math.abs(value - (b[j] as number)) / largest), 0);
}

test.each([1e160, 1e80, 1e-80, 1e-150])(
  'squares of values near %p leave the range of a double',
  async (size) => {
    const { written, y } = codedCase({ m: 200, width: 3, levels: [4, 9] }, 3, Float64Array);
    const scaled = { ...written, data: written.data.map((value) => value * size) };
    const X = compressed(scaled, 8);
    const options = { device: 'cpu', learningRate: 'auto', iterations: 20 } as const;
    for (const plan of ['fused', 'gram'] as const) {
      const { theta } = await batchGradientDescent(scaled, y, { ...options, plan });
      const found = await batchGradientDescent(X, y, { ...options, plan });
      expect(shareOf(theta, found.theta)).toBeLessThan(1e-12);
    }
    const inputs = written.shape[1];
    const [dense, sparse] = [new Neuron({ inputs }), new Neuron({ inputs })];
    await dense.fit(scaled, y, { device: 'cpu', l2: 0.1 });
    await sparse.fit(X, y, { device: 'cpu', l2: 0.1 });
    expect(shareOf(dense.weights, sparse.weights)).toBeLessThan(1e-9);
  },
);

describeOnEachDevice('layouts of the same rows', (target) => {
  it.each(target.dtypes)('are the same rows there, in %s', async (dtype) => {
    const floats = dtype === 'float32' ? Float32Array : Float64Array;
    // Several blocks on the CPU, several segments of a column on others.
    const { coded, written, y } = codedCase({ m: 5003, width: 3, levels: [40, 7, 1] }, 29, floats);
    const options = { learningRate: 0.05, iterations: 3, device: target.device };
    const { theta, loss } = await batchGradientDescent(written, y, options);
    const rounding = dtype === 'float32' ? 1e-6 : 1e-14;
    for (const X of [coded, compressed(written, 5), inBlocks(written, 211), inBlocks(written, 211, true)]) {
      const resident = await target.device.matrix(X);
      expect([resident.shape, resident.dtype]).toEqual([written.shape, dtype]);
      expect(await resident.read(4990, 13)).toEqual(
        written.data.slice(4990 * written.shape[1], 5003 * written.shape[1]),
      );
      const bits: number[][] = [];
      for (const form of [X, resident]) {
        const found = await batchGradientDescent(form, y, options);
        bits.push([...found.theta, ...found.loss]);
        const far = difference(bits.at(-1) ?? [], [...theta, ...loss]);
        expect(far).toBeLessThanOrEqual('blocks' in X ? 0 : rounding);
      }
      expect(bits[0]).toEqual(bits[1]);
      resident.dispose();
    }
  });

  it.each([1, 3])(
    'are so where X has room and δ of %p outputs may have none, and over many steps',
    async (outputs) => {
      const dtype = target.dtypes.at(-1) ?? 'float32';
      const floats = dtype === 'float32' ? Float32Array : Float64Array;
      const { coded, written, y } = codedCase({ m: 1500, width: 2, levels: [6] }, 7, floats);
      const targets = y.map((value, i) => [value, i % 5, 1].slice(0, outputs));
      const { device } = target;
      const fit = async (X: MatrixLike): Promise<number[]> => {
        const layer = new Layer({ inputs: 8, outputs });
        const rated = { device, dtype, learningRate: 0.1, plan: 'fused', standardize: true } as const;
        await layer.fit(X, targets, { ...rated, iterations: 40 });
        return [...layer.weights.data, ...layer.biases, ...(await layer.predict(X, { device, dtype })).data];
      };
      const most = dtype === 'float64' ? 1e-12 : 1e-4;
      expect(difference(await fit(coded), await fit(written))).toBeLessThan(most);
    },
  );

  it('give the same numbers there in everything that takes X', async () => {
    if (target.isCpu) return; // above, more often
    // One shape, so that few kernels are compiled: a level is in no row, one in every row.
    const dtype = target.dtypes.at(-1) ?? 'float32';
    const floats = dtype === 'float32' ? Float32Array : Float64Array;
    const most = dtype === 'float32' ? { steps: 5e-5, optima: 5e-3 } : { steps: 1e-12, optima: 1e-6 };
    const [seed = 0] = fc.sample(seeds, 1);
    const { coded, written, y } = codedCase({ m: 61, width: 3, levels: [1, 300, 9] }, seed, floats);
    const expected = await answers(written, y, seed, 'cpu');
    for (const layout of [coded, compressed(written, seed)]) {
      const found = await answers(layout, y, seed, target.device);
      const steps = difference(found.steps, expected.steps) < most.steps;
      const optima = difference(found.optima, expected.optima) < most.optima;
      expect({ seed, steps, optima }).toEqual({ seed, steps: true, optima: true });
    }
  });
});

test('targets arrive in blocks as well, and folds take any layout', async () => {
  const { coded, written, y } = codedCase({ m: 120, width: 3, levels: [5] }, 11, Float64Array);
  const targets: MatrixLike = { rows: 120, columns: 1, dtype: 'float64', blocks: () => [Uint8Array.from(y)] };
  const options = { device: 'cpu', learningRate: 0.1, iterations: 5 };
  const plain = await batchGradientDescent(written, y, options);
  expect(await batchGradientDescent(written, targets, options)).toMatchObject({
    theta: plain.theta,
    loss: plain.loss,
  });
  const folds = { folds: 3, grid: { l2: [0.1, 1] }, activation: 'sigmoid', device: 'cpu' } as const;
  const { candidates } = await crossValidate(written, y, folds);
  for (const X of [coded, compressed(written, 2), inBlocks(written, 17), inBlocks(written, 17, true)]) {
    const found = await crossValidate(X, y, folds);
    for (const [i, { losses, scores }] of found.candidates.entries()) {
      expect(difference([...losses], [...(candidates[i]?.losses ?? [])])).toBeLessThan(1e-7);
      expect(scores).toEqual(candidates[i]?.scores);
    }
  }
});

test.each([Infinity, -Infinity, NaN])('%p among compressed values is named as it is', async (value) => {
  const X: CompressedRows = {
    data: Float64Array.of(1, 2, value),
    indices: Uint8Array.of(0, 2, 1),
    indptr: Uint8Array.of(0, 1, 1, 3),
    shape: [3, 3],
  };
  const refusal = { code: 'ERR_NOT_FINITE', row: 2, column: 1 };
  for (const standardize of [true, false]) {
    const fitted = new Neuron({ inputs: 3 }).fit(X, [1, 2, 3], { device: 'cpu', standardize });
    await expect(fitted).rejects.toMatchObject(refusal);
    await expect(fitted).rejects.toThrow(`column 1 is ${value};`);
  }
});

describe('rows of which it is not said how many they are', () => {
  const counted: BlockRows = {
    ...{ rows: 12, columns: 2, dtype: 'float64' },
    *blocks() {
      for (let i = 0; i < 12; i += 3)
        yield Float64Array.from({ length: 6 }, (_, at) => Math.sin(3 * i + at * at));
    },
  };
  const uncounted = (): BlockRows => ({ columns: 2, dtype: 'float64', blocks: () => counted.blocks() });
  const y = Float64Array.from({ length: 12 }, (_, i) => i % 2);
  const options = { learningRate: 0.1, device: 'cpu' } as const;
  const calls: [string, (X: BlockRows) => Promise<unknown>][] = [
    ['batchGradientDescent', (X) => batchGradientDescent(X, y, { ...options, iterations: 4 })],
    ['stochasticGradientDescent', (X) => stochasticGradientDescent(X, y, { ...options, epochs: 2, seed: 1 })],
    ['miniBatchGradientDescent', (X) => miniBatchGradientDescent(X, y, { ...options, epochs: 2, seed: 1 })],
    ['lossGradient', (X) => lossGradient(X, y, { theta: [1, -1], device: 'cpu' })],
    ['crossValidate', (X) => crossValidate(X, y, { folds: 3, activation: 'sigmoid', device: 'cpu' })],
    [
      'Neuron',
      async (X) => {
        const neuron = new Neuron({ inputs: 2, activation: 'sigmoid' });
        await neuron.fit(X, y, { l2: 0.1, device: 'cpu' });
        await neuron.partialFit(X, y, { l2: 0.1, device: 'cpu' });
        return [neuron, await neuron.predict(X), await neuron.predictLabels(X), await neuron.score(X, y)];
      },
    ],
    [
      'Layer',
      async (X) => {
        const layer = new Layer({ inputs: 2, outputs: 2, activation: 'softmax' });
        await layer.fit(X, y, { l2: 0.1, device: 'cpu' });
        await layer.partialFit(X, y, { l2: 0.1, device: 'cpu' });
        return [layer, await layer.predict(X), await layer.predictLabels(X), await layer.score(X, y)];
      },
    ],
    [
      'device.matrix',
      async (X) => {
        const device = await openDevice('cpu');
        const matrix = await device.matrix(X);
        const found = [matrix.shape, await matrix.read(0, 12)];
        await device.close();
        return found;
      },
    ],
  ];

  it.each(calls)('are counted first: %s', async (_, call) => {
    const plain = (found: unknown): unknown =>
      JSON.parse(JSON.stringify(found, (key, value: unknown) => (key === 'seconds' ? 0 : value)));
    expect(plain(await call(uncounted()))).toEqual(plain(await call(counted)));
  });

  it('end with the signal while they are counted', async () => {
    const controller = new AbortController();
    const endless: BlockRows = {
      ...{ columns: 2, dtype: 'float64' },
      async *blocks() {
        for (let block = 0; ; block += 1) {
          if (block === 100) controller.abort();
          yield await Promise.resolve(new Float64Array(2));
        }
      },
    };
    const fit = new Neuron({ inputs: 2 }).fit(endless, y, { signal: controller.signal });
    await expect(fit).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('are refused in place of y, and to validate with', async () => {
    const validation = { X: uncounted(), y };
    const expected = (option: string): object => ({
      ...{ code: 'ERR_SHAPE', option },
      message: `${option}.rows is left out, which is possible for X alone: say how many there are`,
    });
    await expect(new Neuron({ inputs: 2 }).fit(counted, y, { validation })).rejects.toMatchObject(
      expected('validation.X'),
    );
    const ofTargets = batchGradientDescent(counted, uncounted(), { ...options, iterations: 1 });
    await expect(ofTargets).rejects.toMatchObject(expected('y'));
  });
});
