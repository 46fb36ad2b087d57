import reference from '../reference/reference.json';
import { exampleLines, numbersAfter, numbersIn } from './run-example';

// The values expected here are worked out from formulas and from NumPy's own descents, never read off the output.

const logistic = (z: number): number => 1 / (1 + Math.exp(-z));
const points = [-2, -1, 0, 1, 2];

test('neuron.js shows a neuron, its activations and their derivatives', async () => {
  const lines = await exampleLines('neuron');
  expect(numbersAfter(lines, '  w·x + b = ')).toEqual([-0.5]);
  expect(numbersAfter(lines, '  output  = ')).toEqual([expect.closeTo(logistic(-0.5), 6)]);

  const half = lines.findIndex((line) => line.startsWith("φ'(z)"));
  const values = lines.slice(0, half);
  const slopes = lines.slice(half);
  const phis: Record<string, [(z: number) => number, (z: number) => number]> = {
    linear: [(z) => z, () => 1],
    sigmoid: [logistic, (z) => logistic(z) * (1 - logistic(z))],
    tanh: [(z) => Math.tanh(z), (z) => 1 / Math.cosh(z) ** 2],
    relu: [(z) => Math.max(0, z), (z) => (z > 0 ? 1 : 0)],
    softplus: [(z) => Math.log(1 + Math.exp(z)), logistic],
    exp: [(z) => Math.exp(z), (z) => Math.exp(z)],
  };
  for (const [name, [value, slope]] of Object.entries(phis)) {
    expect(numbersAfter(values, name)).toEqual(points.map((z) => expect.closeTo(value(z), 4) as number));
    expect(numbersAfter(slopes, name)).toEqual(points.map((z) => expect.closeTo(slope(z), 4) as number));
  }
});

test('loss.js finds the loss and both its slopes', async () => {
  const [, ...lines] = await exampleLines('loss');
  expect(lines).toHaveLength(5);
  for (const line of lines) {
    const [weight = NaN, loss, numerical, exact] = numbersIn(line);
    // On x = 1, 2, 3 and y = 2x the loss is the mean of (2 − w)²·x², and the mean of x² is 14/3.
    expect(loss).toBeCloseTo((2 - weight) ** 2 * (14 / 3), 4);
    expect(numerical).toBeCloseTo(-2 * (2 - weight) * (14 / 3), 4);
    expect(exact).toBeCloseTo(-2 * (2 - weight) * (14 / 3), 4);
  }
});

test('numerical-gradient.js finds slopes and descends x² and x² + y²', async () => {
  const lines = await exampleLines('numerical-gradient');
  for (const x of [-3, 0, 3]) expect(numbersAfter(lines, `  slope at ${x}: `)).toEqual([2 * x]);
  for (const steps of [1, 2, 10, 100]) {
    const [x = NaN] = numbersAfter(lines, `  after ${String(steps).padStart(3)} steps: x = `);
    expect(Math.abs(x / (3 * 0.8 ** steps) - 1)).toBeLessThan(1e-3);
  }
  expect(numbersAfter(lines, '  gradient at (3, 4): ')).toEqual([6, 8]);
  const shrunk = 0.8 ** 20;
  const end = [-3 * shrunk, 4 * shrunk].map((value) => expect.closeTo(value, 4) as number);
  expect(numbersAfter(lines, '  20 steps from (-3, 4): ')).toEqual(end);
});

test('three-descents.js gives what NumPy gives, and the exact line where there is one', async () => {
  const lines = await exampleLines('three-descents');
  const half = lines.indexOf('');
  const without = lines.slice(0, half);
  const points4 = reference.descents.find(({ name }) => name === 'four-points');
  const near = (values: readonly number[] = []): number[] =>
    values.map((value) => expect.closeTo(value, 4) as number);

  // XᵀX = [[10, 13], [13, 18]] and Xᵀy = [54, 73].
  const [theta1, theta2, , loss, steps] = numbersAfter(without, 'batch');
  expect([theta1, theta2]).toEqual(near([(54 * 18 - 13 * 73) / 11, (10 * 73 - 13 * 54) / 11]));
  // The residuals there are 15/11, 9/11, −3/11 and −9/11.
  expect(loss).toBeCloseTo(9 / 11, 4);
  expect(steps).toBe(1000);
  expect(numbersAfter(without, 'stochastic').slice(0, 2)).toEqual(near(points4?.stochastic['42']));
  expect(numbersAfter(without, 'mini-batch').slice(0, 2)).toEqual(near(points4?.miniBatch['42']));

  const withIntercept = lines.slice(half + 1);
  for (const name of ['batch', 'stochastic', 'mini-batch']) {
    const [a, b, intercept, lossLeft] = numbersAfter(withIntercept, name);
    expect([a, b, intercept]).toEqual([1, 2, 3]);
    expect(lossLeft).toBe(0);
  }
});
