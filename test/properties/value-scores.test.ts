import fc from 'fast-check';
import { Layer, Neuron } from '../../lib';
import { Uniform, seeds } from '../support/arbitrary';
import { allConfigurations, withEnvironment } from '../support/each-device';
import '../../lib/jest';

/** Whole numbers, which a power of two makes targets and outputs of, so that sums of them can be exact. */
interface Whole {
  readonly targets: readonly bigint[];
  readonly outputs: readonly bigint[];
  readonly weights: readonly bigint[];
}

/** Targets far from 0 beside how they vary, some with a first one that is far from the others. */
function problem(seed: number, rows: number): Whole & { readonly unit: number } {
  const random = new Uniform(seed);
  const of = <Value>(...values: readonly Value[]): Value =>
    values[random.integer(0, values.length - 1)] as Value;
  const offset = of(0, 2 ** 20, 2 ** 40, -(2 ** 45));
  const first = of(0, 0, 2 ** 30);
  const spread = of(1, 1000, 10 ** 6);
  const targets = Array.from({ length: rows }, (_, row) =>
    BigInt(offset + random.integer(-spread, spread) + (row === 0 ? first : 0)),
  );
  const outputs = targets.map((target) => target + BigInt(random.integer(-spread, spread)));
  const weights = targets.map(() => BigInt(of(0, 1, 1, 7)));
  return { targets, outputs, weights, unit: 2 ** of(0, 0, 3, 600, -700) };
}

const total = (terms: readonly bigint[]): bigint => terms.reduce((sum, term) => sum + term, 0n);

/** 1 − R² = Σw(y − ŷ)²/Σw(y − ȳ)², of which nothing is rounded but the end; NaN where the targets do not vary. */
function unexplained({ targets, outputs, weights }: Whole): number {
  const each = (term: (target: bigint, row: number) => bigint): bigint =>
    total(targets.map((target, row) => term(target, row) * (weights[row] as bigint)));
  const errors = each((target, row) => (target - (outputs[row] as bigint)) ** 2n);
  const [weight, sum, squares] = [total(weights), each((target) => target), each((target) => target ** 2n)];
  const variation = weight * squares - sum * sum;
  return variation === 0n ? NaN : Number((errors * weight * 2n ** 80n) / variation) / 2 ** 80;
}

const levels = allConfigurations.filter(({ info }) => info.backend === 'cpu');

// Rows are scored several at a time, by the instruction-set level.
describe.each(levels.map(({ title, environment }) => [title, environment] as const))(
  'numbers are scored by %s',
  (_, environment) => {
    const found = async (rows: number, check: (given: ReturnType<typeof problem>) => Promise<void>) => {
      const property = fc.asyncProperty(seeds, async (seed) => {
        await check(problem(seed, rows));
      });
      await withEnvironment(environment, () => fc.assert(property, { numRuns: 6 }));
    };
    const how = { device: 'cpu', dtype: 'float64' } as const;

    test.each([2, 3, 7, 8, 9, 63, 257, 1921, 4097, 9001])('over %d rows', async (rows) => {
      await found(rows, async ({ unit, ...whole }) => {
        const [y, X] = [whole.targets, whole.outputs].map((all) => all.map((each) => unit * Number(each)));
        const neuron = new Neuron({ weights: [1] });
        const ones = { ...whole, weights: whole.targets.map(() => 1n) };
        for (const [given, options] of [
          [whole, { ...how, sampleWeight: whole.weights.map(Number) }],
          [ones, how],
        ] as const) {
          const expected = unexplained(given);
          if (Number.isNaN(expected)) continue;
          const score = await neuron.score(
            (X ?? []).map((x) => [x]),
            y ?? [],
            options,
          );
          // R² itself is rounded where it is close to 1.
          expect([1 - score]).toBeCloseToArray([expected], { relative: 1e-11, absolute: 1e-15 });
        }
      });
    });

    test('of several outputs', async () => {
      await found(300, async (one) => {
        const other = problem(one.targets.length + Number(one.targets[0]), 300);
        const both = [one, other];
        const matrix = (key: 'targets' | 'outputs'): number[][] =>
          one.targets.map((__, row) => both.map(({ unit, ...all }) => unit * Number(all[key][row])));
        const layer = new Layer({
          weights: [
            [1, 0],
            [0, 1],
          ],
        });
        const each = both.map((all) => unexplained({ ...all, weights: one.weights }));
        if (each.some(Number.isNaN)) return;
        const sampleWeight = one.weights.map(Number);
        const score = await layer.score(matrix('outputs'), matrix('targets'), { ...how, sampleWeight });
        const mean = each.reduce((sum, value) => sum + value, 0) / 2;
        expect([1 - score]).toBeCloseToArray([mean], { relative: 1e-11, absolute: 1e-15 });
      });
    });
  },
);
