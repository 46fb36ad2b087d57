import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import {
  type CodedRows,
  type CompressedRows,
  type Descent,
  Layer,
  type Matrix,
  type TrainingState,
  miniBatchGradientDescent,
  openDevice,
  readCheckpoint,
  stochasticGradientDescent,
} from '../../lib';
import type { FullState } from '../../lib/engine/state';
import { Uniform, seeds } from '../support/arbitrary';
import { compressedRows, writtenOut } from '../support/compressed-rows';
import { bits, relativeError } from '../support/expectations';

const shapes = fc.record({
  m: fc.integer({ min: 1, max: 150 }),
  // Many columns beside few values a row: steps look at these alone.
  n: fc.integer({ min: 60, max: 300 }),
  each: fc.integer({ min: 0, max: 4 }),
});

const steps = fc.record({
  learningRate: fc.constantFrom(0.01, 0.1, 0.3, {
    schedule: 'exponential',
    initial: 0.2,
    gamma: 0.99,
    per: 'step',
  } as const),
  l1: fc.constantFrom(0, 0, 0.01, 0.2),
  // With a rate of 0.3 up to decays near and below 0, which turns weights around.
  l2: fc.constantFrom(0, 0, 1e-3, 0.5, 2, 3, 4),
  fitIntercept: fc.boolean(),
  weighted: fc.boolean(),
});

const kinds = fc.constantFrom(
  { activation: 'linear', loss: 'huber' },
  { activation: 'sigmoid', loss: 'log' },
  { activation: 'tanh', loss: 'squared' },
  { activation: 'softmax', loss: 'cross-entropy', classes: 3 },
) as fc.Arbitrary<
  | { activation: 'linear' | 'sigmoid' | 'tanh'; loss: 'huber' | 'log' | 'squared' }
  | { activation: 'softmax'; loss: 'cross-entropy'; classes: number }
>;

const interceptsOf = ({ intercept }: Descent): number[] =>
  typeof intercept === 'number' ? [intercept] : [...intercept];

const zeros = (theta: Float64Array): number[] => [...theta.keys()].filter((j) => theta[j] === 0);

test('steps that look at the columns of their rows alone end where those over all columns do', async () => {
  const property = fc.asyncProperty(
    shapes,
    steps,
    kinds,
    fc.constantFrom('stochastic', 'shuffled', 'mini-batch'),
    seeds,
    async ({ m, n, each }, { weighted, ...rated }, kind, how, seed) => {
      const random = new Uniform(seed);
      const X = compressedRows(m, n, each, random);
      const written = writtenOut(X);
      const classes = kind.activation === 'softmax' ? 3 : 2;
      const y = Float64Array.from({ length: m }, () => Math.floor(classes * random.next()));
      const sampleWeight = Float64Array.from({ length: m }, (_, i) =>
        i === 0 ? 1 : Math.floor(3 * random.next()),
      );
      const options = {
        ...{ ...rated, ...kind, epochs: 3, seed: 7, device: 'cpu', dtype: 'float64' as const },
        ...(weighted ? { sampleWeight } : {}),
      };
      const descent = async (rows: CompressedRows | typeof written): Promise<Descent> => {
        if (how === 'mini-batch')
          return await miniBatchGradientDescent(rows, y, { ...options, batchSize: 3 });
        const sampling = how === 'shuffled' ? 'shuffle' : 'with-replacement';
        return await stochasticGradientDescent(rows, y, { ...options, sampling });
      };
      const [found, expected] = [await descent(X), await descent(written)];
      expect(relativeError(found.theta, expected.theta)).toBeLessThan(1e-11);
      expect(relativeError(found.loss, expected.loss)).toBeLessThan(1e-11);
      expect(relativeError(interceptsOf(found), interceptsOf(expected), 1)).toBeLessThan(1e-11);
      // What l1 makes 0 is exactly 0, but where rounding decides.
      const others = zeros(expected.theta).filter((j) => found.theta[j] !== 0);
      expect(others.length).toBeLessThan(1 + 0.02 * n);
    },
  );
  await fc.assert(property, { numRuns: 150 });
});

test('standardized columns of codes move with every row, and are looked at where a row has them', async () => {
  const property = fc.asyncProperty(
    fc.integer({ min: 20, max: 150 }),
    fc.constantFrom(0, 0.3),
    fc.constantFrom('stochastic', 'mini-batch'),
    fc.constantFrom(1, 3),
    seeds,
    async (m, l2, strategy, outputs, seed) => {
      const random = new Uniform(seed);
      const levels = [90, 30];
      const n = 2 + 90 + 30;
      const dense = new Float64Array(2 * m).map(() => 10 * random.next() - 3);
      const codes = levels.map((count) =>
        Uint8Array.from({ length: m }, () => Math.floor(count * random.next())),
      );
      const written = new Float64Array(m * n);
      for (let i = 0; i < m; i += 1) {
        written.set(dense.subarray(2 * i, 2 * i + 2), i * n);
        written[i * n + 2 + (codes[0]?.[i] ?? NaN)] = 1;
        written[i * n + 92 + (codes[1]?.[i] ?? NaN)] = 1;
      }
      const X: CodedRows = {
        dense: { data: dense, shape: [m, 2] },
        categories: levels.map((count, c) => ({ codes: codes[c] ?? new Uint8Array(), levels: count })),
      };
      const y = new Float64Array(m * outputs).map(() => 5 * random.next());
      const options = {
        ...{ learningRate: 0.002, l2, epochs: 4, seed: 9, standardize: true, device: 'cpu' },
        dtype: 'float64' as const,
      };
      const fitted = async (rows: CodedRows | { data: Float64Array; shape: readonly [number, number] }) => {
        const layer = new Layer({ inputs: n, outputs });
        const targets = { data: y, shape: [m, outputs] as const };
        if (strategy === 'stochastic') await layer.fit(rows, targets, { ...options, strategy });
        else await layer.fit(rows, targets, { ...options, strategy: 'mini-batch', batchSize: 3 });
        return [...layer.weights.data, ...layer.biases];
      };
      const [found, expected] = [await fitted(X), await fitted({ data: written, shape: [m, n] })];
      expect(relativeError(found, expected)).toBeLessThan(1e-11);
    },
  );
  await fc.assert(property, { numRuns: 30 });
});

describe('a descent over compressed rows', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'thalweg-lazy-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts it, and aborts it some time after it has kept a state. */
  async function interrupted(
    run: (options: object) => Promise<Descent>,
    file: string,
    delay: number,
  ): Promise<Descent | TrainingState> {
    const aborter = new AbortController();
    const before = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    const running = run({ signal: aborter.signal, checkpoint: { path: file, everySeconds: 0 } });
    const found = running.catch(async () => await readCheckpoint(file));
    const ended = found.then(() => {
      aborter.abort();
    });
    const isKept = (): boolean => statSync(file, { throwIfNoEntry: false })?.mtimeMs !== before;
    while (!isKept() && !aborter.signal.aborted) await pause(1);
    await pause(delay);
    aborter.abort();
    await ended;
    return await found;
  }

  it.each(['with-replacement', 'shuffle', 'mini-batch'] as const)(
    'that is interrupted within epochs goes on with the bits of one that was not: %s',
    async (how) => {
      const random = new Uniform(5);
      const [m, n, epochs] = [150_000, 4000, 6];
      const X = compressedRows(m, n, 6, random);
      const y = Float64Array.from({ length: m }, () => Math.round(random.next()));
      const device = await openDevice('cpu');
      const matrix: Matrix = await device.matrix(X);
      const options = {
        ...({ activation: 'sigmoid', loss: 'log', learningRate: 0.05, l1: 1e-5, l2: 1e-3, device } as const),
        seed: 4,
      };
      const descent = async (more: object): Promise<Descent> =>
        how === 'mini-batch'
          ? await miniBatchGradientDescent(matrix, y, { ...options, batchSize: 8, epochs, ...more })
          : await stochasticGradientDescent(matrix, y, { ...options, sampling: how, epochs, ...more });
      const whole = await descent({});
      const file = path.join(folder, how + '.json');
      let delay = 0;
      /** Goes on from one interruption to the next; says how many of them were within an epoch. */
      const inParts = async (): Promise<{ last: Descent; within: number }> => {
        let within = 0;
        for (let from = {}; ; delay = (delay + 13) % 40) {
          const found = await interrupted((more) => descent({ ...from, ...more }), file, delay);
          if ('loss' in found) return { last: found, within };
          const { before = 0, done = 0 } = (found as FullState).draws ?? {};
          if (before + done > 0) within += 1;
          from = { resumeFrom: found, epochs: epochs - found.passes };
        }
      };
      // When it is interrupted is up to the machine: once within an epoch it must be.
      let parts = await inParts();
      for (let again = 0; parts.within === 0 && again < 50; again += 1) parts = await inParts();
      expect(parts.within).toBeGreaterThan(0);
      expect(bits(parts.last.theta)).toBe(bits(whole.theta));
      matrix.dispose();
      await device.close();
    },
  );
});
