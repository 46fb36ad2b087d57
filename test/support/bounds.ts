import type { Dtype } from '../../lib';
import {
  type Data,
  type LossGradient,
  type Objective,
  type Parameters,
  dot,
  lossAt,
  output,
  residualAt,
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
 */
export function passBounds(dtype: Dtype, objective: Objective, data: Data, at: Parameters): LossGradient {
  const { X, y, m, n } = data;
  const u = roundoff[dtype];
  const absolute = { ...data, X: X.map(Math.abs) };
  const magnitudes = { theta: at.theta.map(Math.abs), intercept: Math.abs(at.intercept) };
  const gradient = new Float64Array(n);
  let interceptGradient = 0;
  let loss = 0;
  for (let i = 0; i < m; i += 1) {
    const z = dot(data, i, at);
    const offset = 2 * u * (n + 2) * dot(absolute, i, magnitudes);
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
      gradient[j] = (gradient[j] as number) + delta * Math.abs(X[i * n + j] as number);
  }
  const penalised = (j: number): number => 8 * u * objective.l2 * Math.abs(at.theta[j] as number);
  const weights = magnitudes.theta.reduce((sum, w) => sum + objective.l1 * w + objective.l2 * w * w, 0);
  return {
    gradient: gradient.map((sum, j) => sum / m + penalised(j)),
    interceptGradient: interceptGradient / m,
    loss: loss / m + 2 * u * (n + 2) * weights,
  };
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
