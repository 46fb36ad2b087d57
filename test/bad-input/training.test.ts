import {
  type ThalwegError,
  batchGradientDescent,
  lossGradient,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../lib';
import { Uniform, flat, floats, realData } from '../support/arbitrary';
import { describeOnEachDevice } from '../support/each-device';
import { type Expected, expectRejection } from '../support/expectations';
import * as plain from '../support/plain';

const X = [[1], [2], [3]];

describeOnEachDevice('training that cannot succeed', (target) => {
  describe.each(target.dtypes)('in %s', (dtype) => {
    describe('at a rate that diverges', () => {
      const data = realData(dtype, 65, 5, 'squared', new Uniform(42));
      const [A, b] = [flat(dtype, data), floats(dtype, data.y)] as const;
      const limit = 1 / plain.largestEigenvalue(data);

      function common(): { learningRate: number; device: typeof target.device } {
        return { learningRate: 50 * limit, device: target.device };
      }

      async function diverged(descent: Promise<unknown>): Promise<Required<ThalwegError>> {
        const error = await expectRejection(descent, {
          code: 'ERR_DIVERGED',
          option: 'learningRate',
          message:
            /diverged after \d+ iterations: the last finite loss was .*; use a smaller learningRate or 'auto'/,
        });
        return error as Required<ThalwegError>;
      }

      it.each(['fused', 'gram'] as const)(
        'tells the iteration, the last finite loss and the largest stable rate: %s',
        async (plan) => {
          const options = { ...common(), plan };
          const { iteration, lastLoss, largestStableLearningRate, message } = await diverged(
            batchGradientDescent(A, b, { ...options, iterations: 5000 }),
          );
          expect(Math.abs(largestStableLearningRate / limit - 1)).toBeLessThan(0.01);
          expect(message).toContain('the largest stable learningRate is about');
          // One iteration fewer has finite losses only, and that one last.
          const before = await batchGradientDescent(A, b, { ...options, iterations: iteration });
          expect(before.loss.at(-1)).toBe(lastLoss);
          expect(before.iterations).toBe(iteration);
          expect(before.loss.every(Number.isFinite)).toBe(true);
        },
      );

      it.each(['fused', 'gram'] as const)(
        'is stable just below that rate, and not just above: %s',
        async (plan) => {
          const options = { ...common(), plan };
          const error = await diverged(batchGradientDescent(A, b, { ...options, iterations: 5000 }));
          const rate = error.largestStableLearningRate;
          const below = await batchGradientDescent(A, b, {
            ...options,
            iterations: 300,
            learningRate: 0.98 * rate,
          });
          expect(below.loss.at(-1)).toBeLessThan(below.loss[0] as number);
          const above = await batchGradientDescent(A, b, {
            ...options,
            iterations: 300,
            learningRate: 1.05 * rate,
          });
          expect(above.loss.at(-1)).toBeGreaterThan(above.loss[200] as number);
        },
      );

      it('takes the penalty and the intercept into account', async () => {
        const options = { ...common(), iterations: 5000, l2: 3, fitIntercept: true };
        const { largestStableLearningRate } = await diverged(batchGradientDescent(A, b, options));
        const ones = new Float64Array(65 * 6);
        for (let i = 0; i < 65; i += 1) ones.set([...data.X.subarray(5 * i, 5 * i + 5), 1], 6 * i);
        const largest = plain.largestEigenvalue({ X: ones, y: data.y, m: 65, n: 6 });
        expect(Math.abs((largestStableLearningRate * (2 * largest + 3)) / 2 - 1)).toBeLessThan(0.02);
      });

      it('is seen at the iteration at which a plain loop sees it', async () => {
        // Powers of two: every step is exact until it overflows, in both dtypes.
        const device = target.device;
        const options = { learningRate: 512, iterations: 2000, dtype, device };
        const { iteration } = await diverged(batchGradientDescent([[1]], [1], options));
        // r ← r·(1 − 2·512): the squared residual leaves the range of the sums at last.
        const bits = Math.log2(1023);
        const largest = dtype === 'float64' ? 1024 : 128;
        expect(iteration).toBe(Math.ceil(largest / (2 * bits)));
      });

      it.each([
        ['stochastic', stochasticGradientDescent],
        ['mini-batch', miniBatchGradientDescent],
      ] as const)('is seen after an epoch: %s', async (_, descent) => {
        const longest = Math.max(
          ...Array.from({ length: 65 }, (_row, i) => plain.norm(data.X.subarray(5 * i, 5 * i + 5)) ** 2),
        );
        // Steps grow a few times an epoch: the first losses are finite.
        const rate = descent === stochasticGradientDescent ? 3 / longest : 3 * limit;
        const { iteration, largestStableLearningRate } = await diverged(
          descent(A, b, { ...common(), learningRate: rate, epochs: 4000, seed: 1 }),
        );
        const steps = descent === stochasticGradientDescent ? 65 : 3;
        expect(iteration % steps).toBe(0);
        expect(iteration).toBeGreaterThan(0);
        expect(Math.abs(largestStableLearningRate * longest - 1)).toBeLessThan(1e-3);
      });

      it('is told without a rate where none is known', async () => {
        const options = {
          learningRate: 1e6,
          iterations: 1000,
          activation: 'exp',
          dtype,
          device: target.device,
        } as const;
        const error = await expectRejection(batchGradientDescent(X, [1, 2, 3], options), {
          code: 'ERR_DIVERGED',
          option: 'learningRate',
          message: 'diverged',
        });
        expect(error).not.toHaveProperty('largestStableLearningRate');
      });

      it('blames the targets where their squares are too large, and not the rate', async () => {
        const huge = dtype === 'float32' ? 1e25 : 1e200;
        const common = { activation: 'tanh', iterations: 3, device: target.device, dtype } as const;
        const rates = [1e-9, 'auto'] as const;
        for (const learningRate of rates) {
          const error = await expectRejection(
            batchGradientDescent([[1], [2]], [1, -huge], { ...common, learningRate }),
            {
              code: 'ERR_DIVERGED',
              iteration: 0,
              message: `no loss was finite; the squares of targets as large as ${dtype === 'float32' ? '1e+25' : '1e+200'} are more than ${dtype} holds`,
            },
          );
          expect(error).not.toHaveProperty('lastLoss');
          expect(error.message).not.toContain('learningRate');
        }
      });

      it('blames the features where no rate that the dtype holds is stable', async () => {
        const huge = dtype === 'float32' ? 1e30 : 1e300;
        const rows = [[huge], [2 * huge]];
        const options = { learningRate: 1, iterations: 50, fitIntercept: true, device: target.device, dtype };
        await expectRejection(batchGradientDescent(rows, [1, 2], options), {
          code: 'ERR_DIVERGED',
          option: 'learningRate',
          message: `the squares of features as large as these are beyond ${dtype}: leave learningRate 'auto'`,
        });
      });

      it('says so where float64 does not hold the weights', async () => {
        const options = { learningRate: 'auto', iterations: 50, device: target.device, dtype } as const;
        // float64 holds what is found in float32 at the ends of its range.
        const [x, y] = [1e-30, 1e30];
        const { theta } = await batchGradientDescent([[x], [2 * x]], [y, 2 * y], options);
        expect(Math.abs((theta[0] as number) / 1e60 - 1)).toBeLessThan(1e-5);
        if (dtype === 'float32') return;
        await expectRejection(batchGradientDescent([[1e-200], [2e-200]], [1e200, 2e200], options), {
          code: 'ERR_DIVERGED',
          message: 'larger than float64 holds',
        });
      });
    });

    it.each<[string, object, number[], string]>([
      [
        'log',
        { activation: 'sigmoid', loss: 'log' },
        [0, 1, 2],
        "y[2] is not allowed: the labels of loss 'log' are 0 and 1",
      ],
      ['log', { activation: 'sigmoid', loss: 'log' }, [0, -1, 1], 'y[1] is not allowed'],
      ['log', { activation: 'sigmoid', loss: 'log' }, [0.5, 1, 2], 'y[0] is not allowed'],
      [
        'hinge',
        { loss: 'hinge' },
        [1, -1, 0],
        "y[2] is not allowed: the labels of loss 'hinge' are -1 and 1",
      ],
      [
        'poisson',
        { activation: 'exp', loss: 'poisson' },
        [0, 3, -1e-9],
        "y[2] is not allowed: the counts of loss 'poisson' are 0 or more",
      ],
    ])('is refused with targets that %s does not allow', async (_, pair, y, message) => {
      const row = Number(/\d/.exec(message)?.[0]);
      const refused: Expected = { code: 'ERR_INVALID_ARGUMENT', option: 'y', row, message };
      const common = { ...pair, device: target.device, dtype } as { device: typeof target.device };
      await expectRejection(
        batchGradientDescent(X, y, { ...common, learningRate: 0.1, iterations: 1 }),
        refused,
      );
      await expectRejection(
        stochasticGradientDescent(X, y, { ...common, learningRate: 0.1, epochs: 1 }),
        refused,
      );
      await expectRejection(lossGradient(X, y, { ...common, theta: [0] }), refused);
      const resident = await target.device.matrix(
        y.map((value) => [value]),
        { dtype },
      );
      await expectRejection(
        batchGradientDescent(X, resident, { ...common, learningRate: 0.1, iterations: 1 }),
        refused,
      );
      resident.dispose();
    });
  });
});
