import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  type Descent,
  type LearningRateSchedule,
  batchGradientDescent,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../lib';
import { scheduleNames } from '../../lib/method/schedules';
import { describeOnUsualDevices } from '../support/each-device';

interface Reference {
  readonly initial: number;
  readonly cases: readonly { readonly schedule: object; readonly rates: readonly number[] }[];
}

const text = readFileSync(path.join(__dirname, 'schedules.json'), 'utf8');
const { initial, cases } = JSON.parse(text) as Reference;
const tolerances = { float32: 1e-5, float64: 1e-12 };

test('every schedule has a case here', () => {
  const names = cases.map(({ schedule }) => (schedule as LearningRateSchedule).schedule);
  expect(new Set(names)).toEqual(new Set(scheduleNames));
});

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

// Of |y − θ| with y out of reach every gradient is −1: θ is the sum of the rates.
const rows = 6;
const X = { data: new Float64Array(rows).fill(1), shape: [rows, 1] } as const;
const y = new Float64Array(rows).fill(1e6);

describeOnUsualDevices("PyTorch's and scikit-learn's schedules", (target) => {
  describe.each(target.dtypes)('in %s', (dtype) => {
    describe.each(cases)('$schedule', ({ schedule, rates }) => {
      const rate = (per: 'step' | 'epoch') =>
        ({ ...schedule, initial, per }) as unknown as LearningRateSchedule;
      const common = () => ({ loss: 'absolute', dtype, device: target.device }) as const;
      const expectSum = ({ theta, learningRate }: Descent, expected: number): void => {
        expect(Math.abs((theta[0] ?? NaN) / expected - 1)).toBeLessThan(tolerances[dtype]);
        expect(learningRate).toBe(initial);
      };

      it.each([1, 2, 11, rates.length])('has the rates of %i iterations', async (iterations) => {
        const found = await batchGradientDescent(X, y, {
          ...common(),
          learningRate: rate('epoch'),
          iterations,
        });
        expectSum(found, sum(rates.slice(0, iterations)));
      });

      it.each([1, 4])('has the rates of batches of %i, by epochs and by steps', async (batchSize) => {
        const options = { ...common(), batchSize, seed: 1 };
        const steps = Math.ceil(rows / batchSize);
        const byEpochs = { ...options, learningRate: rate('epoch'), epochs: 7 };
        expectSum(await miniBatchGradientDescent(X, y, byEpochs), steps * sum(rates.slice(0, 7)));
        const epochs = Math.floor(rates.length / steps);
        const bySteps = { ...options, learningRate: rate('step'), epochs };
        expectSum(await miniBatchGradientDescent(X, y, bySteps), sum(rates.slice(0, epochs * steps)));
      });

      it('has the rates of single rows', async () => {
        const options = { ...common(), learningRate: rate('step'), epochs: 5, seed: 1 };
        expectSum(await stochasticGradientDescent(X, y, options), sum(rates.slice(0, 5 * rows)));
      });
    });
  });
});
