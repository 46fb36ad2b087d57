import type { Trial } from '../training/trials';
import type { Penalties } from './options';

/** How a pair of penalties did. */
export interface Candidate extends Penalties {
  /** On the rows held out, one a fold: as `Neuron.score` and `Layer.score`. NaN where outputs are too large for one. */
  readonly scores: Float64Array;
  /** Their mean. */
  readonly meanScore: number;
  /** Their standard deviation, divided by the number of folds. */
  readonly scoreDeviation: number;
  /** The mean loss of the rows held out, without penalties, one a fold. */
  readonly losses: Float64Array;
  /** Their mean. */
  readonly meanLoss: number;
  /** Steps taken, one a fold. */
  readonly iterations: Uint32Array;
  /** Whether the fits of all folds have. */
  readonly converged: boolean;
}

/** @internal @param trials one a fold */
export function candidateOf({ l1, l2 }: Penalties, trials: readonly Trial[]): Candidate {
  const scores = Float64Array.from(trials, ({ score }) => score.score ?? NaN);
  const losses = Float64Array.from(trials, ({ score }) => score.meanLoss ?? NaN);
  const meanScore = mean(scores);
  return {
    ...{ l1, l2, scores, meanScore },
    scoreDeviation: Math.sqrt(mean(scores.map((score) => (score - meanScore) ** 2))),
    ...{ losses, meanLoss: mean(losses) },
    iterations: Uint32Array.from(trials, ({ iterations }) => iterations),
    converged: trials.every(({ converged }) => converged),
  };
}

/** @internal The first of equals; one without a figure is never better. */
export function bestOf(candidates: readonly Candidate[], by: 'score' | 'loss'): Candidate {
  const merit = ({ meanScore, meanLoss }: Candidate): number => {
    const value = by === 'score' ? meanScore : -meanLoss;
    return Number.isNaN(value) ? -Infinity : value;
  };
  return candidates.reduce((best, each) => (merit(each) > merit(best) ? each : best));
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
