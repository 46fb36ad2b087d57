import { type ActivationName, activations } from '../objective/activations';
import { poissonDeviance } from './regression';
import { lossFor } from '../objective/losses';
import type { Score } from './score';
import { Mean } from './sums';

/** How far predictions of numbers are off, and how far their mean is. */
export interface ValuesFound {
  readonly meanSquaredError: number;
  readonly meanAbsoluteError: number;
  /** Of counts, which an exponential neuron learns. */
  readonly meanPoissonDeviance?: number;
  /** The same of the mean of the targets, whatever the row: its R² is 0. */
  readonly trivial: {
    readonly mean: number;
    readonly meanSquaredError: number;
    readonly meanPoissonDeviance?: number;
  };
}

/** Adds up how far predictions of a number are off. */
export class ValueTally {
  readonly #squared: Mean;
  readonly #deviance = new Mean();
  /** y log y, of which and the mean the deviance of the mean is. */
  readonly #own = new Mean();

  /** @param score of the same rows, which it is told of first */
  constructor(
    private readonly activation: ActivationName,
    private readonly score: Pick<Score, 'determination' | 'losses' | 'distances'>,
  ) {
    this.#squared = lossFor(activation) === 'squared' ? score.losses : new Mean();
  }

  /** What the score does not add up: of counts. */
  add(y: ArrayLike<number>, z: ArrayLike<number>, weights?: ArrayLike<number>): void {
    if (this.#squared === this.score.losses) return;
    const phi = activations[this.activation];
    const isCount = this.activation === 'exp';
    for (let row = 0; row < y.length; row += 1) {
      const [truth, output] = [y[row] as number, phi(z[row] as number)];
      const weight = weights === undefined ? 1 : (weights[row] as number);
      this.#squared.add((output - truth) ** 2, weight);
      if (!isCount) continue;
      this.#deviance.add(poissonDeviance(truth, output), weight);
      this.#own.add(truth === 0 ? 0 : truth * Math.log(truth), weight);
    }
  }

  found(): ValuesFound {
    const { mean, variance } = this.score.determination;
    // 2·Σ y log(y/ȳ) / m: what is off the mean adds up to 0.
    const ofMean = 2 * (this.#own.mean - (mean === 0 ? 0 : mean * Math.log(mean)));
    const isCount = this.activation === 'exp';
    return {
      meanSquaredError: this.#squared.mean,
      meanAbsoluteError: this.score.distances.mean,
      ...(isCount ? { meanPoissonDeviance: this.#deviance.mean } : {}),
      trivial: { mean, meanSquaredError: variance, ...(isCount ? { meanPoissonDeviance: ofMean } : {}) },
    };
  }
}
