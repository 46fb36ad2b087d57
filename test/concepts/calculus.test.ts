import fc from 'fast-check';
import { type ErrorDetails, error, gradient, gradientDescent } from '../../lib';
import { expectThrow } from '../support/expectations';

type Function1 = (x: number) => number;
const square: Function1 = (x) => x * x;

function refused(
  option: string,
  message: RegExp | string,
): ErrorDetails & { code: 'ERR_INVALID_ARGUMENT'; message: RegExp | string } {
  return { code: 'ERR_INVALID_ARGUMENT', option, message };
}

describe('error', () => {
  it('is what the output lacks', () => {
    expect(error(3, 1)).toBe(2);
    expect(error(1, 3)).toBe(-2);
    expect(error(NaN, 3)).toBeNaN();
  });

  it('refuses what is no number', () => {
    for (const value of ['3', null, undefined, 1n, Symbol('y')] as never[]) {
      expectThrow(() => error(value, 1), refused('yTrue', 'yTrue must be a number; it is'));
      expectThrow(() => error(1, value), refused('output', 'output must be a number; it is'));
    }
  });
});

describe('gradient', () => {
  it.each<[string, Function1, number, number]>([
    ['x²', square, 3, 6],
    ['sin', Math.sin, 1, Math.cos(1)],
    ['exp', Math.exp, 2, Math.exp(2)],
    ['1/x', (x) => 1 / x, -2, -0.25],
    ['a constant', () => 5, 7, 0],
  ])('of %s is right to 7 digits', (_, f, x, slope) => {
    expect(gradient(f, x)).toBeCloseTo(slope, 6);
  });

  it('of several variables has one component each', () => {
    const f = ([x = 0, y = 0, z = 0]: number[]): number => x * x * y + Math.sin(z);
    const got = gradient(f, [2, 3, 0]);
    expect(got).toHaveLength(3);
    [12, 4, 1].forEach((component, j) => {
      expect(got[j]).toBeCloseTo(component, 6);
    });
  });

  it('is a central difference: exact on quadratics for any h', () => {
    fc.assert(
      fc.property(fc.integer({ min: -50, max: 50 }), fc.constantFrom(1, 0.5, 0.25), (x, h) => {
        expect(gradient((t) => 3 * t * t - t, x, h)).toBe(6 * x - 1);
      }),
    );
  });

  it('leaves the point as it is', () => {
    const point = Object.freeze([1, 2]);
    gradient(([x = 0, y = 0]) => x + y, point);
    expect(point).toEqual([1, 2]);
  });

  it.each<[string, () => unknown, ReturnType<typeof refused>]>([
    ['f', () => gradient(7 as never, 1), refused('f', 'f must be a function')],
    ['x', () => gradient(square, NaN), refused('x', 'x must be a finite number; it is NaN')],
    ['x', () => gradient(square, 'abc' as never), refused('x', 'a number or an array of numbers')],
    ['x', () => gradient(() => 0, [] as number[]), refused('x', 'a number or an array of numbers')],
    ['a component', () => gradient(() => 0, [1, Infinity]), refused('x[1]', 'x[1] must be a finite number')],
    ['a hole', () => gradient(() => 0, new Array<number>(2)), refused('x[0]', 'it is undefined')],
    ['h', () => gradient(square, 1, 0), refused('h', 'h must be a number above 0')],
    ['h', () => gradient(square, 1, -1), refused('h', 'h must be a number above 0')],
    ["f's value", () => gradient((() => '4') as never, 1), refused('the value of f', 'must be a number')],
  ])('refuses a bad %s', (_, call, expected) => {
    expectThrow(call, expected);
  });
});

describe('gradientDescent', () => {
  it('finds the minimum of x²', () => {
    expect(gradientDescent(square, 10, { learningRate: 0.1, iterations: 200 })).toBeCloseTo(0, 6);
  });

  it('takes the steps it should, one by one', () => {
    // x ← x − 0.1·2x = 0.8·x
    expect(gradientDescent(square, 10, { learningRate: 0.1, iterations: 3 })).toBeCloseTo(10 * 0.8 ** 3, 6);
    expect(gradientDescent(square, 10, { learningRate: 0.1, iterations: 0 })).toBe(10);
  });

  it('finds the minimum of a function of several variables', () => {
    const f = ([x = 0, y = 0]: number[]): number => (x - 1) ** 2 + 4 * (y + 2) ** 2;
    const [x, y] = gradientDescent(f, [5, 5], { learningRate: 0.1, iterations: 300 });
    expect(x).toBeCloseTo(1, 5);
    expect(y).toBeCloseTo(-2, 5);
  });

  it('leaves the starting point as it is', () => {
    const start = Object.freeze([1, 1]);
    const end = gradientDescent(([x = 0, y = 0]) => x * x + y * y, start, {
      learningRate: 0.1,
      iterations: 1,
    });
    expect(start).toEqual([1, 1]);
    expect(end).not.toBe(start);
  });

  const options = { learningRate: 0.1, iterations: 1 };

  it.each<[string, () => unknown, ReturnType<typeof refused>]>([
    [
      'options',
      () => gradientDescent(square, 1, null as never),
      refused('options', 'options must be an object'),
    ],
    ['options', () => gradientDescent(square, 1, [] as never), refused('options', 'it is an array')],
    [
      'learningRate',
      () => gradientDescent(square, 1, { ...options, learningRate: 0 }),
      refused('learningRate', 'above 0'),
    ],
    [
      'learningRate',
      () => gradientDescent(square, 1, { iterations: 1 } as never),
      refused('learningRate', 'it is undefined'),
    ],
    [
      'iterations',
      () => gradientDescent(square, 1, { ...options, iterations: 1.5 }),
      refused('iterations', 'an integer'),
    ],
    [
      'iterations',
      () => gradientDescent(square, 1, { ...options, iterations: -1 }),
      refused('iterations', 'an integer'),
    ],
    [
      'rate',
      () => gradientDescent(square, 1, { ...options, rate: 1 } as never),
      refused('rate', "no option 'rate'"),
    ],
    ['startingPoint', () => gradientDescent(square, NaN, options), refused('startingPoint', 'finite')],
    ['f', () => gradientDescent(undefined as never, 1, options), refused('f', 'a function')],
  ])('refuses a bad %s', (_, call, expected) => {
    expectThrow(call, expected);
  });

  it('says when it has left the numbers', () => {
    expectThrow(() => gradientDescent(square, 1, { learningRate: 1e200, iterations: 10 }), {
      code: 'ERR_INVALID_ARGUMENT',
      message: /finite/,
    });
  });
});
