import fc from 'fast-check';
import { type CompressedRows, Layer, batchGradientDescent, lossGradient, openDevice } from '../../lib';
import { Uniform, seeds } from '../support/arbitrary';
import { compressedRows, writtenOut } from '../support/compressed-rows';
import { withEnvironment } from '../support/each-device';
import { relativeError } from '../support/expectations';

/** Compressed rows that are held in the order in which columns are used, as those of many columns are: the words of texts. */
function texts(
  seed: number,
  each: 'few' | 'many',
): { X: CompressedRows; m: number; n: number; random: Uniform } {
  const random = new Uniform(seed);
  const [m, n] = [400 + Math.floor(200 * random.next()), 4096 + Math.floor(600 * random.next())];
  // A few values a column, of which some are in no row.
  const X = compressedRows(m, n, each === 'few' ? Math.ceil((1.5 * n) / m) : 40, random, 3);
  return { X, m, n, random };
}

const cpu = { device: 'cpu', dtype: 'float64' } as const;

const fits: [string, object][] = [
  ['batch, momentum', { strategy: 'batch', optimizer: 'momentum', learningRate: 0.3, iterations: 15 }],
  ['batch, l1', { strategy: 'batch', l1: 0.002, learningRate: 0.5, iterations: 25 }],
  ['L-BFGS', { strategy: 'batch', optimizer: 'lbfgs', l2: 0.05, iterations: 2000 }],
  ['L-BFGS, l1', { strategy: 'batch', optimizer: 'lbfgs', l1: 0.01, l2: 0.01, iterations: 2000 }],
  ['steps over rows', { strategy: 'stochastic', l2: 0.01, learningRate: 0.05, epochs: 3, seed: 5 }],
  ['steps over rows, l1', { strategy: 'stochastic', l1: 0.01, learningRate: 0.05, epochs: 3, seed: 5 }],
  [
    'batches, adam',
    { strategy: 'mini-batch', batchSize: 50, optimizer: 'adam', learningRate: 0.01, epochs: 2, seed: 5 },
  ],
  ['batches', { strategy: 'mini-batch', batchSize: 7, learningRate: 0.05, epochs: 3, seed: 5 }],
];

describe('rows of thousands of columns, of which some are used much more', () => {
  test.each(
    fits.flatMap(([name, options]) =>
      (['few', 'many'] as const).map((each) => [name, each, options] as const),
    ),
  )('are learned from as they are with their zeros: %s, %s a row', async (_, each, options) => {
    const property = fc.asyncProperty(
      seeds,
      fc.constantFrom('linear', 'sigmoid', 'softmax'),
      async (seed, activation) => {
        const { X, m, n, random } = texts(seed, each);
        const outputs = activation === 'softmax' ? 3 : 1;
        const classes = activation === 'softmax' ? 3 : 2;
        const y = Float64Array.from({ length: m }, () => Math.floor(classes * random.next()));
        const fitted = async (rows: CompressedRows | ReturnType<typeof writtenOut>) => {
          const layer = new Layer({ inputs: n, outputs, activation });
          const targets = activation === 'softmax' ? y : { data: y, shape: [m, 1] as const };
          const { loss } = await layer.fit(rows, targets, { ...options, ...cpu });
          const predicted = await layer.predict(rows, cpu);
          return { weights: [...layer.weights.data, ...layer.biases], loss, predicted: predicted.data };
        };
        const [found, expected] = [await fitted(X), await fitted(writtenOut(X))];
        // Optima are where the gradient is about 1e-8 of what it was.
        const within = 'optimizer' in options && options.optimizer === 'lbfgs' ? 1e-5 : 1e-11;
        expect(relativeError(found.weights, expected.weights)).toBeLessThan(within);
        expect(relativeError(found.predicted, expected.predicted)).toBeLessThan(within);
        // Optima are found in steps of their own.
        const told = (loss: readonly number[] | Float64Array): number[] =>
          within > 1e-11 ? [...loss].slice(-1) : [...loss];
        expect(relativeError(told(found.loss), told(expected.loss))).toBeLessThan(1e-11);
      },
    );
    await fc.assert(property, { numRuns: 3 });
  });

  test.each(['few', 'many'] as const)('have the gradient of each column: %s a row', async (each) => {
    const property = fc.asyncProperty(seeds, async (seed) => {
      const { X, m, n, random } = texts(seed, each);
      const y = new Float64Array(m).map(() => random.next());
      const sampleWeight = new Float64Array(m).map(() => random.integer(0, 2));
      const theta = new Float64Array(n).map(() => random.next() - 0.5);
      const gradientOf = async (
        rows: CompressedRows | ReturnType<typeof writtenOut>,
        threads?: number,
      ): Promise<number[]> => {
        const variables: Record<string, string> =
          threads === undefined ? {} : { THALWEG_THREADS: String(threads) };
        const device = await withEnvironment(variables, () => openDevice('cpu'));
        const { gradient } = await lossGradient(rows, y, { theta, sampleWeight, dtype: 'float64', device });
        await device.close();
        return [...gradient];
      };
      const [found, expected] = [await gradientOf(X), await gradientOf(writtenOut(X))];
      expect(relativeError(found, expected)).toBeLessThan(1e-12);
      // The same bits, however many threads there are.
      expect(await gradientOf(X, 1)).toEqual(found);
      expect(await gradientOf(X, 3)).toEqual(found);
      // Columns that no row holds have none.
      const used = new Set<number>([...X.indices].map(Number));
      const others = [...found.keys()].filter((j) => !used.has(j));
      expect(others.length).toBeGreaterThan(0);
      expect(others.filter((j) => found[j] !== 0)).toEqual([]);
    });
    await fc.assert(property, { numRuns: 5 });
  });

  test.each(['float32', 'float64'] as const)(
    'give the same bits in each pass, row by row at first and later column by column: %s',
    async (dtype) => {
      const property = fc.asyncProperty(seeds, fc.constantFrom(1, 3), async (seed, outputs) => {
        const { X, m, random } = texts(seed, 'many');
        const y = new Float64Array(m).map(() => Math.floor(outputs * random.next()));
        const device = await openDevice('cpu');
        const matrix = await device.matrix(X, { dtype });
        const targets = await device.matrix({ data: y, shape: [m, 1] }, { dtype });
        const step = { learningRate: 0.3, iterations: 1, plan: 'fused', device } as const;
        const objective = outputs === 1 ? {} : ({ activation: 'softmax', classes: outputs } as const);
        const found: number[][] = [];
        for (let pass = 0; pass < 5; pass += 1) {
          const { theta, intercepts } = await batchGradientDescent(matrix, targets, {
            ...objective,
            ...step,
          });
          found.push([...theta, ...intercepts]);
        }
        const { theta } = await batchGradientDescent(writtenOut(X), y, { ...objective, ...step, dtype });
        await device.close();
        expect(relativeError((found[0] as number[]).slice(0, theta.length), theta)).toBeLessThan(
          dtype === 'float32' ? 1e-5 : 1e-12,
        );
        for (const later of found.slice(1)) expect(later).toEqual(found[0]);
      });
      await fc.assert(property, { numRuns: 4 });
    },
  );

  test('are put by columns in pieces by several threads: the gradient of each column, and the same bits', async () => {
    const random = new Uniform(23);
    // Some 300,000 values: 18 pieces, and rows enough that the signal is looked at while they are put there.
    const [m, n] = [20_000, 8192];
    const X = compressedRows(m, n, 15, random, 3);
    const y = new Float64Array(m).map(() => random.next());
    const z = new Float64Array(m);
    const expected = new Float64Array(n);
    const theta = new Float64Array(n).map(() => random.next() - 0.5);
    for (let row = 0; row < m; row += 1)
      for (let e = Number(X.indptr[row]); e < Number(X.indptr[row + 1]); e += 1)
        z[row] = (z[row] as number) + (X.data[e] as number) * (theta[Number(X.indices[e])] as number);
    for (let row = 0; row < m; row += 1)
      for (let e = Number(X.indptr[row]); e < Number(X.indptr[row + 1]); e += 1) {
        const j = Number(X.indices[e]);
        const delta = (2 / m) * ((z[row] as number) - (y[row] as number));
        expected[j] = (expected[j] as number) + delta * (X.data[e] as number);
      }
    const device = await withEnvironment({ THALWEG_THREADS: '3' }, () => openDevice('cpu'));
    const matrix = await device.matrix(X);
    const found: number[][] = [];
    for (let pass = 0; pass < 7; pass += 1) {
      const { gradient } = await lossGradient(matrix, y, { theta, device });
      found.push([...gradient]);
    }
    await device.close();
    expect(relativeError(found[0] as number[], [...expected])).toBeLessThan(1e-12);
    for (const later of found.slice(1)) expect(later).toEqual(found[0]);
  });

  test('are passed over by descents of which some are cancelled at any moment: the others have the same bits', async () => {
    const random = new Uniform(17);
    const [m, n] = [40_000, 8192];
    const X = compressedRows(m, n, 10, random, 3);
    const y = new Float64Array(m).map(() => random.next());
    const device = await openDevice('cpu');
    const options = { learningRate: 0.3, iterations: 8, plan: 'fused', device } as const;
    const alone = await batchGradientDescent(await device.matrix(X), y, options);
    const ends = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      const matrix = await device.matrix(X);
      const signal = AbortSignal.timeout(2 * round);
      const cancelled = batchGradientDescent(matrix, y, { ...options, iterations: 400, signal });
      ends.add(
        await cancelled.then(
          () => 'completed',
          () => 'cancelled',
        ),
      );
      const { theta } = await batchGradientDescent(matrix, y, options);
      expect(theta).toEqual(alone.theta);
      matrix.dispose();
    }
    expect(ends).toContain('cancelled');
    await device.close();
  });

  test('are read in any order of their columns and in blocks: the same model', async () => {
    const { X, m, n, random } = texts(11, 'many');
    const y = new Float64Array(m).map(() => random.next());
    const order = Int32Array.from({ length: n }, (_, j) => j);
    for (let j = n - 1; j > 0; j -= 1) {
      const other = Math.floor(random.next() * (j + 1));
      [order[j], order[other]] = [order[other] as number, order[j] as number];
    }
    const moved: CompressedRows = {
      ...X,
      indices: Int32Array.from(X.indices, (j) => order[j] as number),
    };
    const options = { learningRate: 0.3, iterations: 20, ...cpu };
    const here = await batchGradientDescent(X, y, options);
    const there = await batchGradientDescent(moved, y, options);
    const back = Array.from({ length: n }, (_, j) => there.theta[order[j] as number] as number);
    expect(relativeError(back, here.theta)).toBeLessThan(1e-12);
    const device = await openDevice('cpu');
    const matrix = await device.matrix(X);
    const again = await batchGradientDescent(matrix, y, { learningRate: 0.3, iterations: 20, device });
    expect(relativeError(again.theta, here.theta)).toBeLessThan(1e-12);
    matrix.dispose();
    await device.close();
  });
});
