import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Dtype, Neuron } from '../../lib';
import { describeOnEachDevice } from '../support/each-device';
import { relativeError } from '../support/expectations';
import { recordError } from '../support/record';

interface Problem {
  readonly name: string;
  readonly loss: 'log' | 'poisson';
  readonly l2: number;
  readonly file?: string;
  readonly X?: number[][];
  readonly y?: number[];
  /** Of the standardized X. */
  readonly condition: number;
  /** The least loss. */
  readonly least: number;
  /** z of the first rows there. */
  readonly outputs: number[];
}

const { problems } = JSON.parse(readFileSync(path.join(__dirname, 'optimum.json'), 'utf8')) as {
  problems: Problem[];
};

function rowsOf({ file, X = [], y = [] }: Problem): { X: number[][]; y: number[] } {
  if (file === undefined) return { X, y };
  const text = readFileSync(path.join(__dirname, '..', '..', 'examples', 'data', file), 'utf8');
  const rows = text.trim().split(/\r?\n/).slice(1);
  const values = rows.map((row) => row.split(',').map(Number));
  return { X: values.map((row) => row.slice(0, -1)), y: values.map((row) => row.at(-1) ?? NaN) };
}

// What is asked of L-BFGS: the loss of scikit-learn's within a hundred-millionth. In float32 the rows themselves are rounded,
// to which nearly equal columns are sensitive.
const toleranceOf = (dtype: Dtype, condition: number): number =>
  dtype === 'float64' ? 1e-8 : condition < 1000 ? 1e-6 : 4e-6;

describeOnEachDevice("scikit-learn's optimum", (target) => {
  describe.each(target.dtypes)('in %s', (dtype) => {
    it.each(problems)('of $name is found by L-BFGS', async (problem) => {
      const { X, y } = rowsOf(problem);
      const neuron = new Neuron({
        inputs: X[0]?.length ?? 0,
        activation: problem.loss === 'log' ? 'sigmoid' : 'exp',
      });
      const descent = await neuron.fit(X, y, {
        strategy: 'batch',
        optimizer: 'lbfgs',
        iterations: 10_000,
        standardize: true,
        l2: problem.l2,
        dtype,
        device: target.device,
      });
      expect(descent).toMatchObject({ stopped: 'converged', converged: true, plan: 'fused' });
      expect(descent.loss).toHaveLength(descent.iterations + 1);
      const off = Math.abs((descent.loss.at(-1) ?? NaN) - problem.least) / Math.abs(problem.least);
      recordError(target.title, dtype, 'least loss by L-BFGS as in scikit-learn', off);
      const tolerance = toleranceOf(dtype, problem.condition);
      expect(off).toBeLessThan(tolerance);
      const z = X.slice(0, problem.outputs.length).map((row) =>
        row.reduce((sum, value, j) => sum + value * (descent.theta[j] ?? NaN), descent.intercept),
      );
      expect(relativeError(z, problem.outputs)).toBeLessThan(Math.sqrt(tolerance));
    });
  });
});
