import {
  checkFunction,
  checkObject,
  finite,
  integer,
  invalid,
  positive,
  refuseUnknown,
} from '../base/arguments';

type Point = number | readonly number[];
type Objective<P extends Point> = (x: P extends number ? number : number[]) => number;
type Same<P extends Point> = P extends number ? number : number[];

function checkPoint(option: string, point: unknown): void {
  if (typeof point === 'number') return void finite(option, point);
  if (!Array.isArray(point) || point.length === 0)
    throw invalid(option, 'a number or an array of numbers', point);
  // A loop by index: a hole in a sparse array must be seen too.
  for (let i = 0; i < point.length; i += 1) finite(`${option}[${i}]`, point[i] as unknown);
}

function evaluate(f: (x: never) => number, x: unknown): number {
  const value = (f as (x: unknown) => unknown)(x);
  if (typeof value !== 'number') throw invalid('the value of f', 'a number', value);
  return value;
}

/**
 * The gradient of `f` at `x` by the central difference (f(x + h) − f(x − h)) / 2h, component by component; its
 * error is of order h².
 *
 * @param x a number, or an array of n numbers
 * @returns a number, or an array of n numbers
 * @throws ThalwegError ERR_INVALID_ARGUMENT
 */
export function gradient<P extends Point>(f: Objective<P>, x: P, h = 1e-7): Same<P> {
  checkFunction('f', f);
  checkPoint('x', x);
  positive('h', h);
  if (typeof x === 'number') return ((evaluate(f, x + h) - evaluate(f, x - h)) / (2 * h)) as Same<P>;
  const shifted = (j: number, by: number): number[] => x.map((value, i) => (i === j ? value + by : value));
  return x.map((_, j) => (evaluate(f, shifted(j, h)) - evaluate(f, shifted(j, -h))) / (2 * h)) as Same<P>;
}

/** Options of {@link gradientDescent}. */
export interface GradientDescentOptions {
  /** Length of a step along the negative gradient, above 0. */
  readonly learningRate: number;
  /** How many steps. */
  readonly iterations: number;
}

/**
 * Descends `f` from a point along its numerical gradient: x ← x − learningRate·∇f(x), `iterations` times.
 *
 * @param startingPoint a number, or an array of n numbers
 * @returns the last point, of the same form
 * @throws ThalwegError ERR_INVALID_ARGUMENT
 */
export function gradientDescent<P extends Point>(
  f: Objective<P>,
  startingPoint: P,
  options: GradientDescentOptions,
): Same<P> {
  checkFunction('f', f);
  checkPoint('startingPoint', startingPoint);
  checkObject('options', options);
  refuseUnknown(options, ['learningRate', 'iterations'], 'gradientDescent');
  const learningRate = positive('learningRate', options.learningRate);
  const iterations = integer('iterations', options.iterations, 0, Number.MAX_SAFE_INTEGER);
  let point: Point = typeof startingPoint === 'number' ? startingPoint : Array.from(startingPoint);
  for (let k = 0; k < iterations; k += 1) {
    const slope = gradient(f as Objective<Point>, point) as Point;
    point =
      typeof point === 'number'
        ? point - learningRate * (slope as number)
        : point.map((value, j) => value - learningRate * ((slope as number[])[j] ?? 0));
  }
  return point as Same<P>;
}
