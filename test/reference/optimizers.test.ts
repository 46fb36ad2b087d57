import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  type Descent,
  type OptimizerOptions,
  batchGradientDescent,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../lib';
import { stepNames } from '../../lib/method/optimizers';
import { describeOnEachDevice } from '../support/each-device';
import { relativeError } from '../support/expectations';
import { recordError } from '../support/record';

interface Case {
  readonly optimizer: OptimizerOptions;
  readonly learningRate: number;
  /** θ, then the intercept. */
  readonly batch?: number[];
  readonly miniBatch: number[];
  readonly stochastic: number[];
}

interface Reference {
  readonly problem: string;
  readonly y: number[];
  readonly steps: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly seed: number;
  readonly slower: number;
  readonly l2: number;
  readonly cases: readonly Case[];
}

const read = (file: string): unknown => JSON.parse(readFileSync(path.join(__dirname, file), 'utf8'));

const { cases, y, ...reference } = read('optimizers.json') as Reference;
const { descents } = read('reference.json') as { descents: { name: string; X: number[][] }[] };
const X = descents.find(({ name }) => name === reference.problem)?.X ?? [];

const tolerances = { float32: 1e-3, float64: 1e-9 };

test('every optimiser whose steps are along the gradient has a case here', () => {
  expect(new Set(['sgd', ...cases.map(({ optimizer }) => optimizer.name)])).toEqual(
    new Set<string>(stepNames),
  );
});

describeOnEachDevice("PyTorch's optimisers", (target) => {
  describe.each(target.dtypes)('in %s', (dtype) => {
    function expectClose(place: string, { theta, intercept }: Descent, expected: readonly number[]): void {
      const off = relativeError([...theta, intercept], expected);
      recordError(target.title, dtype, `${place} as in PyTorch`, off);
      expect(off).toBeLessThan(tolerances[dtype]);
    }

    describe.each(cases)('$optimizer', ({ optimizer, learningRate, ...expected }) => {
      const common = { activation: 'sigmoid', loss: 'log', fitIntercept: true, l2: reference.l2 } as const;
      const options = () => ({ ...common, learningRate, optimizer, dtype, device: target.device });
      const { batchSize, epochs, seed, steps } = reference;

      const { batch } = expected;
      if (batch !== undefined)
        it('takes batch steps', async () => {
          const descent = await batchGradientDescent(X, y, { ...options(), iterations: steps });
          expectClose(`${optimizer.name} batch`, descent, batch);
        });

      it('takes mini-batch steps', async () => {
        const descent = await miniBatchGradientDescent(X, y, { ...options(), epochs, batchSize, seed });
        expectClose(`${optimizer.name} mini-batch`, descent, expected.miniBatch);
      });

      it('takes stochastic steps', async () => {
        const slower = learningRate / reference.slower;
        const descent = await stochasticGradientDescent(X, y, {
          ...options(),
          learningRate: slower,
          epochs: 1,
          seed,
        });
        expectClose(`${optimizer.name} stochastic`, descent, expected.stochastic);
      });
    });
  });
});
