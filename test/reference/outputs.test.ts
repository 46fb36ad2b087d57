import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  type Descent,
  Layer,
  type LayerActivationName,
  type LayerLossName,
  batchGradientDescent,
  lossGradient,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../lib';
import { describeOnEachDevice } from '../support/each-device';
import { relativeError } from '../support/expectations';
import { recordError } from '../support/record';

interface Place {
  /** Θ, feature by feature. */
  readonly theta: number[];
  readonly intercept: number[];
}

interface Case {
  readonly activation: LayerActivationName;
  readonly loss: LayerLossName;
  readonly targets: string;
  readonly rates: [batch: number, miniBatch: number, stochastic: number];
  readonly gradient: Place & { loss: number; gradient: number[]; interceptGradient: number[] };
  readonly batch: Place & { loss: number[] };
  readonly miniBatch: Place;
  readonly stochastic: Place;
  readonly adam: Place & { rate: number };
}

interface Reference {
  readonly problem: string;
  readonly steps: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly seed: number;
  readonly l2: number;
  readonly targets: Readonly<Record<string, number[][]>>;
  readonly cases: readonly Case[];
  readonly optimum: Place & { probabilities: number[] };
}

const read = (file: string): unknown => JSON.parse(readFileSync(path.join(__dirname, file), 'utf8'));

const { cases, targets, optimum, ...reference } = read('outputs.json') as Reference;
const { descents } = read('reference.json') as { descents: { name: string; X: number[][] }[] };
const X = descents.find(({ name }) => name === reference.problem)?.X ?? [];

const tolerances = { float32: 1e-3, float64: 1e-9 };

describeOnEachDevice("PyTorch's losses of several outputs", (target) => {
  describe.each(target.dtypes)('in %s', (dtype) => {
    describe.each(cases)('$activation, $loss', ({ activation, loss, rates, ...expected }) => {
      const y = targets[expected.targets] as number[][];
      const { batchSize, epochs, l2, seed, steps } = reference;
      const objective = { activation, loss, fitIntercept: true, l2 } as const;
      const common = () => ({ ...objective, dtype, device: target.device });

      function expectClose(place: string, got: readonly number[], right: readonly number[]): void {
        const off = relativeError(got, right);
        recordError(target.title, dtype, `${activation} of several outputs, ${place}, as in PyTorch`, off);
        expect(off).toBeLessThan(tolerances[dtype]);
      }

      function expectAt(place: string, descent: Descent, right: Place): void {
        const { intercepts } = descent;
        expect(descent.intercept).toBe(intercepts);
        expectClose(place, [...descent.theta, ...intercepts], [...right.theta, ...right.intercept]);
      }

      it('has the loss and the gradient', async () => {
        const { theta, intercept, ...right } = expected.gradient;
        const got = await lossGradient(X, y, { ...common(), theta, intercept });
        const slopes = got.interceptGradients;
        expect(got.interceptGradient).toBe(slopes);
        expectClose('loss', [got.loss], [right.loss]);
        expectClose(
          'gradient',
          [...got.gradient, ...slopes],
          [...right.gradient, ...right.interceptGradient],
        );
      });

      it('takes batch steps', async () => {
        const options = { ...common(), learningRate: rates[0], iterations: steps };
        const descent = await batchGradientDescent(X, y, options);
        expectAt('batch', descent, expected.batch);
        expectClose('batch losses', [...descent.loss], expected.batch.loss);
      });

      it('takes mini-batch steps', async () => {
        const options = { ...common(), learningRate: rates[1], epochs, batchSize, seed };
        expectAt('mini-batch', await miniBatchGradientDescent(X, y, options), expected.miniBatch);
      });

      it('takes stochastic steps', async () => {
        const options = { ...common(), learningRate: rates[2], epochs: 1, seed };
        expectAt('stochastic', await stochasticGradientDescent(X, y, options), expected.stochastic);
      });

      it('takes steps by Adam', async () => {
        const { rate, ...right } = expected.adam;
        const options = {
          ...common(),
          optimizer: 'adam',
          learningRate: rate,
          epochs,
          batchSize,
          seed,
        } as const;
        expectAt('adam', await miniBatchGradientDescent(X, y, options), right);
      });
    });

    it("ends at the optimum of scikit-learn's multinomial logistic regression", async () => {
      const layer = new Layer({ inputs: optimum.theta.length / 3, outputs: 3, activation: 'softmax' });
      const labels = targets['labels']?.flat() ?? [];
      await layer.fit(X, labels, {
        strategy: 'batch',
        optimizer: 'nesterov',
        learningRate: 'auto',
        iterations: 2000,
        l2: reference.l2,
        dtype,
        device: target.device,
      });
      const { data, shape } = await layer.predict(X.slice(0, 20), { dtype, device: target.device });
      expect(shape).toEqual([20, 3]);
      const off = relativeError([...data], optimum.probabilities);
      recordError(target.title, dtype, "probabilities at scikit-learn's optimum", off);
      expect(off).toBeLessThan({ float32: 1e-4, float64: 1e-9 }[dtype]);
      expect(relativeError([...layer.weights.data], optimum.theta)).toBeLessThan(
        { float32: 1e-3, float64: 1e-8 }[dtype],
      );
    });
  });
});
