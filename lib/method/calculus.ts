import {
  checkFunction,
  checkObject,
  finite,
  integer,
  invalid,
  positive,
  refuseUnknown,
} from '../base/arguments';

/** Where a function is evaluated. */
type Point = number | readonly number[];
/** A function of such a point; an array that it is handed is a copy. */
type Objective<P extends Point> = (x: P extends number ? number : number[]) => number;
/** A value of the form of a point. */
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
 * The gradient of `f` at `x` by the central difference (f(x + h) − f(x − h)) / 2h, component by component. Its error is
 * about h²/6·|f'''| of the difference and ε/h·|f| of rounding, ε = 1.1e-16: seven or eight digits with the default h.
 *
 * @param f a function of a number, or of an array of n numbers; it is called 2n times
 * @param x a number, or an array of n numbers
 * @param h half of the difference, above 0, in the unit of x
 * @returns ∂f/∂x of the form of x: a number, or an array of n numbers
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT, for a value of f that is no number too; and what f throws
 *
 * @example
 * ```ts
 * import { gradient } from 'thalweg';
 *
 * console.log(gradient((x) => x ** 2, 3).toFixed(6)); // 6.000000
 * const product = ([x = 0, y = 0]: number[]) => x * y;
 * console.log(gradient(product, [2, 5]).map(Math.round)); // [ 5, 2 ]
 * ```
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
  /** What ∇f is multiplied with in a step, above 0. */
  readonly learningRate: number;
  /** How many steps, 0 or more. */
  readonly iterations: number;
}

/**
 * Descends `f` from a point along its numerical {@link gradient}: x ← x − learningRate·∇f(x), `iterations` times.
 *
 * @param f a function of a number, or of an array of n numbers; it is called 2n times a step
 * @param startingPoint a number, or an array of n numbers, which stays as it is
 * @returns the last point, of the form of `startingPoint`
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT, also where a step leads to what is no finite number; and what f throws
 *
 * @example
 * ```ts
 * import { gradientDescent } from 'thalweg';
 *
 * const least = gradientDescent((x) => (x - 2) ** 2, 0, { learningRate: 0.1, iterations: 100 });
 * console.log(least.toFixed(6)); // 2.000000
 * ```
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
