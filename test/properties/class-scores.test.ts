import fc from 'fast-check';
import { Neuron } from '../../lib';
import { crossValidate } from '../../lib/model-selection';
import { Uniform, seeds } from '../support/arbitrary';
import { allConfigurations, withEnvironment } from '../support/each-device';
import '../../lib/jest';

/** log(1 + eᶻ) − y z, from the side on which nothing cancels. */
function logLoss(z: number, y: number): number {
  const away = y === 1 ? -z : z;
  return Math.max(away, 0) + Math.log1p(Math.exp(-Math.abs(away)));
}

const learned = 40;

/** Rows to learn from, and rows to score: of one column, of sums from those of which σ rounds to 0, ½ or 1 to small ones. */
function problem(seed: number, held: number): { X: number[][]; y: number[]; sampleWeight: number[] } {
  const random = new Uniform(seed);
  const of = <Value>(...values: readonly Value[]): Value =>
    values[random.integer(0, values.length - 1)] as Value;
  const input = (): number =>
    of(0, 1e-18, -1e-18, 1e-9, 40, -40, 400, -400, 1e4, -1e4, random.signed(), 3 * random.signed());
  const X = Array.from({ length: learned + held }, (_, row) => [
    row < learned ? 2 * random.signed() : input(),
  ]);
  const y = X.map(([x = 0]) => (x + random.signed() / 2 > 0 ? 1 : 0));
  const sampleWeight = X.map(() => of(0, 1, 0.25, 3 * random.next()));
  return { X, y, sampleWeight };
}

const how = {
  learningRate: 0.5,
  iterations: 20,
  fitIntercept: false,
  dtype: 'float64',
  device: 'cpu',
} as const;

/** A neuron's weight after a fit to the first rows. */
async function weightOf({ X, y, sampleWeight }: Partial<ReturnType<typeof problem>>): Promise<number> {
  const neuron = new Neuron({ inputs: 1, activation: 'sigmoid' });
  const first = <Value>(values: readonly Value[] = []): Value[] => values.slice(0, learned);
  const counts = sampleWeight === undefined ? {} : { sampleWeight: first(sampleWeight) };
  await neuron.fit(first(X), first(y), { ...how, ...counts });
  return neuron.weights[0] as number;
}

const levels = allConfigurations.filter(({ info }) => info.backend === 'cpu');

// Rows are scored several at a time, by the instruction-set level.
describe.each(levels.map(({ title, environment }) => [title, environment] as const))(
  'sigmoids are scored by %s',
  (_, environment) => {
    test.each([1, 2, 7, 8, 9, 63, 257, 960, 961, 1921, 4096, 4097, 9001])('over %d rows', async (held) => {
      const property = fc.asyncProperty(seeds, fc.boolean(), async (seed, isWeighted) => {
        const { X, y, sampleWeight } = problem(seed, held);
        const counts = isWeighted ? { sampleWeight } : {};
        const theta = await weightOf({ X, y, ...counts });
        let [loss, right, weight] = [0, 0, 0];
        for (let row = learned; row < X.length; row += 1) {
          const [z, truth] = [theta * (X[row]?.[0] as number), y[row] as number];
          const each = isWeighted ? (sampleWeight[row] as number) : 1;
          loss += each * logLoss(z, truth);
          right += (1 / (1 + Math.exp(-z)) >= 0.5 ? 1 : 0) === truth ? each : 0;
          weight += each;
        }
        fc.pre(weight > 0);
        const folds = X.map((__, row) => (row < learned ? 0 : 1));
        const options = { ...how, ...counts, activation: 'sigmoid', folds, refit: false } as const;
        const { candidates } = await crossValidate(X, y, options);
        const [found] = candidates;
        // e^−|z| stays a normal number.
        expect([found?.losses[1]]).toBeCloseToArray([loss / weight], { relative: 1e-12, absolute: 1e-300 });
        expect([found?.scores[1]]).toBeCloseToArray([right / weight], { relative: 1e-12, absolute: 1e-15 });
      });
      await withEnvironment(environment, () => fc.assert(property, { numRuns: 4 }));
    });
  },
);
