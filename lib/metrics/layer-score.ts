import { type LayerActivationName, activations } from '../objective/activations';
import { classOf, largestOf } from '../objective/classes';
import { Score, type Scoring } from './score';
import { Mean } from './sums';

/** How well the outputs of a layer meet their targets, added up row by row. */
export class LayerScore implements Scoring {
  readonly #each: readonly Score[];
  readonly #right = new Mean();
  readonly #loss = new Mean();
  #rows = 0;
  #tooLarge = 0;
  #firstLabel: number | undefined;
  #isConstant = true;

  constructor(
    private readonly activation: LayerActivationName,
    private readonly outputs: number,
  ) {
    this.#each = activation === 'softmax' ? [] : Array.from({ length: outputs }, () => new Score(activation));
  }

  /**
   * @param y the targets, K a row, or of softmax the number of each row's class
   * @param z the sums before φ, K a row
   * @param weights how much each row counts; left out: 1
   */
  add(y: ArrayLike<number>, z: ArrayLike<number>, weights?: ArrayLike<number>): void {
    if (this.activation !== 'softmax') this.#addColumns(y, z, weights);
    const { outputs } = this;
    const rows = z.length / outputs;
    for (let row = 0; row < rows; row += 1) {
      const weight = weights === undefined ? 1 : (weights[row] ?? NaN);
      if (weight === 0) continue;
      this.#rows += 1;
      if (this.activation === 'softmax') this.#addClass(y[row] as number, z, row * outputs, weight);
      else this.#right.add(this.#areRight(y, z, row * outputs) ? 1 : 0, weight);
    }
  }

  /** To the scores of the outputs, each by itself. */
  #addColumns(y: ArrayLike<number>, z: ArrayLike<number>, weights: ArrayLike<number> | undefined): void {
    const { outputs } = this;
    const rows = z.length / outputs;
    const [targets, sums] = [new Float64Array(rows), new Float64Array(rows)];
    for (const [k, score] of this.#each.entries()) {
      for (let row = 0; row < rows; row += 1) {
        targets[row] = y[row * outputs + k] as number;
        sums[row] = z[row * outputs + k] as number;
      }
      score.add(targets, sums, weights);
    }
  }

  /** All sigmoids on the side of ½ that their targets are on, as they round. */
  #areRight(y: ArrayLike<number>, z: ArrayLike<number>, first: number): boolean {
    let right = true;
    for (let at = first; at < first + this.outputs; at += 1)
      right &&= classOf(y[at] as number) === classOf(activations.sigmoid(z[at] as number));
    return right;
  }

  #addClass(label: number, z: ArrayLike<number>, first: number, weight: number): void {
    const { outputs } = this;
    const largest = largestOf(z, first, outputs);
    const most = z[first + largest] as number;
    let rest = 0;
    for (let k = 0; k < outputs; k += 1) if (k !== largest) rest += Math.exp((z[first + k] as number) - most);
    if (!Number.isFinite(most) || Number.isNaN(rest)) this.#tooLarge += 1;
    this.#right.add(largest === label ? 1 : 0, weight);
    // −log p = m − z_y + log Σ e^(z − m), where log1p keeps what is far below 1
    this.#loss.add(most - (z[first + label] as number) + Math.log1p(rest), weight);
    this.#firstLabel ??= label;
    this.#isConstant &&= label === this.#firstLabel;
  }

  get count(): number {
    return this.#rows;
  }

  get overflowed(): number {
    return this.#tooLarge + this.#each.reduce((most, { overflowed }) => Math.max(most, overflowed), 0);
  }

  get isConstant(): boolean {
    return this.#each.length === 0 ? this.#isConstant : this.#each.every(({ isConstant }) => isConstant);
  }

  /**
   * Of softmax the share of rows whose largest output is the one of their class; of sigmoids the share of rows whose
   * outputs are all on the side of ½ that their targets are on; else the mean of the outputs' R², as in scikit-learn.
   */
  get score(): number | null {
    if (this.#rows === 0 || this.overflowed > 0) return null;
    if (this.activation === 'softmax' || this.activation === 'sigmoid') return this.#right.mean;
    const each = this.#each.map(({ score }) => score);
    if (each.some((score) => score === null)) return null;
    return each.reduce<number>((sum, score) => sum + (score as number), 0) / this.outputs;
  }

  get meanLoss(): number | null {
    const mean =
      this.activation === 'softmax'
        ? this.#loss.mean
        : this.#each.reduce((sum, { meanLoss }) => sum + (meanLoss ?? NaN), 0);
    return Number.isFinite(mean) ? mean : null;
  }
}
