import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Neuron } from '../../lib';
import { describeOnUsualDevices } from '../support/each-device';

interface Problem {
  readonly name: string;
  /** y is a polynomial of x of this degree. */
  readonly degree: number;
  readonly fitIntercept: boolean;
  readonly x: number[];
  readonly y: number[];
  /** The intercept, where there is one, then the weight of each power. */
  readonly certified: number[];
}

const problems = JSON.parse(readFileSync(path.join(__dirname, 'nist.json'), 'utf8')) as Problem[];

/** Digits that a fit has of the certified values, at least. The powers of Filip are nearly dependent: a condition of 10¹⁵. */
const digits: Readonly<Record<string, number>> = { Filip: 5 };

/** How many digits of `certified` are right, at least. */
function rightDigits(found: readonly number[], certified: readonly number[]): number {
  const off = certified.map((value, j) => Math.abs((found[j] ?? NaN) - value) / Math.abs(value));
  return -Math.log10(Math.max(...off, 1e-15));
}

describeOnUsualDevices("NIST's reference data", (target) => {
  // float32 has fewer digits than these tables.
  const told = target.dtypes.includes('float64') ? problems : [];

  it.each(told)('$name is fitted by default', async ({ name, degree, fitIntercept, x, y, certified }) => {
    const X = x.map((value) => Array.from({ length: degree }, (_, k) => value ** (k + 1)));
    const neuron = new Neuron({ inputs: degree });
    const { converged } = await neuron.fit(X, y, { fitIntercept, device: target.device });
    expect(converged).toBe(true);
    const found = [...(fitIntercept ? [neuron.bias] : []), ...neuron.weights];
    expect(rightDigits(found, certified)).toBeGreaterThan(digits[name] ?? 6);
  });
});
