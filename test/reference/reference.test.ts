import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  type Descent,
  batchGradientDescent,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../lib';
import { addon } from '../../lib/addon/native';
import { describeOnEachDevice } from '../support/each-device';
import { relativeError } from '../support/expectations';
import { NumpyRandom } from '../support/numpy-random';
import { recordError } from '../support/record';

type BySeed<Value> = Readonly<Record<string, Value>>;

interface Problem {
  readonly name: string;
  readonly X: number[][];
  readonly y: number[];
  readonly learningRate: number;
  readonly stochasticLearningRate: number;
  readonly passes: number;
  readonly batchSize: number;
  readonly batch: { readonly theta: number[]; readonly loss: number[] };
  readonly stochastic: BySeed<number[]>;
  readonly miniBatch: BySeed<number[]>;
}

interface Reference {
  readonly generator: {
    readonly randint: BySeed<BySeed<number[]>>;
    readonly permutation: BySeed<BySeed<number[]>>;
  };
  readonly descents: readonly Problem[];
}

const { generator, descents } = JSON.parse(
  readFileSync(path.join(__dirname, 'reference.json'), 'utf8'),
) as Reference;

const seeds = Object.keys(generator.randint).map(Number);
const tolerances = { float32: 1e-3, float64: 1e-9 };

describe.each(seeds)('the index streams of seed %d', (seed) => {
  it('draws what numpy.random.randint draws, one bound after another', () => {
    const stream = new (addon().IndexStream)(seed);
    const bounds = Object.keys(generator.randint[seed] as object);
    const drawn = bounds.map((bound) => [bound, Array.from(stream.randint(Number(bound), 16))]);
    expect(Object.fromEntries(drawn)).toEqual(generator.randint[seed]);
  });

  it('permutes as numpy.random.permutation does', () => {
    const stream = new (addon().IndexStream)(seed);
    const counts = Object.keys(generator.permutation[seed] as object);
    const orders = counts.map((count) => [count, Array.from(stream.permutation(Number(count)))]);
    expect(Object.fromEntries(orders)).toEqual(generator.permutation[seed]);
  });

  it('agrees with a second implementation far into the stream', () => {
    const stream = new (addon().IndexStream)(seed);
    const plain = new NumpyRandom(seed);
    expect(Array.from(stream.randint(12345, 5000))).toEqual(
      Array.from({ length: 5000 }, () => plain.randint(12345)),
    );
    for (const count of [3000, 150_000])
      expect(stream.permutation(count)).toEqual(Uint32Array.from(plain.permutation(count)));
  });
});

describeOnEachDevice('the reference', (target) => {
  describe.each(target.dtypes)('in %s', (dtype) => {
    function expectClose(place: string, descent: Descent, theta: readonly number[]): void {
      const off = relativeError(descent.theta, theta);
      recordError(target.title, dtype, place, off);
      expect(off).toBeLessThan(tolerances[dtype]);
      expect(descent).toMatchObject({ device: target.device.id, dtype, stopped: 'completed', intercept: 0 });
    }

    describe.each(descents)('$name', ({ name, X, y, learningRate, passes, ...problem }) => {
      const m = y.length;

      it('gives the batch descent and its history of losses', async () => {
        const { device } = target;
        const options = { learningRate, iterations: passes, dtype, device };
        const descent = await batchGradientDescent(X, y, options);
        expectClose(`${name} batch`, descent, problem.batch.theta);
        expect(descent).toMatchObject({ iterations: passes, plan: 'fused' });
        expect(descent.loss).toHaveLength(passes);
        const history = problem.batch.loss;
        expect(relativeError(descent.loss.slice(0, history.length), history)).toBeLessThan(tolerances[dtype]);
      });

      it('gives the same by way of the gram matrix', async () => {
        const { device } = target;
        const options = { learningRate, iterations: passes, dtype, device, plan: 'gram' } as const;
        const descent = await batchGradientDescent(X, y, options);
        expectClose(`${name} gram`, descent, problem.batch.theta);
        expect(descent.plan).toBe('gram');
      });

      it.each(seeds)('gives the stochastic descent of seed %d', async (seed) => {
        const rate = problem.stochasticLearningRate;
        const options = { learningRate: rate, epochs: passes, seed, dtype, device: target.device };
        const descent = await stochasticGradientDescent(X, y, options);
        expectClose(`${name} stochastic`, descent, problem.stochastic[seed] as number[]);
        expect(descent).toMatchObject({ iterations: passes * m, plan: 'sequential', seed });
        expect(descent.loss).toHaveLength(passes);
      });

      it.each(seeds)('gives the mini-batch descent of seed %d', async (seed) => {
        const { batchSize } = problem;
        const options = { learningRate, epochs: passes, batchSize, seed, dtype, device: target.device };
        const descent = await miniBatchGradientDescent(X, y, options);
        expectClose(`${name} mini-batch`, descent, problem.miniBatch[seed] as number[]);
        const iterations = passes * Math.ceil(m / batchSize);
        expect(descent).toMatchObject({ iterations, plan: 'sequential', seed });
        expect(descent.loss).toHaveLength(passes);
      });
    });
  });
});
