import { type ActivationName, activations, outputsOf } from '../objective/activations';
import { poissonDeviance } from './regression';
import type { Determination } from './determination';
import { Room } from './room';
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
  readonly #squared = new Mean();
  readonly #absolute = new Mean();
  readonly #deviance = new Mean();
  /** y log y, of which and the mean the deviance of the mean is. */
  readonly #own = new Mean();
  readonly #squares = new Room();
  readonly #sizes = new Room();

  constructor(
    private readonly activation: ActivationName,
    private readonly determination: Determination,
  ) {}

  add(y: ArrayLike<number>, z: ArrayLike<number>, weights?: ArrayLike<number>): void {
    const phi = activations[this.activation];
    const isCount = this.activation === 'exp';
    if (weights === undefined && !isCount) {
      this.#addEach(y, z);
      return;
    }
    for (let row = 0; row < y.length; row += 1) {
      const [truth, output] = [y[row] as number, phi(z[row] as number)];
      const weight = weights === undefined ? 1 : (weights[row] as number);
      this.#squared.add((output - truth) ** 2, weight);
      this.#absolute.add(Math.abs(output - truth), weight);
      if (!isCount) continue;
      this.#deviance.add(poissonDeviance(truth, output), weight);
      this.#own.add(truth === 0 ? 0 : truth * Math.log(truth), weight);
    }
  }

  /** As `add` without weights: sum by sum. */
  #addEach(y: ArrayLike<number>, z: ArrayLike<number>): void {
    const count = y.length;
    const outputs = outputsOf(this.activation, z, count);
    const squares = this.#squares.of(count);
    const sizes = this.#sizes.of(count);
    for (let row = 0; row < count; row += 1) {
      const off = (outputs[row] as number) - (y[row] as number);
      squares[row] = off * off;
      sizes[row] = Math.abs(off);
    }
    this.#squared.addEach(squares, count);
    this.#absolute.addEach(sizes, count);
  }

  found(): ValuesFound {
    const { mean, variance } = this.determination;
    // 2·Σ y log(y/ȳ) / m: what is off the mean adds up to 0.
    const ofMean = 2 * (this.#own.mean - (mean === 0 ? 0 : mean * Math.log(mean)));
    const isCount = this.activation === 'exp';
    return {
      meanSquaredError: this.#squared.mean,
      meanAbsoluteError: this.#absolute.mean,
      ...(isCount ? { meanPoissonDeviance: this.#deviance.mean } : {}),
      trivial: { mean, meanSquaredError: variance, ...(isCount ? { meanPoissonDeviance: ofMean } : {}) },
    };
  }
}
