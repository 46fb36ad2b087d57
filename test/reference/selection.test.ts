import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { LayerActivationName } from '../../lib';
import { type Candidate, type Split, crossValidate, kFold, stratifiedKFold } from '../../lib/model-selection';
import { describeOnUsualDevices } from '../support/each-device';
import { relativeError } from '../support/expectations';
import { recordError } from '../support/record';

interface Reference {
  readonly splits: readonly {
    readonly rows: number;
    readonly folds: number;
    readonly seed: number;
    readonly shuffle: boolean;
    readonly labels: number[];
    readonly plain: number[][];
    readonly stratified: number[][];
  }[];
  readonly folds: number;
  readonly seed: number;
  readonly X: number[][];
  readonly targets: Readonly<Record<string, number[]>>;
  readonly weights: number[];
  readonly cases: readonly {
    readonly name: string;
    readonly activation: LayerActivationName;
    readonly target: string;
    readonly weighted: boolean;
    readonly standardize: boolean;
    readonly candidates: readonly { l1: number; l2: number; scores: number[]; losses: number[] }[];
  }[];
}

const { splits, folds, seed, X, targets, weights, cases } = JSON.parse(
  readFileSync(path.join(__dirname, 'selection.json'), 'utf8'),
) as Reference;

const held = (found: readonly Split[]): number[][] => found.map(({ test }) => [...test]);

describe.each(splits)(
  "scikit-learn's $folds folds of $rows rows, shuffled: $shuffle, seed $seed",
  (split) => {
    const { rows, labels, plain, stratified, ...options } = split;
    const all = { folds: options.folds, shuffle: options.shuffle, seed: options.seed };

    test('are these', () => {
      const found = kFold(rows, all);
      expect(held(found)).toEqual(plain);
      for (const { train, test } of found)
        expect([...train, ...test].sort((a, b) => a - b)).toEqual(labels.map((_, row) => row));
    });

    test('are by class these', () => {
      const named = labels.map((label) => `class ${label}`);
      expect(held(stratifiedKFold(named, all))).toEqual(stratified);
    });
  },
);

/** The share of a loss or score by which they may differ: fits end at the optimum in their own ways. */
const tolerances = { float64: 1e-7, float32: 2e-3 };

describeOnUsualDevices("scikit-learn's scores of rows held out", (target) => {
  describe.each(target.dtypes)('in %s', (dtype) => {
    test.each(cases)('$name', async ({ activation, target: name, weighted, standardize, candidates }) => {
      const y = targets[name] as number[];
      const l1 = [...new Set(candidates.map((each) => each.l1))];
      const l2 = [...new Set(candidates.map((each) => each.l2))];
      const options = { activation, standardize, folds, seed, grid: { l1, l2 }, dtype, refit: false };
      const found = await crossValidate(X, y, {
        ...options,
        ...(weighted ? { sampleWeight: weights } : {}),
        device: target.device,
      });
      for (const [at, { scores, losses, ...penalties }] of candidates.entries()) {
        const own = found.candidates[at] as Candidate;
        expect(own).toMatchObject({ ...penalties, converged: true });
        const off = relativeError([...own.losses], losses);
        recordError(target.title, dtype, 'losses of rows held out, as in scikit-learn', off);
        expect(off).toBeLessThan(tolerances[dtype]);
        expectScores(own.scores, scores, activation === 'linear' ? tolerances[dtype] : rowsOff[dtype]);
      }
      const means = candidates.map((each) => each.scores.reduce((sum, score) => sum + score, 0) / folds);
      expect(found.best.meanScore).toBeCloseTo(Math.max(...means), dtype === 'float64' ? 6 : 2);
      expect(found.candidates).toContain(found.best);
    });
  });
});

/** Of a fold of 88 rows: in float32 one between two classes may fall to the other side. */
const rowsOff = { float64: 1e-12, float32: 2 / 88 };

function expectScores(got: Float64Array, right: readonly number[], most: number): void {
  const off = right.map((score, fold) => Math.abs(score - (got[fold] ?? NaN)));
  expect(Math.max(...off)).toBeLessThanOrEqual(most);
}
