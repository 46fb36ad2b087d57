import { type Activation, type ActivationName, activations } from '../objective/activations';
import { classOf } from '../objective/classes';
import { type LossName, lossFor } from '../objective/losses';

/** How well a model meets its targets, added up row by row, in one pass. */
export interface Scoring {
  add(y: ArrayLike<number>, z: ArrayLike<number>, weights?: ArrayLike<number>): void;
  readonly count: number;
  readonly overflowed: number;
  readonly isConstant: boolean;
  readonly score: number | null;
  readonly meanLoss: number | null;
}

/** That of a neuron. */
export class Score implements Scoring {
  #rows = 0;
  #weight = 0;
  #tooLarge = 0;
  /** A power of two that the sums of squares are of: those of targets of 1e200 or 1e-200 are no number. */
  #unit = 0;
  #mean = 0;
  #spread = 0;
  #squares = 0;
  #loss = 0;
  #right = 0;

  readonly #phi: Activation;
  readonly #lossName: LossName;

  constructor(private readonly activation: ActivationName) {
    this.#phi = activations[activation];
    this.#lossName = lossFor(activation);
  }

  /**
   * @param y the targets
   * @param z the neuron's sums xᵢθ + b, before its activation: from them losses are exact where an output rounds to 0
   *   or 1
   * @param weights how much each row counts; left out: 1
   */
  add(y: ArrayLike<number>, z: ArrayLike<number>, weights?: ArrayLike<number>): void {
    for (let row = 0; row < y.length; row += 1)
      this.#addRow(y[row] ?? NaN, z[row] ?? NaN, weights === undefined ? 1 : (weights[row] ?? NaN));
  }

  /** How many rows were scored: those that count. */
  get count(): number {
    return this.#rows;
  }

  /** How many rows have a prediction that float64 cannot hold: there is no score then, and no loss. */
  get overflowed(): number {
    return this.#tooLarge;
  }

  /** Whether every target is the same, so that R² says little. */
  get isConstant(): boolean {
    return this.#spread === 0;
  }

  /**
   * Of a sigmoid the share of rows whose output is on the same side of ½ as the target; of the others
   * R² = 1 − Σ(y − ŷ)²/Σ(y − ȳ)². Where the targets never change that is 1 if every output is right and 0 otherwise, as
   * in scikit-learn. Null without rows, and where a prediction or the sum of squares is too large for float64.
   */
  get score(): number | null {
    if (this.#rows === 0 || this.#tooLarge > 0) return null;
    if (this.activation === 'sigmoid') return this.#right / this.#weight;
    if (this.isConstant) return this.#squares === 0 ? 1 : 0;
    const determined = 1 - this.#squares / this.#spread;
    return Number.isFinite(determined) ? determined : null;
  }

  /** The mean of the loss that the activation trains with unless another is named, without any penalty. */
  get meanLoss(): number | null {
    const mean = this.#loss / this.#weight;
    return Number.isFinite(mean) ? mean : null;
  }

  /** Chooses the unit by the first target that is not 0, and again for one that is far larger. */
  #measureWith(size: number): void {
    if (size === 0 || (this.#unit !== 0 && size * this.#unit < 2 ** 400)) return;
    const unit = unitFor(size);
    const change = unit / (this.#unit || 1);
    this.#unit = unit;
    this.#mean *= change;
    // Twice, since the square of a change has a number no more than that of a target.
    this.#spread *= change;
    this.#spread *= change;
    this.#squares *= change;
    this.#squares *= change;
  }

  #addRow(y: number, z: number, weight: number): void {
    if (weight === 0) return;
    this.#rows += 1;
    this.#weight += weight;
    const output = this.#phi(z);
    this.#tooLarge += Number.isFinite(output) ? 0 : 1;
    this.#measureWith(Math.abs(y));
    const unit = this.#unit || 1;
    // Welford's update of Σ(y − ȳ)², by weights as West has it, "Updating Mean and Variance Estimates" (1979).
    const fromMean = y * unit - this.#mean;
    this.#mean += (fromMean * weight) / this.#weight;
    this.#spread += weight * fromMean * (y * unit - this.#mean);
    this.#squares += weight * (output * unit - y * unit) ** 2;
    this.#right += classOf(output) === classOf(y) ? weight : 0;
    this.#loss += weight * this.#rowLoss(y, z, output);
  }

  #rowLoss(y: number, z: number, output: number): number {
    switch (this.#lossName) {
      case 'log':
        // −y log σ(z) − (1−y) log(1−σ(z)) = log(1 + eᶻ) − y z
        return activations.softplus(z) - y * z;
      case 'poisson':
        return output - y * z;
      default:
        return (output - y) ** 2;
    }
  }
}

/** 1 for what has a square; otherwise what brings it to between 1 and 2. */
function unitFor(size: number): number {
  const exponent = Math.floor(Math.log2(size));
  return Math.abs(exponent) < 400 ? 1 : 2 ** Math.min(-exponent, 1023);
}
