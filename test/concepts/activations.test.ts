import fc from 'fast-check';
import { type Activation, exp, gradient, linear, relu, sigmoid, softplus, tanh } from '../../lib';
import { expectThrow } from '../support/expectations';

const all: readonly Activation[] = [linear, sigmoid, tanh, relu, softplus, exp];
const z = fc.double({ min: -30, max: 30, noNaN: true });

/** [activation, z, φ(z), φ'(z)], by hand or from tables. */
const values: [Activation, number, number, number][] = [
  [linear, -3.5, -3.5, 1],
  [linear, 0, 0, 1],
  [sigmoid, 0, 0.5, 0.25],
  [sigmoid, Math.log(3), 0.75, 0.1875],
  [sigmoid, -Math.log(3), 0.25, 0.1875],
  [tanh, 0, 0, 1],
  [tanh, Math.log(2), 0.6, 0.64],
  [relu, 2, 2, 1],
  [relu, -2, 0, 0],
  [relu, 0, 0, 0],
  [softplus, 0, Math.LN2, 0.5],
  [softplus, Math.log(3), 2 * Math.LN2, 0.75],
  [exp, 0, 1, 1],
  [exp, 1, Math.E, Math.E],
];

/** [activation, φ and φ' at −1000, φ and φ' at 1000] */
const extremes: [Activation, [number, number], [number, number]][] = [
  [linear, [-1000, 1], [1000, 1]],
  [sigmoid, [0, 0], [1, 0]],
  [tanh, [-1, 0], [1, 0]],
  [relu, [0, 0], [1000, 1]],
  [softplus, [0, 0], [1000, 1]],
  [exp, [0, 0], [Infinity, Infinity]],
];

describe('activations', () => {
  it('carry their names', () => {
    expect(all.map(({ name }) => name)).toEqual(['linear', 'sigmoid', 'tanh', 'relu', 'softplus', 'exp']);
  });

  it.each(values)('%p at %p is %p, with the slope %p', (phi, at, value, slope) => {
    expect(phi(at)).toBeCloseTo(value, 15);
    expect(phi.derivative(at)).toBeCloseTo(slope, 15);
  });

  it('are exact where they can be', () => {
    expect(sigmoid(0)).toBe(0.5);
    expect(tanh(0)).toBe(0);
    expect(exp(0)).toBe(1);
    expect(softplus(0)).toBe(Math.LN2);
  });

  it.each(extremes)('%p neither overflows nor turns into NaN at ±1000', (phi, low, high) => {
    expect([phi(-1000), phi.derivative(-1000)]).toEqual(low);
    expect([phi(1000), phi.derivative(1000)]).toEqual(high);
  });

  it.each(all)('%p is NaN for NaN, and so is its slope', (phi) => {
    expect(phi(NaN)).toBeNaN();
    expect(phi.derivative(NaN)).toBeNaN();
  });

  it.each(all)('%p refuses what is no number', (phi) => {
    for (const value of ['1', null, undefined, true, 1n, [1], Symbol('z')] as never[]) {
      const expected = {
        code: 'ERR_INVALID_ARGUMENT',
        option: 'z',
        message: 'z must be a number; it is',
      } as const;
      expectThrow(() => phi(value), expected);
      expectThrow(() => phi.derivative(value), expected);
    }
  });

  it.each(all)('%p has the derivative that a numerical gradient approaches', (phi) => {
    fc.assert(
      fc.property(z, (at) => {
        fc.pre(phi !== relu || Math.abs(at) > 1e-5);
        const numerical = gradient(phi, at, 1e-5);
        expect(Math.abs(phi.derivative(at) - numerical)).toBeLessThan(1e-5 * (1 + Math.abs(phi(at))));
      }),
    );
  });

  it('keep the relations between them', () => {
    fc.assert(
      fc.property(z, (at) => {
        expect(sigmoid(at) + sigmoid(-at)).toBeCloseTo(1, 14);
        expect(tanh(at)).toBeCloseTo(2 * sigmoid(2 * at) - 1, 14);
        expect(softplus(at) - softplus(-at)).toBeCloseTo(at, 12);
        expect(softplus.derivative(at)).toBe(sigmoid(at));
        expect(relu(at) - relu(-at) - at).toBe(0);
      }),
    );
  });

  it('keep small differences: sigmoid and softplus of very negative z', () => {
    expect(sigmoid(-700) / Math.exp(-700)).toBeCloseTo(1, 14);
    expect(softplus(-700) / Math.exp(-700)).toBeCloseTo(1, 14);
    expect(sigmoid.derivative(700) / Math.exp(-700)).toBeCloseTo(1, 14);
    expect(sigmoid.derivative(-700) / Math.exp(-700)).toBeCloseTo(1, 14);
  });
});
