import fc from 'fast-check';
import { type Pair, allPairs } from '../../lib/check/data';
import counts from './counts.json';
import type { Objective } from './plain';

export {
  type Pair,
  Uniform,
  activations,
  exactIn,
  flat,
  floats,
  losses,
  realData,
} from '../../lib/check/data';

/** Counts on both sides of every boundary of the code: vectors, tiles, unrolled loops, work-groups. */
export const oddCounts: readonly number[] = counts.odd;

/** A few of them, one of each kind: for devices that compile kernels of their own for each, which takes seconds. */
export const fewCounts: readonly number[] = counts.few;

/** log needs a probability, poisson a positive rate. */
function isValid({ activation, loss }: Pair): boolean {
  if (loss === 'log') return activation === 'sigmoid';
  return loss !== 'poisson' || ['sigmoid', 'softplus', 'exp'].includes(activation);
}

export const pairs: readonly Pair[] = allPairs.filter(isValid);
export const invalidPairs: readonly Pair[] = allPairs.filter((pair) => !isValid(pair));

export interface Shape {
  readonly m: number;
  readonly n: number;
}

/** Odd shapes of at most so many values. */
export function shapes(mostValues: number, counts: readonly number[] = oddCounts): fc.Arbitrary<Shape> {
  const count = fc.constantFrom(...counts);
  return fc.record({ m: count, n: count }).filter(({ m, n }) => m * n <= mostValues);
}

/** Seeds of {@link Uniform}. */
export const seeds: fc.Arbitrary<number> = fc.integer();

/** Penalties and an intercept for a pair. */
export function objectives(pair: Pair): fc.Arbitrary<Objective> {
  const weight = fc.constantFrom(0, 0, 0.01, 0.5);
  return fc.record({
    activation: fc.constant(pair.activation),
    loss: fc.constant(pair.loss),
    fitIntercept: fc.boolean(),
    l1: weight,
    l2: weight,
  });
}
