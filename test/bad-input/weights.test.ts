import {
  Neuron,
  batchGradientDescent,
  lossGradient,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../lib';
import { type Expected, expectRejection } from '../support/expectations';

const X = [
  [1, 2],
  [3, 4],
  [5, 6],
];
const y = [1, 0, 1];

const calls: Record<string, (options: object) => Promise<unknown>> = {
  batch: (options) => batchGradientDescent(X, y, { learningRate: 0.1, iterations: 2, ...options }),
  stochastic: (options) => stochasticGradientDescent(X, y, { learningRate: 0.1, epochs: 1, ...options }),
  'mini-batch': (options) => miniBatchGradientDescent(X, y, { learningRate: 0.1, epochs: 1, ...options }),
  lossGradient: (options) => lossGradient(X, y, { theta: [0, 0], ...options }),
  fit: (options) =>
    new Neuron({ inputs: 2 }).fit(X, y, {
      ...{ strategy: 'batch', learningRate: 0.1, iterations: 1, standardize: true },
      ...options,
    }),
  score: (options) => new Neuron({ inputs: 2 }).score(X, y, options),
};

const option = 'sampleWeight';
const bad: [what: string, sampleWeight: unknown, expected: Expected][] = [
  [
    'a negative one',
    [1, 2, -0.5],
    { code: 'ERR_INVALID_ARGUMENT', message: /sampleWeight\[2\] is below 0/, row: 2, option },
  ],
  ['NaN', [1, NaN, 1], { code: 'ERR_NOT_FINITE', message: /sampleWeight\[1\] is NaN/, row: 1, option }],
  [
    'an infinite one',
    Float64Array.of(Infinity, 1, 1),
    { code: 'ERR_NOT_FINITE', message: /sampleWeight\[0\] is Infinity/, row: 0, option },
  ],
  ['zeros alone', [0, 0, 0], { code: 'ERR_INVALID_ARGUMENT', message: /every sampleWeight is 0/, option }],
  ['too few', [1, 1], { code: 'ERR_SHAPE', message: /sampleWeight has 2 values, and X has 3 rows/, option }],
  ['none', [], { code: 'ERR_SHAPE', message: /sampleWeight has 0 values/, option }],
  ['a text', 'balanced', { code: 'ERR_INVALID_ARGUMENT', message: /sampleWeight must be an array/, option }],
  [
    'texts',
    ['1', '2', '3'],
    { code: 'ERR_INVALID_ARGUMENT', message: /sampleWeight\[0\] must be a number/, option },
  ],
];

describe.each(Object.entries(calls))('bad weights of %s', (_, call) => {
  it.each(bad)('refuses %s', async (_what, sampleWeight, expected) => {
    await expectRejection(call({ device: 'cpu', sampleWeight }), expected);
  });
});

describe('bad class weights', () => {
  const log = { activation: 'sigmoid', loss: 'log', device: 'cpu' } as const;
  const call = async (classWeight: unknown): Promise<unknown> =>
    await batchGradientDescent(X, y, {
      ...log,
      learningRate: 0.1,
      iterations: 1,
      classWeight: classWeight as never,
    });

  it.each<[unknown, RegExp]>([
    ['even', /classWeight must be 'balanced'/],
    [2, /classWeight must be 'balanced'/],
    [null, /classWeight must be 'balanced'/],
    [[1], /classWeight has 1 values, and there are 2 classes/],
    [[1, 2, 3], /classWeight has 3 values, and there are 2 classes/],
    [{ 2: 1 }, /classWeight names the class "2"; the classes are 0 and 1/],
    [new Map([[true, 1]]), /classWeight names the class true/],
    [{ 0: -1 }, /classWeight must be 0 or more for each class, that of 0 too; it is -1/],
    [{ 1: NaN }, /that of 1 too; it is NaN/],
    [{ 1: Infinity }, /that of 1 too; it is Infinity/],
    [[0, '1'], /that of 1 too; it is '1'/],
    [[0, 0], /classWeight must be above 0 for one class at least/],
  ])('refuses %p', async (classWeight, message) => {
    await expectRejection(call(classWeight), {
      code: 'ERR_INVALID_ARGUMENT',
      message,
      option: 'classWeight',
    });
  });

  it('are for losses whose targets are classes', async () => {
    await expectRejection(
      batchGradientDescent(X, y, { learningRate: 0.1, iterations: 1, classWeight: 'balanced' }),
      { code: 'ERR_INVALID_ARGUMENT', message: /with 'squared' use sampleWeight/, option: 'classWeight' },
    );
  });

  it('name the classes of the neuron', async () => {
    const neuron = new Neuron({ inputs: 2, activation: 'sigmoid' });
    await expectRejection(
      neuron.fit(X, ['a', 'b', 'a'], {
        ...{ strategy: 'batch', learningRate: 0.1, iterations: 1 },
        classWeight: { c: 2 },
      }),
      {
        code: 'ERR_INVALID_ARGUMENT',
        message: /names the class "c"; the classes are "a" and "b"/,
        option: 'classWeight',
      },
    );
  });
});
