import type { Dtype } from '../base/data-types';
import {
  type Data,
  type LossGradient,
  type Objective,
  type Parameters,
  dot,
  lossAt,
  output,
  residualAt,
  sizesOf,
} from './plain';

/** Half the distance from 1 to the next larger number. */
export const roundoff: Readonly<Record<Dtype, number>> = { float32: 2 ** -24, float64: 2 ** -53 };

/** How many roundings an activation and a loss may take, each of the library's functions counted as a few. */
const functionRoundings = 32;

/**
 * How far a pass in a dtype may be from the plain one, by the usual analysis of sums (Higham, "Accuracy and Stability of Numerical
 * Algorithms", 2nd ed., §3.1): z is off by at most u·(n+2)·(|x||θ| + |b|), which moves δ and ℓ by what the plain
 * functions give at both ends of that interval (a kink within it counts in full), sums over rows add
 * u·(m+n) of the sum of magnitudes. For the linear neuron with squared loss that is
 * c·u·(m+n)·(|X|ᵀ(|X||θ| + |y|))ⱼ.
 *
 * @param away How far (θ, b) itself may be from `at`, in the 2-norm: z is off by that times ‖(x, 1)‖ more.
 */
export function passBounds(
  dtype: Dtype,
  objective: Objective,
  data: Data,
  at: Parameters,
  away = 0,
): LossGradient {
  const { y, m, n } = data;
  const u = roundoff[dtype];
  const absolute = sizesOf(data);
  const magnitudes = { theta: at.theta.map(Math.abs), intercept: Math.abs(at.intercept) };
  const gradient = new Float64Array(n);
  let interceptGradient = 0;
  let loss = 0;
  for (let i = 0; i < m; i += 1) {
    const z = dot(data, i, at);
    const offset =
      2 * u * (n + 2) * dot(absolute, i, magnitudes) + (away === 0 ? 0 : away * lengthOf(data, i));
    const target = y[i] as number;
    const out = Math.abs(output(objective.activation, z));
    const scale = (1 + out + Math.abs(target)) ** 2;
    const spread = (f: typeof lossAt): number => {
      const [low, middle, high] = [z - offset, z, z + offset].map((at) => f(objective, at, target));
      const change = Math.max(
        Math.abs(Number(low) - Number(middle)),
        Math.abs(Number(high) - Number(middle)),
      );
      return 2 * change + u * (functionRoundings * scale + 2 * (m + n) * Math.abs(Number(middle)));
    };
    const delta = spread(residualAt);
    interceptGradient += delta;
    loss += spread(lossAt);
    for (let j = 0; j < n; j += 1)
      gradient[j] = (gradient[j] as number) + delta * (absolute.X[i * n + j] as number);
  }
  const { l1, l2 } = objective;
  const penalised = (j: number): number => l2 * (8 * u * Math.abs(at.theta[j] as number) + away);
  const weights = magnitudes.theta.reduce((sum, w) => sum + l1 * w + l2 * w * w, 0);
  const slopes = magnitudes.theta.reduce((sum, w) => sum + l1 + l2 * (w + away), 0);
  return {
    gradient: gradient.map((sum, j) => sum / m + penalised(j)),
    interceptGradient: interceptGradient / m,
    loss: loss / m + 2 * u * (n + 2) * weights + away * slopes,
  };
}

/** ‖(xᵢ, 1)‖ */
function lengthOf({ X, n }: Data, i: number): number {
  let squares = 1;
  for (let j = 0; j < n; j += 1) squares += (X[i * n + j] as number) ** 2;
  return Math.sqrt(squares);
}

/** The components that are out of their bounds, as text: empty where all is well. */
export function outOfBounds(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  bounds: ArrayLike<number>,
): string[] {
  return Array.from(expected, (value, j) => {
    const off = Math.abs((got[j] as number) - value);
    const bound = bounds[j] as number;
    return off <= bound ? '' : `[${j}] is ${String(got[j])}, not ${value}: off by ${off}, bound ${bound}`;
  }).filter((text) => text !== '');
}
