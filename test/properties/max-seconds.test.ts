import { batchGradientDescent, miniBatchGradientDescent, stochasticGradientDescent } from '../../lib';
import { Uniform, flat, realData } from '../support/arbitrary';

const data = realData('float64', 500, 5, 'log', new Uniform(2));
const [X, { y }] = [flat('float64', data), data] as const;

/** Longer than any test. */
const forever = 100_000_000;
const common = { learningRate: 1e-6, device: 'cpu', fitIntercept: true } as const;

type Descend = (more: object) => ReturnType<typeof batchGradientDescent>;

const descents: [string, Descend][] = [
  ['batch', (more) => batchGradientDescent(X, y, { ...common, iterations: forever, ...more })],
  [
    'batch on the gram matrix',
    (more) => batchGradientDescent(X, y, { ...common, iterations: forever, plan: 'gram', ...more }),
  ],
  ['stochastic', (more) => stochasticGradientDescent(X, y, { ...common, epochs: forever, ...more })],
  ['mini-batch', (more) => miniBatchGradientDescent(X, y, { ...common, epochs: forever, ...more })],
];

describe.each(descents)('maxSeconds of a descent: %s', (_, descend) => {
  it('ends it early, with what it has found so far', async () => {
    const found = await descend({ maxSeconds: 0.1 });
    expect(found).toMatchObject({ stopped: 'early', converged: false });
    expect(found.seconds).toBeGreaterThanOrEqual(0.1);
    expect(found.iterations).toBeGreaterThan(0);
    expect(found.loss.at(-1)).toBeLessThan(found.loss[0] ?? 0);
  });
});

test('maxSeconds ends L-BFGS after the step that it is in', async () => {
  const options = { activation: 'sigmoid', loss: 'log', optimizer: 'lbfgs', iterations: 100 } as const;
  const found = await batchGradientDescent(X, y, { ...options, device: 'cpu', maxSeconds: 1e-9 });
  expect(found).toMatchObject({ stopped: 'early', converged: false, iterations: 0 });
  expect(found.loss[0]).toBeCloseTo(Math.LN2, 12);
});
