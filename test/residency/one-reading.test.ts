import fc from 'fast-check';
import { type Descent, type Dtype, type FitOptions, Layer } from '../../lib';
import { Mean } from '../../lib/metrics/sums';
import { Uniform, seeds } from '../support/arbitrary';
import { describeOnEachDevice, withEnvironment } from '../support/each-device';
import { bits, expectRejection, relativeError } from '../support/expectations';

/** More products than these XᵀX is made for: rows × (columns + 1)². */
const leastProducts = 2 ** 23;

interface Values {
  readonly m: number;
  readonly n: number;
  readonly outputs: number;
  readonly X: Float32Array | Float64Array;
  readonly y: Float64Array;
  readonly weights: Float64Array | undefined;
}

interface Drawn {
  readonly n: number;
  readonly outputs: number;
  readonly more: number;
  readonly seed: number;
  readonly far: number;
  readonly noise: number;
  readonly weighted: boolean;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  n: fc.constantFrom(3, 7, 16, 33, 64, 129),
  outputs: fc.constantFrom(1, 1, 2, 5),
  more: fc.integer({ min: 1, max: 3000 }),
  seed: seeds,
  far: fc.constantFrom(0, 1, 30, 1e4),
  noise: fc.constantFrom(0.3, 2),
  weighted: fc.boolean(),
});

/** Columns of scales e⁻² to e², some of them `far` from 0, and targets that are linear in them but for noise. */
function values(dtype: Dtype, { n, outputs, more, seed, far, noise, weighted }: Drawn): Values {
  const m = Math.ceil(leastProducts / (n + 1) ** 2) + more;
  const random = new Uniform(seed);
  const uniform = (): number => 2 * random.next() - 1;
  const scales = Float64Array.from({ length: n }, () => Math.exp(2 * uniform()));
  const centres = scales.map((scale, j) => (j % 2 === 0 ? 0 : far * scale * uniform()));
  const theta = Float64Array.from({ length: n * outputs }, uniform);
  const X = dtype === 'float32' ? new Float32Array(m * n) : new Float64Array(m * n);
  const y = new Float64Array(m * outputs);
  for (let i = 0; i < m; i += 1) {
    const common = uniform();
    for (let j = 0; j < n; j += 1) {
      const off = (scales[j] as number) * (uniform() + common / 3);
      X[i * n + j] = (centres[j] as number) + off;
      for (let k = 0; k < outputs; k += 1)
        y[i * outputs + k] =
          (y[i * outputs + k] as number) + (off / (scales[j] as number)) * (theta[j * outputs + k] as number);
    }
    for (let k = 0; k < outputs; k += 1)
      y[i * outputs + k] = (y[i * outputs + k] as number) + noise * uniform() + far / 100;
  }
  // Some rows count for nothing.
  const weights = weighted
    ? Float64Array.from({ length: m }, (_, i) => (i % 13 === 0 ? 0 : random.next() + 0.1))
    : undefined;
  return { m, n, outputs, X, y, weights };
}

/** Rows as a source of blocks of any length, and how often it was begun and ended. */
function source({ m, n, X }: Pick<Values, 'm' | 'n' | 'X'>, dtype: Dtype, rowsAtATime = 777) {
  const seen = { begun: 0, ended: 0 };
  async function* blocks() {
    seen.begun += 1;
    try {
      for (let first = 0; first < m; first += rowsAtATime) {
        await Promise.resolve();
        // Valid until the next: changed after it.
        const block = X.slice(first * n, Math.min(m, first + rowsAtATime) * n);
        yield block;
        block.fill(NaN);
      }
    } finally {
      seen.ended += 1;
    }
  }
  return { seen, rows: { rows: m, columns: n, dtype, blocks } };
}

/**
 * How far weights of the first output are from the optimum: the largest part of the loss's gradient, of columns of mean 0 and
 * deviation 1, by the deviation of y.
 */
function slope(
  { m, n, outputs, X, y, weights }: Values,
  theta: Float64Array,
  standardize: boolean,
  l2: number,
): number {
  const weightOf = (i: number): number => weights?.[i] ?? 1;
  const mean = (value: (i: number) => number): number => {
    const found = new Mean();
    for (let i = 0; i < m; i += 1) found.add(value(i), weightOf(i));
    return found.mean;
  };
  const centred = (value: (i: number) => number): Float64Array => {
    const middle = mean(value);
    return Float64Array.from({ length: m }, (_, i) => value(i) - middle);
  };
  const rest = centred((i) => y[i * outputs] as number);
  const spread = Math.sqrt(mean((i) => (rest[i] as number) ** 2));
  const columns = Array.from({ length: n }, (_, j) => centred((i) => X[i * n + j] as number));
  for (const [j, column] of columns.entries())
    for (let i = 0; i < m; i += 1)
      rest[i] = (rest[i] as number) - (theta[j * outputs] as number) * (column[i] as number);
  const parts = columns.map((column, j) => {
    const deviation = Math.sqrt(mean((i) => (column[i] as number) ** 2));
    const penalty = l2 * (theta[j * outputs] as number) * (standardize ? deviation : 1 / deviation);
    return penalty - (2 * mean((i) => (column[i] as number) * (rest[i] as number))) / deviation;
  });
  return Math.max(...parts.map(Math.abs)) / spread;
}

describeOnEachDevice('least squares of rows that are not in memory', (target) => {
  const numRuns = target.isCpu ? target.runs(5) : 1;
  const dtypes = target.isCpu ? target.dtypes : target.dtypes.slice(0, 1);

  const fit = async (
    { outputs, n, y, m, weights }: Values,
    X: Parameters<Layer['fit']>[0],
    options: FitOptions,
  ): Promise<Descent> => {
    const layer = new Layer({ inputs: n, outputs, activation: 'linear' });
    const given = { device: target.device, ...(weights && { sampleWeight: weights }), ...options };
    return await layer.fit(X, { data: y, shape: [m, outputs] }, given);
  };
  const inMemory = ({ X, m, n }: Values) => ({ data: X, shape: [m, n] as const });

  describe.each(dtypes)('%s', (dtype) => {
    const bound = dtype === 'float64' ? 1e-11 : 2e-4;

    it('reads them once, for what a fit in memory finds', async () => {
      const cases = fc.asyncProperty(
        drawn,
        fc.boolean(),
        fc.constantFrom(0, 0.05),
        async (how, standardize, l2) => {
          // In memory, columns that are neither moved nor scaled lose digits where they are far from 0.
          const far = dtype === 'float32' || !standardize ? Math.min(how.far, 1) : how.far;
          const all = values(dtype, { ...how, far });
          const options = { standardize, l2, dtype };
          const expected = await fit(all, inMemory(all), options);
          const { seen, rows } = source(all, dtype, 1 + (how.more % 2000));
          const found = await fit(all, rows, { ...options, residency: 'disk' });
          expect(seen).toEqual({ begun: 1, ended: 1 });
          expect({ ...found, device: '' }).toMatchObject({
            ...{ residency: 'disk', plan: 'gram', iterations: 1, converged: true, dtype },
          });
          expect(slope(all, found.theta, standardize, l2)).toBeLessThan(dtype === 'float64' ? 1e-12 : 1e-5);
          const largest = Math.max(...expected.theta.map(Math.abs));
          expect(relativeError(found.theta, expected.theta, largest / 100)).toBeLessThan(bound);
          expect(relativeError(found.loss, expected.loss)).toBeLessThan(bound);
          const size = Math.max(...expected.intercepts.map(Math.abs), largest * (1 + far));
          expect(relativeError(found.intercepts, expected.intercepts, size)).toBeLessThan(bound);
        },
      );
      await fc.assert(cases, { numRuns, endOnFailure: true });
    });
  });

  const dtype = target.dtypes.at(-1) ?? 'float32';
  const some: Drawn = { n: 33, outputs: 1, more: 5, seed: 3, far: 0, noise: 1, weighted: false };

  it('gives a column that never changes no weight, and the others theirs', async () => {
    const all = values(dtype, { ...some, n: 32, outputs: 2, weighted: true });
    const { m, n, X } = all;
    const wide = new (dtype === 'float32' ? Float32Array : Float64Array)(m * (n + 1));
    for (let i = 0; i < m; i += 1) {
      wide.set(X.subarray(i * n, (i + 1) * n), i * (n + 1));
      wide[i * (n + 1) + n] = 1234.5;
    }
    const expected = await fit(all, inMemory(all), { dtype });
    const { rows } = source({ m, n: n + 1, X: wide }, dtype);
    const found = await fit({ ...all, n: n + 1 }, rows, { dtype, residency: 'disk' });
    const bound = dtype === 'float64' ? 1e-11 : 2e-4;
    expect(found.plan).toBe('gram');
    expect([...found.theta.subarray(n * 2)]).toEqual([0, 0]);
    expect(relativeError(found.theta.subarray(0, n * 2), expected.theta, 0.01)).toBeLessThan(bound);
  });

  it.each<[string, (all: Values) => void]>([
    [
      'fits too close for XᵀX to tell the loss',
      ({ X, y, n }) => {
        for (let i = 0; i < y.length; i += 1) y[i] = X[i * n] as number;
      },
    ],
    [
      'columns that nearly depend on each other',
      ({ X, y, n }) => {
        y.forEach((_, i) => {
          X[i * n + 1] = (X[i * n] as number) + 1e-3 * (X[i * n + 1] as number);
        });
      },
    ],
  ])('has the bits of a fit in memory for %s', async (_, change) => {
    const all = values(dtype, some);
    change(all);
    const expected = await fit(all, inMemory(all), { dtype });
    const found = await withEnvironment({ THALWEG_SPOOL_MEMORY: '0' }, async () =>
      fit(all, inMemory(all), { dtype, residency: 'disk' }),
    );
    expect(bits(found.theta)).toBe(bits(expected.theta));
    expect(bits(found.loss)).toBe(bits(expected.loss));
  });

  it('reads once more where the first rows are nothing like the rest', async () => {
    const all = values(dtype, some);
    for (let i = 0; i < 5; i += 1) all.X[i * all.n] = -1e6 - i;
    const expected = await fit(all, inMemory(all), { dtype });
    const { rows, seen } = source(all, dtype, 5);
    const found = await fit(all, rows, { dtype, residency: 'disk' });
    const bound = dtype === 'float64' ? 1e-10 : 1e-3;
    expect(seen).toEqual({ begun: 3, ended: 3 });
    expect(found.plan).toBe('gram');
    expect(relativeError(found.theta, expected.theta, 0.01)).toBeLessThan(bound);
    expect(relativeError(found.loss, expected.loss)).toBeLessThan(bound);
  });

  it('says of bad rows what a fit in memory says', async () => {
    const all = values(dtype, some);
    const { m, n, X } = all;
    const disk = { dtype, residency: 'disk' } as const;
    const short = { ...source({ m: m - 1, n, X }, dtype).rows, rows: m };
    await expectRejection(fit(all, short, disk), { code: 'ERR_SHAPE', option: 'X', message: /rows/ });
    const long = { ...source({ m: m + 1, n, X: new Float64Array((m + 1) * n) }, dtype).rows, rows: m };
    await expectRejection(fit(all, long, disk), { code: 'ERR_SHAPE', option: 'X', message: /rows/ });
    const weights = new Float64Array(m).fill(1);
    weights[m - 2] = -1;
    await expectRejection(fit({ ...all, weights }, source(all, dtype).rows, disk), {
      ...{ code: 'ERR_INVALID_ARGUMENT', option: 'sampleWeight', row: m - 2, message: /below 0/ },
    });
    X[(m - 1) * n + 4] = NaN;
    await expectRejection(fit(all, source(all, dtype).rows, disk), {
      ...{ code: 'ERR_NOT_FINITE', row: m - 1, column: 4, message: /row/ },
    });
  });

  it('ends what it reads when it is cancelled, or when reading fails', async () => {
    const all = values(dtype, some);
    const { seen, rows } = source(all, dtype);
    const stop = new AbortController();
    const reason = new Error('enough');
    const stopped = {
      ...rows,
      async *blocks() {
        let count = 0;
        for await (const block of rows.blocks()) {
          yield block;
          count += 1;
          if (count === 3) stop.abort(reason);
        }
      },
    };
    const options = { dtype, residency: 'disk', signal: stop.signal } as const;
    await expect(fit(all, stopped, options)).rejects.toBe(reason);
    expect(seen).toEqual({ begun: 1, ended: 1 });
    const broken = {
      ...rows,
      async *blocks() {
        for await (const block of rows.blocks()) {
          yield block;
          throw reason;
        }
      },
    };
    await expect(fit(all, broken, { dtype, residency: 'disk' })).rejects.toBe(reason);
    expect(seen).toEqual({ begun: 2, ended: 2 });
  });
});
