import fc from 'fast-check';
import { Neuron, type NeuronOptions, sigmoid } from '../../lib';
import { activations } from '../support/arbitrary';
import { type Expected, expectThrow } from '../support/expectations';
import * as plain from '../support/plain';

const finite = fc.double({ min: -100, max: 100, noNaN: true });
const argument = 'ERR_INVALID_ARGUMENT';

describe('a neuron', () => {
  it('is φ(w·x + b)', () => {
    const neuron = new Neuron({ weights: [0.5, -0.5], bias: 0, activation: 'sigmoid' });
    expect(neuron.output([1, 2])).toBe(sigmoid(-0.5));
    expect(neuron.output([1, 2])).toBeCloseTo(0.3775, 4);
    expect(new Neuron({ weights: [2, 3], bias: -1 }).output([10, 100])).toBe(319);
  });

  it('gives φ of the weighted sum for every activation', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...activations),
        fc.array(fc.tuple(finite, finite), { minLength: 1, maxLength: 20 }),
        finite,
        (activation, terms, bias) => {
          const [weights, x] = [terms.map(([w]) => w / 100), terms.map(([, value]) => value / 10)];
          const neuron = new Neuron({ weights, bias: bias / 10, activation });
          const z = terms.reduce((sum, _, j) => sum + (weights[j] as number) * (x[j] as number), bias / 10);
          const expected = plain.output(activation, z);
          expect(Math.abs(neuron.output(x) - expected)).toBeLessThanOrEqual(
            1e-12 * (1 + Math.abs(expected)) * (1 + Math.abs(z)),
          );
        },
      ),
    );
  });

  it('begins with zeros where a count of inputs is given', () => {
    const neuron = new Neuron({ inputs: 3 });
    expect(Array.from(neuron.weights)).toEqual([0, 0, 0]);
    expect([neuron.bias, neuron.activation]).toEqual([0, 'linear']);
    expect(neuron.output(Float32Array.of(1, 2, 3))).toBe(0);
  });

  it('is refused where there is no memory for its weights', () => {
    const failure = { name: 'ThalwegError', code: 'ERR_OUT_OF_MEMORY', option: 'inputs' };
    let thrown: unknown;
    try {
      new Neuron({ inputs: 0xffff_ffff }).output([1]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject(failure);
  });

  it('keeps its weights to itself', () => {
    const weights = Float64Array.of(1, 2);
    const neuron = new Neuron({ weights });
    weights[0] = 9;
    neuron.weights[1] = 9;
    expect(Array.from(neuron.weights)).toEqual([1, 2]);
  });

  it.each<[string, unknown, Expected]>([
    ['nothing', undefined, { code: argument, option: 'options', message: 'options must be an object' }],
    ['an array', [1], { code: argument, option: 'options', message: 'options must be an object' }],
    [
      'neither weights nor inputs',
      {},
      { code: argument, option: 'weights', message: 'either weights or a count of inputs' },
    ],
    [
      'both',
      { weights: [1], inputs: 1 },
      { code: argument, option: 'weights', message: 'either weights or a count' },
    ],
    ['no inputs', { inputs: 0 }, { code: argument, option: 'inputs', message: 'an integer from 1' }],
    ['a fraction of inputs', { inputs: 1.5 }, { code: argument, option: 'inputs', message: 'an integer' }],
    [
      'more inputs than memory',
      { inputs: 2 ** 40 },
      { code: argument, option: 'inputs', message: 'an integer' },
    ],
    ['no weights', { weights: [] }, { code: argument, option: 'weights', message: 'at least one number' }],
    [
      'a weight of NaN',
      { weights: [1, NaN] },
      { code: 'ERR_NOT_FINITE', option: 'weights', row: 1, message: 'weights[1] is NaN' },
    ],
    [
      'a hole',
      { weights: Object.assign(new Array(2), { 0: 1 }) },
      { code: argument, option: 'weights', row: 1, message: 'weights[1] must be a number; it is missing' },
    ],
    [
      'text',
      { weights: '12' },
      { code: argument, option: 'weights', message: 'weights must be an array of numbers' },
    ],
    [
      'a bias of Infinity',
      { weights: [1], bias: Infinity },
      { code: argument, option: 'bias', message: 'a finite number' },
    ],
    [
      'a bias of null',
      { weights: [1], bias: null },
      { code: argument, option: 'bias', message: 'a finite number' },
    ],
    [
      'an unknown activation',
      { weights: [1], activation: 'swish' },
      { code: argument, option: 'activation', message: "it is 'swish'" },
    ],
    [
      'an activation of Object',
      { weights: [1], activation: 'constructor' },
      { code: argument, option: 'activation', message: "'linear', 'sigmoid'" },
    ],
    [
      'an unknown option',
      { weights: [1], rate: 1 },
      { code: argument, option: 'rate', message: "Neuron has no option 'rate'" },
    ],
  ])('refuses to begin with %s', (_, options, expected) => {
    expectThrow(() => new Neuron(options as NeuronOptions), expected);
  });

  it.each<[unknown, Expected]>([
    [[1], { code: 'ERR_SHAPE', option: 'x', message: 'x has 1 values, and the neuron has 2 inputs' }],
    [[1, 2, 3], { code: 'ERR_SHAPE', option: 'x', message: 'x has 3 values' }],
    [[1, NaN], { code: 'ERR_NOT_FINITE', option: 'x', row: 1, message: 'x[1] is NaN' }],
    [[1, '2'], { code: argument, option: 'x', row: 1, message: "it is the string '2'" }],
    [[[1, 2]], { code: argument, option: 'x', message: 'x[0] must be a number' }],
    [undefined, { code: argument, option: 'x', message: 'x must be an array of numbers' }],
    [{ length: 2 }, { code: argument, option: 'x', message: 'x must be an array of numbers' }],
  ])('refuses the input %p', (x, expected) => {
    expectThrow(() => new Neuron({ inputs: 2 }).output(x as number[]), expected);
  });
});

describe("a neuron's JSON", () => {
  it('makes the same neuron, bit for bit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom(...activations),
        (weights, bias, activation) => {
          const neuron = new Neuron({ weights, bias, activation });
          const again = Neuron.fromJSON(JSON.parse(JSON.stringify(neuron)));
          expect(Array.from(again.weights, (w) => w + 0)).toEqual(Array.from(neuron.weights, (w) => w + 0));
          expect([again.bias + 0, again.activation]).toEqual([bias + 0, activation]);
        },
      ),
    );
  });

  it('is plain and stable', () => {
    const neuron = new Neuron({ weights: Float32Array.of(0.5, -2), bias: 1, activation: 'relu' });
    expect(JSON.stringify(neuron)).toBe('{"weights":[0.5,-2],"bias":1,"activation":"relu"}');
  });

  it.each([
    ['null', 'null'],
    ['a number', '7'],
    ['an array', '[1,2]'],
    ['an empty object', '{}'],
    ['no weights', '{"bias":0,"activation":"linear"}'],
    ['empty weights', '{"weights":[],"bias":0,"activation":"linear"}'],
    ['weights by index', '{"weights":{"0":1,"length":1},"bias":0,"activation":"linear"}'],
    ['a weight of null', '{"weights":[1,null],"bias":0,"activation":"linear"}'],
    ['a weight of text', '{"weights":["1"],"bias":0,"activation":"linear"}'],
    ['a weight beyond numbers', '{"weights":[1e999],"bias":0,"activation":"linear"}'],
    ['nested weights', '{"weights":[[1]],"bias":0,"activation":"linear"}'],
    ['no bias', '{"weights":[1],"activation":"linear"}'],
    ['a bias of null', '{"weights":[1],"bias":null,"activation":"linear"}'],
    ['a bias beyond numbers', '{"weights":[1],"bias":-1e999,"activation":"linear"}'],
    ['no activation', '{"weights":[1],"bias":0}'],
    ['an activation of Object', '{"weights":[1],"bias":0,"activation":"toString"}'],
    ['an activation of __proto__', '{"weights":[1],"bias":0,"activation":"__proto__"}'],
    ['a prototype', '{"weights":[1],"bias":0,"activation":"linear","__proto__":{"polluted":true}}'],
    ['a constructor', '{"weights":[1],"bias":0,"activation":"linear","constructor":{}}'],
    ['more fields', '{"weights":[1],"bias":0,"activation":"linear","inputs":1}'],
  ])('is refused with %s', (_, text) => {
    expectThrow(() => Neuron.fromJSON(JSON.parse(text)), {
      code: 'ERR_MODEL',
      message: "this is no neuron's JSON: ",
    });
    expect({}).not.toHaveProperty('polluted');
  });
});
