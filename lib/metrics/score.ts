/** The activations that the command line trains with, each with its own loss: squared, log, poisson. */
export type TrainedActivation = 'linear' | 'sigmoid' | 'exp';

/** How well a neuron meets its targets, added up block by block. */
export class Score {
  private rows = 0;
  private mean = 0;
  private spread = 0;
  private squares = 0;
  private loss = 0;
  private right = 0;
  private tooLarge = 0;
  /** A power of two that the sums of squares are of: those of targets of 1e200 or 1e-200 are no number. */
  private unit = 0;

  constructor(private readonly activation: TrainedActivation) {}

  /**
   * @param y The targets.
   * @param z The neuron's sums before its activation: from them the losses are exact where an output rounds to 0 or 1.
   */
  add(y: Float64Array, z: Float64Array): void {
    for (let row = 0; row < y.length; row += 1) {
      this.addRow(y[row] ?? NaN, z[row] ?? NaN);
    }
  }

  /** How many rows were scored. */
  get count(): number {
    return this.rows;
  }

  /** How many rows have a prediction that float64 cannot hold: there is no score then, and no loss. */
  get overflowed(): number {
    return this.tooLarge;
  }

  /**
   * A sigmoid's share of rows on the right side of ½; R² of the others, null where every target is the same, or a
   * prediction or the sum of their squares too large for float64.
   */
  get score(): number | null {
    if (this.rows === 0 || this.tooLarge > 0) {
      return null;
    }
    if (this.activation === 'sigmoid') {
      return this.right / this.rows;
    }
    const share = 1 - this.squares / this.spread;
    return this.spread > 0 && Number.isFinite(share) ? share : null;
  }

  /** The mean loss, without any penalty. */
  get meanLoss(): number | null {
    const mean = this.loss / this.rows;
    return Number.isFinite(mean) ? mean : null;
  }

  /** Chooses the unit by the first target that is not 0, and again for one that is far larger. */
  private measureWith(size: number): void {
    if (size === 0 || (this.unit !== 0 && size * this.unit < 2 ** 400)) return;
    const unit = unitFor(size);
    const change = this.unit === 0 ? 1 : unit / this.unit;
    this.unit = unit;
    this.mean *= change;
    this.spread *= change ** 2;
    this.squares *= change ** 2;
  }

  private addRow(y: number, z: number): void {
    this.rows += 1;
    const output = this.activation === 'exp' ? Math.exp(z) : z;
    this.tooLarge += Number.isFinite(output) ? 0 : 1;
    this.measureWith(Math.abs(y));
    const target = y * (this.unit || 1);
    const fromMean = target - this.mean;
    this.mean += fromMean / this.rows;
    this.spread += fromMean * (target - this.mean);
    this.squares += (output * (this.unit || 1) - target) ** 2;
    this.right += (z >= 0 ? 1 : 0) === y ? 1 : 0;
    this.loss += rowLoss(this.activation, y, z);
  }
}

/** 1 for what has a square; otherwise what brings it to between 1 and 2. */
function unitFor(size: number): number {
  const exponent = Math.floor(Math.log2(size));
  return Math.abs(exponent) < 400 ? 1 : 2 ** Math.min(-exponent, 1023);
}

function rowLoss(activation: TrainedActivation, y: number, z: number): number {
  switch (activation) {
    case 'linear':
      return (z - y) ** 2;
    case 'sigmoid':
      // −y log σ(z) − (1−y) log(1−σ(z)) = log(1 + eᶻ) − y z
      return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - y * z;
    case 'exp':
      return Math.exp(z) - y * z;
  }
}
