import { type FitOptions, Layer, type Matrix, Neuron, openDevice } from '../../lib';
import { NumpyRandom } from '../support/numpy-random';
import { fileWriter, json, temporaryFolder, thalweg } from '../cli/thalweg';

const write = fileWriter(temporaryFolder());

/** The warnings with our code that a call leads to. */
async function warningsOf(call: () => Promise<unknown>): Promise<unknown[]> {
  const emit = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  try {
    await call();
    return emit.mock.calls
      .filter(([, options]) => (options as { code?: string }).code === 'THALWEG_NOT_CONVERGED')
      .map(([message]) => message);
  } finally {
    emit.mockRestore();
  }
}

const steps = Array.from({ length: 101 }, (_, i) => i / 10);
const sine = {
  X: steps.map((t) => [t, t ** 2, t ** 3, t ** 4]),
  y: steps.map(Math.sin),
};
const outlier = {
  X: [12, 60, 110, 30, 160, 130, 900, 220, 70, 150].map((f) => [f]),
  y: [10_000, 1, 1, 1, 0, 0, 0, 0, 0, 0],
};

/** Of one output. */
function weightsOf({ weights: { data, shape } }: Layer, output: number): number[] {
  return [...data].filter((_, at) => at % shape[1] === output);
}

describe('fit(X, y) alone', () => {
  it('finds the least squares of a polynomial', async () => {
    const neuron = new Neuron({ inputs: 4 });
    const descent = await neuron.fit(sine.X, sine.y);
    expect(descent).toMatchObject({ stopped: 'converged', converged: true });
    expect(descent).not.toHaveProperty('learningRate');
    expect(await neuron.score(sine.X, sine.y)).toBeCloseTo(0.9065, 4);
  });

  it('finds the optimum of counts with an outlier', async () => {
    const neuron = new Neuron({ inputs: 1, activation: 'exp' });
    const { converged, loss } = await neuron.fit(outlier.X, outlier.y);
    expect(converged).toBe(true);
    expect(loss.at(-1)).toBeCloseTo(-8205.814, 3);
    expect(neuron.weights[0]).toBeCloseTo(-0.3889, 4);
  });

  // At weights of 0 each output of relu is 0 and so is its slope; the line 2x + 1 is found from elsewhere.
  it.each<[string, FitOptions]>([
    ['to the optimum', {}],
    ['by steps until the loss stands still', { learningRate: 'auto', tolerance: 1e-9 }],
    ['by steps over rows', { strategy: 'stochastic', epochs: 5, seed: 1 }],
  ])('says that relu cannot learn from weights of 0, %s', async (_, options) => {
    const [X, y] = [
      [[1], [2], [3]],
      [3, 5, 7],
    ];
    const neuron = new Neuron({ inputs: 1, activation: 'relu' });
    const warnings = await warningsOf(async () => {
      expect(await neuron.fit(X, y, options)).toMatchObject({ stopped: 'completed', converged: false });
    });
    expect(warnings).toEqual([expect.stringMatching(/relu is 0.*initialTheta or initialIntercept/)]);
    expect([...neuron.weights, neuron.bias]).toEqual([0, 0]);
    expect((await neuron.fit(X, y, { initialIntercept: 1 })).converged).toBe(true);
    expect(neuron.weights[0]).toBeCloseTo(2, 9);
    expect(neuron.bias).toBeCloseTo(1, 9);
  });

  it('finds weights of columns that depend on each other, and of one that never changes', async () => {
    const X = steps.map((t) => [t, 2 * t, 7]);
    const neuron = new Neuron({ inputs: 3 });
    expect((await neuron.fit(X, steps)).converged).toBe(true);
    const [a = NaN, b = NaN, c] = neuron.weights;
    expect(a + 2 * b).toBeCloseTo(1, 6);
    expect(c).toBe(0);
  });

  it('makes XᵀX anew for other targets and other weights of a matrix', async () => {
    await using device = await openDevice('cpu');
    // More rows than QR is for.
    const [rows, columns] = [30_000, 20];
    const generator = new NumpyRandom(3);
    const random = (): number => generator.next() / 2 ** 32 - 0.5;
    const values = Float64Array.from({ length: rows * columns }, random);
    const targets = [1, 2].map((scale) => Float64Array.from({ length: rows }, () => scale * random()));
    const weights = [3, 5].map((most) => Float64Array.from({ length: rows }, (_, row) => row % most));
    const rowsOf = async (): Promise<Matrix> => await device.matrix({ data: values, shape: [rows, columns] });
    const columnOf = async (data: Float64Array): Promise<Matrix> =>
      await device.matrix({ data, shape: [rows, 1] });
    const fitted = async (matrix: Matrix, y: Matrix, sampleWeight: Matrix | undefined, l2: number) => {
      const neuron = new Neuron({ inputs: columns });
      const options = { standardize: false, l2, ...(sampleWeight === undefined ? {} : { sampleWeight }) };
      const { plan } = await neuron.fit(matrix, y, options);
      expect(plan).toBe('gram');
      return [...neuron.weights, neuron.bias];
    };
    using X = await rowsOf();
    for (const data of targets) {
      using y = await columnOf(data);
      // What is weighted by is gone when rows count 1 again.
      for (const each of [undefined, ...weights, undefined]) {
        using sampleWeight = each && (await columnOf(each));
        for (const l2 of [0, 0.1]) {
          using alone = await rowsOf();
          expect(await fitted(X, y, sampleWeight, l2)).toEqual(await fitted(alone, y, sampleWeight, l2));
        }
      }
    }
  });

  it('makes XᵀX of more rows, and steps by it', async () => {
    const X = Array.from({ length: 30_000 }, (_, i) =>
      Array.from({ length: 70 }, (_, j) => Math.sin(i * (j + 1.3))),
    );
    const y = X.map((row) => row.reduce((sum, value, j) => sum + value * (j - 30), 5));
    const neuron = new Neuron({ inputs: 70 });
    const { converged, plan } = await neuron.fit(X, y);
    expect([converged, plan]).toEqual([true, 'gram']);
    neuron.weights.forEach((weight, j) => {
      expect(weight).toBeCloseTo(j - 30, 9);
    });
    expect(neuron.bias).toBeCloseTo(5, 9);
    // Two outputs that go through the rows of even numbers, and through the others.
    const wild = X.map((_, i) => (i % 2) * 100);
    const layer = new Layer({ inputs: 70, outputs: 2 });
    const sampleWeight = X.map((_, i) => (i % 2 === 0 ? 1 + (i % 5) : 0));
    const Y = y.map((value, i) => [value, 3 - value].map((mean) => mean + (wild[i] as number)));
    const found = await layer.fit(X, Y, { sampleWeight });
    expect([found.converged, found.plan]).toEqual([true, 'gram']);
    const [first, second] = [0, 1].map((k) => weightsOf(layer, k));
    X[0]?.forEach((_, j) => {
      expect(first?.[j]).toBeCloseTo(j - 30, 8);
      expect(second?.[j]).toBeCloseTo(30 - j, 8);
    });
    expect([...layer.biases].map((bias) => bias.toFixed(8))).toEqual(['5.00000000', '-2.00000000']);
  });

  it('finds weighted least squares of several outputs at once, as of rows repeated', async () => {
    const counts = steps.map((_, i) => i % 4);
    const Y = steps.map((t) => [Math.sin(t), Math.cos(3 * t), t ** 3]);
    const repeated = <Value>(values: readonly Value[]): Value[] =>
      values.flatMap((value, i) => Array.from({ length: counts[i] as number }, () => value));
    const layer = new Layer({ inputs: 4, outputs: 3 });
    const { iterations, converged } = await layer.fit(sine.X, Y, { l2: 0.1, sampleWeight: counts });
    expect([iterations, converged]).toEqual([1, true]);
    for (let k = 0; k < 3; k += 1) {
      const neuron = new Neuron({ inputs: 4 });
      const y = Y.map((row) => row[k] as number);
      await neuron.fit(repeated(sine.X), repeated(y), { l2: 0.1 });
      const found = [...weightsOf(layer, k), layer.biases[k] as number];
      [...neuron.weights, neuron.bias].forEach((weight, j) => {
        expect(found[j]).toBeCloseTo(weight, 9);
      });
    }
  });

  it('takes a penalty', async () => {
    const neuron = new Neuron({ inputs: 1 });
    // Of a standardized x with weight 1: (w − 1)² + l2/2·w² is least at 2/(2 + l2).
    await neuron.fit([[-1], [1]], [-1, 1], { l2: 2 });
    expect(neuron.weights[0]).toBeCloseTo(0.5, 12);
    await neuron.fit([[-1], [1]], [-1, 1], { l1: 1 });
    expect(neuron.weights[0]).toBeCloseTo(0.5, 7);
  });
});

describe('a fit that has not converged warns, and says what to raise', () => {
  const sigmoid = (): Neuron => new Neuron({ inputs: 4, activation: 'sigmoid' });
  const labels = sine.y.map((value) => Number(value > 0));
  test.each<[string, FitOptions, RegExp]>([
    [
      'iterations',
      { iterations: 2 },
      /^the fit has not converged: it took its limit of 2 iterations: raise iterations$/,
    ],
    ['maxSeconds', { maxSeconds: 1e-9 }, /: it was ended after 1e-9 seconds: raise maxSeconds$/],
    [
      'iterations of steps with a tolerance',
      { learningRate: 'auto', iterations: 3, tolerance: 1e-9 },
      /limit of 3 iterations: raise iterations$/,
    ],
    [
      'epochs with a tolerance',
      { strategy: 'mini-batch', epochs: 2, seed: 1, tolerance: 1e-9 },
      /limit of 2 epochs: raise epochs$/,
    ],
  ])('%s', async (_, options, message) => {
    const seen = await warningsOf(async () => {
      const { converged } = await sigmoid().fit(sine.X, labels, options);
      expect(converged).toBe(false);
    });
    expect(seen).toEqual([expect.stringMatching(message)]);
  });

  test.each<[string, FitOptions]>([
    ['at the optimum', {}],
    [
      'after as many steps as it was told, with no word of where they lead',
      { learningRate: 0.1, iterations: 3 },
    ],
    ['after so many epochs', { strategy: 'stochastic', epochs: 2, seed: 1 }],
  ])('but not %s', async (_, options) => {
    const targets = Object.keys(options).length === 0 ? sine.y : labels;
    const neuron = Object.keys(options).length === 0 ? new Neuron({ inputs: 4 }) : sigmoid();
    expect(await warningsOf(() => neuron.fit(sine.X, targets, { ...options, standardize: true }))).toEqual(
      [],
    );
  });
});

describe('standardize', () => {
  const weightOf = async (options: FitOptions): Promise<number | undefined> => {
    const neuron = new Neuron({ inputs: 1 });
    await neuron.fit([[0], [10]], [0, 10], { l2: 2, ...options });
    return neuron.weights[0];
  };

  it('is on unless a learning rate is given', async () => {
    expect(await weightOf({})).toBe(await weightOf({ standardize: true }));
    expect(await weightOf({})).not.toBeCloseTo((await weightOf({ standardize: false })) ?? NaN, 3);
    const rate = { learningRate: 0.01, iterations: 50 } as const;
    expect(await weightOf(rate)).toBe(await weightOf({ ...rate, standardize: false }));
  });
});

describe('the command line', () => {
  const rows = sine.X.map((row, i) => [...row, sine.y[i]].join(','));
  const file = write('sine.csv', `t,t2,t3,t4,y\n${rows.join('\n')}\n`);
  const fit = ['fit', file, '--target', 'y', '--device', 'cpu'];

  test('ends at the optimum', async () => {
    const told = await json(fit);
    expect(told).toMatchObject({ stopped: 'converged', converged: true });
    expect(told).not.toHaveProperty('notConverged');
    const { stdout, stderr } = await thalweg(fit);
    expect(stdout).toMatch(/, to the optimum\n/);
    expect(stdout).toContain('R² 0.9065');
    expect(stderr).toBe('');
  });

  test('says loudly, and by its own options, when it has not converged', async () => {
    const { stdout, stderr } = await thalweg([...fit, '--optimizer', 'lbfgs', '--iterations', '2']);
    expect(stdout).toContain('NOT CONVERGED: it took its limit of 2 iterations: raise --iterations');
    expect(stderr).not.toContain('Warning');
    const told = await json([...fit, '--optimizer', 'adam', '--max-seconds', '0.000000001']);
    expect(told).toMatchObject({
      stopped: 'early',
      converged: false,
      notConverged: 'it was ended after 1e-9 seconds: raise --max-seconds',
    });
  });
});
