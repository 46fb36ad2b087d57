import {
  Neuron,
  batchGradientDescent,
  lossGradient,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../lib';
import { invalidPairs } from '../support/arbitrary';
import { type Expected, expectRejection } from '../support/expectations';

const X = [
  [1, 2],
  [3, 4],
];
const y = [1, 0];

type Options = Record<string, unknown>;
type Call = (options: unknown) => Promise<unknown>;

/** Every call that takes options, and options that it takes. */
const calls: Record<string, { readonly call: Call; readonly good: Options }> = {
  batch: {
    call: (options) => batchGradientDescent(X, y, options as never),
    good: { learningRate: 0.1, iterations: 2, device: 'cpu' },
  },
  stochastic: {
    call: (options) => stochasticGradientDescent(X, y, options as never),
    good: { learningRate: 0.1, epochs: 2, device: 'cpu' },
  },
  'mini-batch': {
    call: (options) => miniBatchGradientDescent(X, y, options as never),
    good: { learningRate: 0.1, epochs: 2, device: 'cpu' },
  },
  lossGradient: {
    call: (options) => lossGradient(X, y, options as never),
    good: { theta: [1, 2], device: 'cpu' },
  },
  fit: {
    call: (options) => new Neuron({ inputs: 2 }).fit(X, y, options as never),
    good: { strategy: 'batch', learningRate: 0.1, iterations: 2, device: 'cpu' },
  },
  predict: {
    call: (options) => new Neuron({ inputs: 2 }).predict(X, options as never),
    good: { device: 'cpu' },
  },
  score: {
    call: (options) => new Neuron({ inputs: 2 }).score(X, y, options as never),
    good: { device: 'cpu' },
  },
};

const descents = ['batch', 'stochastic', 'mini-batch', 'fit'];
const sequential = ['stochastic', 'mini-batch'];
const training = [...descents, 'lossGradient'];
const everywhere = Object.keys(calls);

const notNumbers = [NaN, Infinity, -1, '0.1', null, {}, [1], 1n, true];
const notCounts = [0, -1, 1.5, NaN, Infinity, 2 ** 53, '10', null, [5]];
const notFlags = [0, 1, 'true', null, {}];
const notNames = ['', 'LINEAR', 'toString', '__proto__', 7, null, {}, ['linear']];

/** [option, bad values, what the message says, the calls that take it] */
const bad: [string, unknown[], RegExp, string[]][] = [
  [
    'learningRate',
    [0, 'automatic', ...notNumbers.filter((value) => typeof value !== 'object' || value === null), [1]],
    /learningRate must be (a number above 0|an object)/,
    descents,
  ],
  ['iterations', notCounts, /iterations must be an integer from 1 to 100000000/, ['batch', 'fit']],
  ['epochs', [undefined, ...notCounts], /epochs must be an integer from 1 to/, sequential],
  ['batchSize', [...notCounts, 2 ** 32], /batchSize must be an integer from 1 to 4294967295/, ['mini-batch']],
  ['seed', [-1, 0.5, 2 ** 32, NaN, '1', null], /seed must be an integer from 0 to 4294967295/, sequential],
  ['sampling', notNames, /sampling must be 'with-replacement' or 'shuffle'/, ['stochastic']],
  [
    'activation',
    notNames,
    /activation must be 'linear', 'sigmoid', 'tanh', 'relu', 'softplus'(, 'exp' or 'softmax'| or 'exp')/,
    ['batch', ...sequential, 'lossGradient'],
  ],
  [
    'loss',
    notNames,
    /loss must be 'squared', 'log', 'absolute', 'huber', 'hinge', 'poisson' or 'cross-entropy'/,
    training,
  ],
  ['fitIntercept', notFlags, /fitIntercept must be true or false/, training],
  ['optimizer', ['newton', ''], /optimizer must be 'sgd', 'momentum', .* or 'lbfgs'; it is/, descents],
  ['optimizer', [5, null, true, ['adam']], /optimizer must be an object; it is/, descents],
  ['l1', notNumbers, /l1 must be a number, 0 or more/, training],
  ['l2', notNumbers, /l2 must be a number, 0 or more/, training],
  ['initialIntercept', [NaN, Infinity, '1', null], /initialIntercept must be a finite number/, descents],
  ['tolerance', notNumbers, /tolerance must be a number, 0 or more/, descents],
  ['maxSeconds', [0, ...notNumbers], /maxSeconds must be a number above 0/, descents],
  ['plan', notNames, /plan must be 'auto', 'fused' or 'gram'/, descents],
  ['dtype', ['float16', ...notNames], /dtype must be 'float32' or 'float64'/, everywhere],
  [
    'device',
    ['CPU', 'opencl:', 'opencl:x', 'cuda', ' cpu', ...notNames],
    /device must be one of 'auto', 'cpu'/,
    everywhere,
  ],
  [
    'signal',
    [null, {}, 'abort', new AbortController(), () => undefined],
    /signal must be an AbortSignal/,
    everywhere,
  ],
  ['onProgress', [null, {}, 'log', 1], /onProgress must be a function/, descents],
  ['theta', [undefined, null, 7, 'ab'], /theta must be an array of numbers/, ['lossGradient']],
  ['intercept', [NaN, Infinity, '1', null], /intercept must be a finite number/, ['lossGradient']],
  ['strategy', notNames, /strategy must be 'batch', 'stochastic' or 'mini-batch'/, ['fit']],
  ['standardize', notFlags, /standardize must be true or false/, ['fit']],
];

const cases = bad.flatMap(([option, values, message, names]) =>
  names.flatMap((name) => values.map((value) => ({ name, option, value, message }))),
);

/** The options of one call that another has not. */
const misplaced: [string, string[]][] = [
  ['batch', ['epochs', 'batchSize', 'seed', 'sampling', 'strategy', 'theta', 'intercept', 'standardize']],
  ['stochastic', ['iterations', 'batchSize', 'strategy', 'theta']],
  ['mini-batch', ['iterations', 'sampling', 'strategy']],
  [
    'lossGradient',
    ['learningRate', 'iterations', 'epochs', 'plan', 'tolerance', 'initialTheta', 'onProgress'],
  ],
  ['fit', ['epochs', 'batchSize', 'seed', 'sampling', 'theta', 'weights']],
  ['predict', ['learningRate', 'loss', 'activation', 'plan', 'onProgress']],
  ['score', ['learningRate', 'loss']],
];

/** [a schedule, what is wrong with it, the option that is named, what the message says] */
const badSchedules: [object, string, RegExp][] = [
  [{}, 'learningRate.schedule', /must be 'inverse-scaling', 'step', 'exponential' or 'cosine'/],
  [{ schedule: 'linear', initial: 1 }, 'learningRate.schedule', /it is 'linear'/],
  ...[undefined, 0, -1, NaN, '0.1', null].map((initial): [object, string, RegExp] => [
    { schedule: 'inverse-scaling', initial },
    'learningRate.initial',
    /learningRate.initial must be a number above 0/,
  ]),
  [{ schedule: 'step', initial: 1, stepSize: 2, per: 'pass' }, 'learningRate.per', /'step' or 'epoch'/],
  [{ schedule: 'inverse-scaling', initial: 1, powerT: -1 }, 'learningRate.powerT', /a number, 0 or more/],
  [
    { schedule: 'inverse-scaling', initial: 1, gamma: 2 },
    'gamma',
    /schedule 'inverse-scaling' has no option 'gamma'/,
  ],
  [{ schedule: 'step', initial: 1 }, 'learningRate.stepSize', /an integer from 1/],
  [{ schedule: 'step', initial: 1, stepSize: 1.5 }, 'learningRate.stepSize', /an integer from 1/],
  [{ schedule: 'step', initial: 1, stepSize: 1, gamma: 0 }, 'learningRate.gamma', /a number above 0/],
  [{ schedule: 'exponential', initial: 1 }, 'learningRate.gamma', /a number above 0; it is undefined/],
  [{ schedule: 'cosine', initial: 1, tMax: 0 }, 'learningRate.tMax', /an integer from 1/],
  [{ schedule: 'cosine', initial: 1, etaMin: -0.1 }, 'learningRate.etaMin', /a number, 0 or more/],
  [{ schedule: 'cosine', initial: 1, warmup: -1 }, 'learningRate.warmup', /an integer from 0/],
  [{ schedule: 'cosine', initial: 1, startFactor: 0 }, 'learningRate.startFactor', /above 0, at most 1/],
];

test.each(badSchedules)('the schedule %j is refused', async (learningRate, option, message) => {
  for (const name of descents) {
    const { call, good } = calls[name] ?? {};
    await expectRejection(call?.({ ...good, learningRate }) ?? Promise.resolve(), {
      code: 'ERR_INVALID_ARGUMENT',
      option,
      message,
    } satisfies Expected);
  }
});

test.each(descents)(
  'an optimizer of %s without a name that there is is refused by its field',
  async (name) => {
    const { call, good } = calls[name] ?? {};
    for (const optimizer of [{}, { name: 'ADAM' }, { name: null }]) {
      await expectRejection(call?.({ ...good, optimizer }) ?? Promise.resolve(), {
        code: 'ERR_INVALID_ARGUMENT',
        option: 'optimizer.name',
        message: /optimizer.name must be 'sgd', 'momentum', .* or 'lbfgs'; it is/,
      });
    }
  },
);

/** [what has no named values and would do as no options at all, what the message calls it] */
const unnamed: [unknown, string][] = [
  [Promise.resolve({ l2: 1 }), 'a Promise'],
  [new Map([['l2', 1]]), 'a Map'],
  [new Set(), 'a Set'],
  [new AbortController().signal, 'an AbortSignal'],
  [new Float64Array(2), 'a Float64Array'],
  [new Date(), 'a Date'],
  [[1], 'an array'],
  [() => undefined, 'a function'],
  ['x'.repeat(100), `'${'x'.repeat(60)}…'`],
  [7n, '7n'],
];

test.each(unnamed)('options that have no names are refused: %s', async (options, shown) => {
  for (const { call } of Object.values(calls)) {
    await expectRejection(call(options), {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'options',
      message: `options must be an object; it is ${shown}`,
    });
  }
});

test.each(['l1', 'validation', 'checkpoint', 'classWeight'])(
  'what is no object and no other %s is refused as such in a fit',
  async (option) => {
    for (const value of [null, Promise.resolve(1), new Set([1]), Symbol('s'), () => undefined]) {
      const fit = new Neuron({ inputs: 2, activation: 'sigmoid' }).fit(X, y, { [option]: value });
      await expectRejection(fit, { code: 'ERR_INVALID_ARGUMENT', option, message: /must be/ });
    }
  },
);

test('an empty intercept to begin with is refused', async () => {
  const options = { learningRate: 0.1, iterations: 1, fitIntercept: true, initialIntercept: [] };
  await expectRejection(batchGradientDescent(X, y, options), {
    code: 'ERR_SHAPE',
    option: 'initialIntercept',
    message: 'initialIntercept is empty',
  });
  await expectRejection(lossGradient(X, y, { theta: [1, 2], intercept: [] }), {
    code: 'ERR_SHAPE',
    option: 'intercept',
    message: 'intercept is empty',
  });
});

test('an intercept to begin with where none is fitted is refused', async () => {
  const options = { learningRate: 0.1, iterations: 1, initialIntercept: 1 };
  await expectRejection(batchGradientDescent(X, y, options), {
    code: 'ERR_INVALID_ARGUMENT',
    option: 'initialIntercept',
    message: /none is fitted/,
  });
});

/** [an optimiser's constant, its bad values, the optimisers that have it, what the message says] */
const badConstants: [string, unknown[], string[], RegExp][] = [
  ['momentum', [-0.1, 1, NaN, '0.9'], ['momentum', 'nesterov', 'rmsprop'], /a number from 0 to below 1/],
  ['dampening', [-1, 1, null], ['momentum'], /a number from 0 to below 1/],
  ['alpha', [-1, 1, NaN], ['rmsprop'], /a number from 0 to below 1/],
  ['betas', [0.9, [0.9], [0.9, 0.99, 0.999]], ['adam', 'adamw'], /an array of two numbers/],
  ['eps', [0, -1, NaN, '1'], ['adagrad', 'rmsprop', 'adam', 'adamw'], /a number above 0/],
  ['lrDecay', [-1, Infinity], ['adagrad'], /a number, 0 or more/],
  ['initialAccumulatorValue', [-1, NaN], ['adagrad'], /a number, 0 or more/],
  ['weightDecay', [-1, '0'], ['adamw'], /a number, 0 or more/],
  ['centered', [0, 'true'], ['rmsprop'], /true or false/],
  ['amsgrad', [1, null], ['adam', 'adamw'], /true or false/],
  ['history', [0, -1, 1.5, 1001, NaN, '10'], ['lbfgs'], /an integer from 1 to 1000/],
];

const constantCases = badConstants.flatMap(([constant, values, optimizers, rule]) =>
  optimizers.flatMap((name) => values.map((value) => ({ name, constant, value, rule }))),
);

describe("an optimiser's constants", () => {
  const descend = (more: Options): Promise<unknown> =>
    batchGradientDescent(X, y, { learningRate: 0.1, iterations: 2, device: 'cpu', ...more });

  it.each(constantCases)(
    'are refused: $name with $constant $value',
    async ({ name, constant, value, rule }) => {
      const option = `optimizer.${constant}`;
      const message = new RegExp(`^optimizer\\.${constant} must be ${rule.source}; it is `);
      await expectRejection(descend({ optimizer: { name, [constant]: value } }), {
        code: 'ERR_INVALID_ARGUMENT',
        option,
        message,
      });
    },
  );

  it.each([0, 1])('are refused in an array, place %d', async (place) => {
    const betas = [0.9, 0.999].map((beta, at) => (at === place ? 1 : beta));
    await expectRejection(descend({ optimizer: { name: 'adam', betas } }), {
      code: 'ERR_INVALID_ARGUMENT',
      option: `optimizer.betas[${place}]`,
      message: /must be a number from 0 to below 1; it is 1/,
    });
  });

  it('are refused with an optimiser that has them not', async () => {
    await expectRejection(descend({ optimizer: { name: 'nesterov', dampening: 0.1 } }), {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'dampening',
      message: /optimizer 'nesterov' has no option 'dampening'; its options are name, momentum/,
    });
  });

  it.each(['momentum', 'nesterov', 'rmsprop', 'adam', 'adamw'])(
    'are none for l1 with %s',
    async (optimizer) => {
      await expectRejection(descend({ optimizer, l1: 0.1 }), {
        code: 'ERR_INVALID_ARGUMENT',
        option: 'optimizer',
        message: `optimizer '${optimizer}' has no steps for an l1 penalty: use 'sgd', 'adagrad' or 'lbfgs', or l2`,
      });
    },
  );
});

describe("optimizer 'lbfgs'", () => {
  const refused = { code: 'ERR_INVALID_ARGUMENT' } as const;

  it.each([0.1, 'auto'])('is refused with a learning rate: %s', async (learningRate) => {
    const descent = batchGradientDescent(X, y, { optimizer: 'lbfgs', learningRate, iterations: 2 } as never);
    const message = "optimizer 'lbfgs' finds the length of each step by itself: leave learningRate out";
    await expectRejection(descent, { ...refused, option: 'learningRate', message });
  });

  it.each(sequential)('is refused where rows are drawn: %s', async (strategy) => {
    const { call } = calls[strategy] as (typeof calls)[string];
    const message = `optimizer 'lbfgs' is for batch descents, whose gradient is over all rows: use another for ${strategy} steps`;
    await expectRejection(call({ optimizer: 'lbfgs', epochs: 2 }), {
      ...refused,
      option: 'optimizer',
      message,
    });
  });

  it("is refused with plan 'gram'", async () => {
    const descent = batchGradientDescent(X, y, { optimizer: 'lbfgs', plan: 'gram', iterations: 2 });
    const message = "optimizer 'lbfgs' makes passes over X, which plan 'gram' spares: leave the plan 'auto'";
    await expectRejection(descent, { ...refused, option: 'plan', message });
  });

  it('has to be told how many iterations it may take', async () => {
    const descent = batchGradientDescent(X, y, { optimizer: 'lbfgs' } as never);
    await expectRejection(descent, { ...refused, option: 'iterations', message: /must be an integer/ });
  });
});

describe('options that a descent requires', () => {
  it.each([
    ['learningRate', ['batch', ...sequential]],
    ['iterations', ['batch']],
    ['epochs', sequential],
  ])('are asked for where they are left out: %s', async (option, names) => {
    for (const name of names) {
      const { call, good } = calls[name] as (typeof calls)[string];
      await expectRejection(call({ ...good, [option]: undefined }), {
        code: 'ERR_INVALID_ARGUMENT',
        option,
        message: new RegExp(`^${option} must be `),
      });
    }
  });
});

describe('bad options', () => {
  it.each(everywhere)('are none of those that the other tests start from: %s', async (name) => {
    const { call, good } = calls[name] as (typeof calls)[string];
    await expect(call(good)).resolves.toBeDefined();
  });

  it.each(cases)('are refused: $name with $option $value', async ({ name, option, value, message }) => {
    const { call, good } = calls[name] as (typeof calls)[string];
    const refused: Expected = { code: 'ERR_INVALID_ARGUMENT', option, message };
    await expectRejection(call({ ...good, [option]: value }), refused);
  });

  it.each(misplaced)('are refused where they do not belong: %s', async (name, options) => {
    const { call, good } = calls[name] as (typeof calls)[string];
    for (const option of [...options, 'learningrate', 'lr', '', 'constructor']) {
      const message = `has no option '${option}'; its options are `;
      await expectRejection(call({ ...good, [option]: 1 }), {
        code: 'ERR_INVALID_ARGUMENT',
        option,
        message,
      });
    }
  });

  it.each(everywhere)('are refused when they are no object: %s', async (name) => {
    const { call } = calls[name] as (typeof calls)[string];
    for (const options of [null, 7, 'batch', true]) {
      const refused: Expected = {
        code: 'ERR_INVALID_ARGUMENT',
        option: 'options',
        message: 'must be an object',
      };
      await expectRejection(call(options), refused);
    }
  });

  it.each(invalidPairs)('are refused together: $activation with $loss', async ({ activation, loss }) => {
    const refused: Expected = {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'loss',
      message: new RegExp(`loss '${loss}' needs .* which activation '${activation}' does not give: use '`),
    };
    for (const name of ['batch', ...sequential, 'lossGradient']) {
      const { call, good } = calls[name] as (typeof calls)[string];
      await expectRejection(call({ ...good, activation, loss }), refused);
    }
    const fit = new Neuron({ inputs: 2, activation }).fit(X, y, {
      ...(calls['fit']?.good as object),
      loss,
    });
    await expectRejection(fit, refused);
  });

  it("are refused together: plan 'gram' with what it cannot compute", async () => {
    const refused: Expected = {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'plan',
      message: "plan 'gram' is for batch descents",
    };
    for (const name of sequential) {
      const { call, good } = calls[name] as (typeof calls)[string];
      await expectRejection(call({ ...good, plan: 'gram' }), refused);
    }
    const { call, good } = calls['batch'] as (typeof calls)[string];
    await expectRejection(call({ ...good, plan: 'gram', activation: 'tanh' }), refused);
    await expectRejection(call({ ...good, plan: 'gram', loss: 'huber' }), refused);
  });

  it("are refused where they are the neuron's own: the activation of a fit", async () => {
    const { call, good } = calls['fit'] as (typeof calls)[string];
    const message = "activation is the model's own";
    await expectRejection(call({ ...good, activation: 'linear' }), {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'activation',
      message,
    });
  });

  it('take undefined for what is left out', async () => {
    const left = { l1: undefined, l2: undefined, loss: undefined, signal: undefined, dtype: undefined };
    for (const name of training) {
      const { call, good } = calls[name] as (typeof calls)[string];
      await expect(call({ ...good, ...left })).resolves.toBeDefined();
    }
  });
});
