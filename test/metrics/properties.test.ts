import fc from 'fast-check';
import {
  type Label,
  type MetricOptions,
  accuracyScore,
  averagePrecision,
  calibrationCurve,
  confusionMatrix,
  logLoss,
  meanAbsoluteError,
  meanPoissonDeviance,
  meanSquaredError,
  precisionRecallF1,
  r2Score,
  rocAuc,
  rocCurve,
} from '../../lib/metrics';
import { Uniform } from '../../lib/check/data';

/** Rows of a metric: labels or values, and what a model made of them. */
interface Rows {
  readonly yTrue: readonly Label[];
  readonly yPred: readonly Label[];
  /** Tied now and then. */
  readonly scores: readonly number[];
  /** Of each of three labels. */
  readonly shares: readonly number[][];
}

const labelsOf = ['ash', 'elm', 'oak'];

function rowsOf(m: number, seed: number, labels: readonly Label[]): Rows {
  const random = new Uniform(seed);
  const some = <Value>(make: (row: number) => Value): Value[] =>
    Array.from({ length: m }, (_, row) => make(row));
  // Each label at least once, so that leaving rows out changes no label.
  const label = (row: number): Label =>
    labels[row < labels.length ? row : random.integer(0, labels.length - 1)] as Label;
  const share = (): number[] => {
    const parts = labelsOf.map(() => random.integer(1, 7));
    const sum = parts.reduce((all, part) => all + part, 0);
    return parts.map((part) => part / sum);
  };
  const scores = some(() => random.integer(1, 19) / 20);
  return { yTrue: some(label), yPred: some(label), scores, shares: some(share) };
}

const rows = fc.record({ m: fc.integer({ min: 6, max: 40 }), seed: fc.integer() });

type Call = (rows: Rows, options: MetricOptions) => number;

const numbers = ({ yTrue }: Rows): number[] => yTrue.map((label) => labelsOf.indexOf(label as string));

/** Figures that are a number each. */
const calls: Readonly<Record<string, Call>> = {
  r2Score: (all, options) => r2Score(numbers(all), all.scores, options),
  meanSquaredError: (all, options) => meanSquaredError(numbers(all), all.scores, options),
  meanAbsoluteError: (all, options) => meanAbsoluteError(numbers(all), all.scores, options),
  meanPoissonDeviance: (all, options) => meanPoissonDeviance(numbers(all), all.scores, options),
  accuracyScore: (all, options) => accuracyScore(all.yTrue, all.yPred, options),
  logLoss: (all, options) => logLoss(all.yTrue, all.shares, options),
  'rocAuc of one': (all, options) =>
    rocAuc(
      numbers(all).map((k) => k > 0),
      all.scores,
      options,
    ),
  'rocAuc of three': (all, options) => rocAuc(all.yTrue, all.shares, options),
  'rocAuc weighted': (all, options) => rocAuc(all.yTrue, all.shares, { ...options, average: 'weighted' }),
  'averagePrecision of one': (all, options) =>
    averagePrecision(
      numbers(all).map((k) => k > 0),
      all.scores,
      options,
    ),
  'averagePrecision of three': (all, options) =>
    averagePrecision(all.yTrue, all.shares, { ...options, average: 'micro' }),
  confusionMatrix: (all, options) => confusionMatrix(all.yTrue, all.yPred, options).matrix[1]?.[2] ?? NaN,
  'confusionMatrix in shares': (all, options) =>
    confusionMatrix(all.yTrue, all.yPred, { ...options, normalize: 'pred' }).matrix[2]?.[0] ?? NaN,
  'F1 by class': (all, options) => precisionRecallF1(all.yTrue, all.yPred, options).f1[1] ?? NaN,
  'F1, macro': (all, options) => precisionRecallF1(all.yTrue, all.yPred, { ...options, average: 'macro' }).f1,
  'F1, weighted': (all, options) =>
    precisionRecallF1(all.yTrue, all.yPred, { ...options, average: 'weighted' }).f1,
  calibrationCurve: (all, options) =>
    calibrationCurve(
      numbers(all).map((k) => k > 0),
      all.scores,
      options,
    ).probTrue.at(-1) ?? NaN,
};

function repeated(all: Rows, times: readonly number[]): Rows {
  const at = times.flatMap((count, row) => Array.from({ length: count }, () => row));
  const taken = <Value>(list: readonly Value[]): Value[] => at.map((row) => list[row] as Value);
  return {
    yTrue: taken(all.yTrue),
    yPred: taken(all.yPred),
    scores: taken(all.scores),
    shares: taken(all.shares),
  };
}

describe.each(Object.entries(calls))('%s', (_name, call) => {
  test('counts a row of weight k as k rows, and one of weight 0 as none', () => {
    const property = fc.property(rows, ({ m, seed }) => {
      const all = rowsOf(m, seed, labelsOf);
      const random = new Uniform(seed + 1);
      const times = all.yTrue.map((_, row) => random.integer(row < labelsOf.length ? 1 : 0, 3));
      const expected = call(repeated(all, times), {});
      expect(call(all, { sampleWeight: times })).toBeCloseTo(expected, 12);
    });
    fc.assert(property);
  });

  test('does not depend on how weights are measured', () => {
    const property = fc.property(rows, ({ m, seed }) => {
      const all = rowsOf(m, seed, labelsOf);
      const random = new Uniform(seed + 2);
      const weights = all.yTrue.map(() => 0.5 + random.integer(0, 100) / 10);
      const found = call(all, { sampleWeight: weights });
      const doubled = call(all, { sampleWeight: weights.map((weight) => 2 * weight) });
      const isSum = call === calls.confusionMatrix;
      expect(doubled).toBeCloseTo(isSum ? 2 * found : found, 10);
    });
    fc.assert(property);
  });
});

describe('rocAuc', () => {
  test('is how often a positive row is above a negative one, ties as half', () => {
    const property = fc.property(rows, ({ m, seed }) => {
      const { yTrue, scores } = rowsOf(m, seed, ['no', 'yes']);
      const random = new Uniform(seed + 3);
      const weights = yTrue.map(() => random.integer(1, 30) / 7);
      let [won, pairs] = [0, 0];
      for (const [i, positive] of yTrue.entries()) {
        for (const [j, negative] of yTrue.entries()) {
          if (positive !== 'yes' || negative !== 'no') continue;
          const weight = (weights[i] as number) * (weights[j] as number);
          const [high, low] = [scores[i] as number, scores[j] as number];
          won += weight * (high > low ? 1 : high === low ? 0.5 : 0);
          pairs += weight;
        }
      }
      expect(rocAuc(yTrue as string[], scores, { sampleWeight: weights })).toBeCloseTo(won / pairs, 12);
    });
    fc.assert(property);
  });

  test('is that of the scores in any order, and 1 minus it of their negatives', () => {
    const property = fc.property(rows, ({ m, seed }) => {
      const { yTrue, scores } = rowsOf(m, seed, [false, true]);
      const labels = yTrue as boolean[];
      const found = rocAuc(labels, scores);
      expect(rocAuc([...labels].reverse(), [...scores].reverse())).toBe(found);
      expect(
        rocAuc(
          labels,
          scores.map((score) => -score),
        ),
      ).toBeCloseTo(1 - found, 12);
      expect(
        rocAuc(
          labels,
          scores.map((score) => Math.exp(40 * score)),
        ),
      ).toBe(found);
    });
    fc.assert(property);
  });

  test('is the area below the curve, whether its points are all there or not', () => {
    const property = fc.property(rows, fc.boolean(), ({ m, seed }, dropIntermediate) => {
      const { yTrue, scores } = rowsOf(m, seed, ['no', 'yes']);
      const { fpr, tpr, thresholds } = rocCurve(yTrue, scores, { dropIntermediate });
      let area = 0;
      for (let at = 1; at < fpr.length; at += 1)
        area +=
          (((tpr[at] as number) + (tpr[at - 1] as number)) / 2) *
          ((fpr[at] as number) - (fpr[at - 1] as number));
      expect(area).toBeCloseTo(rocAuc(yTrue, scores), 12);
      expect([fpr[0], tpr[0], thresholds[0], fpr.at(-1), tpr.at(-1)]).toEqual([0, 0, Infinity, 1, 1]);
    });
    fc.assert(property);
  });
});

test('counts a million scores', () => {
  const m = 1_000_000;
  const random = new Uniform(5);
  const scores = Float64Array.from({ length: m }, () => random.signed());
  const labels = Int8Array.from(scores, (score, row) =>
    row % 4 === 0 ? 1 - Number(score > 0) : Number(score > 0),
  );
  // A quarter of the rows has the other label, so that of each pair both are right, or one, or none.
  expect(rocAuc(labels, scores)).toBeCloseTo(0.75, 2);
});

describe('precisionRecallF1', () => {
  test('says of two labels what counting says', () => {
    const { precision, recall, f1, support, labels } = precisionRecallF1(
      [1, 1, 1, 0, 0, 0, 0],
      [1, 1, 0, 1, 0, 0, 0],
    );
    expect(labels).toEqual([0, 1]);
    expect([...support]).toEqual([4, 3]);
    expect([...precision]).toEqual([3 / 4, 2 / 3]);
    expect([...recall]).toEqual([3 / 4, 2 / 3]);
    expect([...f1]).toEqual([3 / 4, 2 / 3]);
  });

  test('micro is the accuracy', () => {
    const property = fc.property(rows, ({ m, seed }) => {
      const { yTrue, yPred } = rowsOf(m, seed, labelsOf);
      const figures = precisionRecallF1(yTrue, yPred, { average: 'micro' });
      const accuracy = accuracyScore(yTrue, yPred);
      expect(figures.precision).toBeCloseTo(accuracy, 12);
      expect(figures.recall).toBeCloseTo(accuracy, 12);
      expect(figures.f1).toBeCloseTo(accuracy, 12);
    });
    fc.assert(property);
  });
});

describe('sums', () => {
  test('keep the digits of small terms beside large ones', () => {
    const many = 100_000;
    const sampleWeight = Array.from({ length: many + 2 }, () => 1);
    const errors = [1e16, ...Array.from({ length: many }, () => 1), -1e16].map(Math.abs);
    const zeros = errors.map(() => 0);
    expect(meanAbsoluteError(zeros, errors, { sampleWeight }) * (many + 2)).toBe(2e16 + many);
  });

  test('of targets far from 0 tell the same R²', () => {
    const random = new Uniform(9);
    const near = Array.from({ length: 500 }, () => random.integer(-1000, 1000));
    const predicted = near.map((y) => y + random.integer(-300, 300));
    const far = 2 ** 40;
    const shifted = (values: readonly number[]): number[] => values.map((value) => value + far);
    expect(r2Score(shifted(near), shifted(predicted))).toBeCloseTo(r2Score(near, predicted), 14);
  });
});

test.each([2 ** -700, 2 ** -1070, 2 ** 1022])(
  'a rank counts weights beside each other: all times %p',
  (unit) => {
    const { yTrue, scores } = rowsOf(60, 3, ['no', 'yes']);
    const random = new Uniform(4);
    const sampleWeight = yTrue.map(() => random.integer(0, 3));
    const scaled = { sampleWeight: sampleWeight.map((weight) => weight * unit) };
    for (const area of [rocAuc, averagePrecision]) {
      expect(area(yTrue, scores, scaled)).toBeCloseTo(area(yTrue, scores, { sampleWeight }), 12);
    }
  },
);
