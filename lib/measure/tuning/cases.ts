import type { Dtype } from '../../base/data-types';
import type { Device } from '../../devices/device';
import { type LossGradient, lossGradient } from '../../training/loss-gradient';

// What every candidate has to compute as the CPU does, before it is timed.

/** Odd shapes on both sides of the numbers of columns where kernels change. */
const shapes = [
  { m: 1031, n: 3 },
  { m: 523, n: 12 },
  { m: 301, n: 31 },
  { m: 203, n: 66 },
  { m: 131, n: 129 },
  { m: 35, n: 260 },
  { m: 19, n: 1026 },
  { m: 17, n: 2049 },
  { m: 9, n: 4099 },
  { m: 37, n: 4100 },
];

/** A gradient, its intercept's and the loss, in one array. */
type Flat = readonly number[];

/** A pass, what the CPU makes of it in float64, and how far another may be from that. */
export interface Case {
  readonly m: number;
  readonly n: number;
  /** Values that float32 holds, row-major. */
  readonly X: Float64Array;
  readonly y: Float64Array;
  readonly theta: Float64Array;
  readonly intercept: number;
  readonly expected: Flat;
  readonly bounds: Readonly<Record<Dtype, Flat>>;
}

export function flatten({ gradient, interceptGradient, loss }: LossGradient): Flat {
  return [...gradient, interceptGradient, loss];
}

/** Numbers between −scale and scale, the same every time (Numerical Recipes' "quick and dirty" generator). */
function numbers(count: number, seed: number, scale: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.fround(scale * (state / 2 ** 31 - 1));
  });
}

type Problem = Omit<Case, 'expected' | 'bounds'>;

function problemOf(m: number, n: number): Problem {
  const theta = numbers(n, n, 2 / Math.sqrt(n));
  return { m, n, X: numbers(m * n, m, 1), y: numbers(m, m + n, 2), theta, intercept: 0.25 };
}

/** Half the distance from 1 to the next larger number. */
const roundoff = { float32: 2 ** -24, float64: 2 ** -53 };
/** How many roundings a loss and its derivative may take, generously. */
const functionRoundings = 32;

/**
 * How far a pass of a linear neuron with squared loss may be off in a dtype, by the usual analysis of sums (Higham,
 * "Accuracy and Stability of Numerical Algorithms", 2nd ed., §3.1): z by u·(n+2)·(|x||θ| + |b|), sums over rows by
 * u·(m+n) of the magnitudes.
 */
function boundsOf({ m, n, X, y, theta, intercept }: Problem, u: number): number[] {
  const bounds = new Array<number>(n + 2).fill(0);
  for (let i = 0; i < m; i += 1) {
    const row = X.subarray(i * n, (i + 1) * n);
    const target = y[i] ?? 0;
    const z = row.reduce((sum, x, j) => sum + x * (theta[j] ?? 0), intercept);
    const size = row.reduce((sum, x, j) => sum + Math.abs(x * (theta[j] ?? 0)), Math.abs(intercept));
    const offset = 2 * u * (n + 2) * size;
    const rounding = u * functionRoundings * (1 + Math.abs(z) + Math.abs(target)) ** 2;
    const distance = Math.abs(z - target);
    const residual = 4 * offset + rounding + 4 * u * (m + n) * distance;
    const loss = 2 * (2 * offset * distance + offset ** 2) + rounding + 2 * u * (m + n) * distance ** 2;
    row.forEach((x, j) => (bounds[j] = (bounds[j] ?? 0) + residual * Math.abs(x)));
    bounds[n] = (bounds[n] ?? 0) + residual;
    bounds[n + 1] = (bounds[n + 1] ?? 0) + loss;
  }
  return bounds.map((bound) => bound / m);
}

/** The cases, computed on the CPU in float64. */
export async function casesOn(cpu: Device): Promise<Case[]> {
  const cases: Case[] = [];
  for (const { m, n } of shapes) {
    const problem = problemOf(m, n);
    const { X, y, theta, intercept } = problem;
    const options = { theta, intercept, fitIntercept: true, device: cpu };
    const expected = flatten(await lossGradient({ data: X, shape: [m, n] }, y, options));
    const inFloat64 = boundsOf(problem, roundoff.float64);
    // The CPU's result is off as well, by a bound in float64.
    const bounds = {
      float32: boundsOf(problem, roundoff.float32).map((bound, j) => bound + (inFloat64[j] ?? 0)),
      float64: inFloat64.map((bound) => 2 * bound),
    };
    cases.push({ ...problem, expected, bounds });
  }
  return cases;
}

/** What is wrong with a result, as a person reads it; undefined where nothing is. */
export function whatIsOff({ m, n, expected, bounds }: Case, dtype: Dtype, got: Flat): string | undefined {
  const off = got.findIndex(
    (value, j) => !(Math.abs(value - (expected[j] ?? NaN)) <= (bounds[dtype][j] ?? 0)),
  );
  if (off < 0) return undefined;
  const what = off < n ? `gradient[${off}]` : off === n ? 'the gradient of the intercept' : 'the loss';
  return `${what} of ${m}×${n} rows in ${dtype} is ${String(got[off])}, not ${String(expected[off])}`;
}
