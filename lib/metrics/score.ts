import { type ActivationName, outputsOf } from '../objective/activations';
import { type LossName, lossFor } from '../objective/losses';
import { Determination } from './determination';
import { RowSums } from './row-sums';
import { Mean } from './sums';

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
  #tooLarge = 0;
  /** Of the outputs and their targets; of a sigmoid, which is not scored by it, of none. */
  readonly determination = new Determination();
  /** Of a sigmoid the target that all have had so far; NaN before the first, undefined once there are two. */
  #onlyTarget: number | undefined = NaN;
  /** Of the loss that the activation trains with unless another is named. */
  readonly losses = new Mean();
  /** How far outputs are off; of a sigmoid, which is not scored by it, of none. */
  readonly distances = new Mean();
  readonly #right = new Mean();

  readonly #sums = new RowSums();
  readonly #lossName: LossName;

  constructor(private readonly activation: ActivationName) {
    this.#lossName = lossFor(activation);
  }

  /**
   * @param y the targets
   * @param z the neuron's sums xᵢθ + b, before its activation: from them losses are exact where an output rounds to 0
   *   or 1
   * @param weights how much each row counts; left out: 1
   */
  add(y: ArrayLike<number>, z: ArrayLike<number>, weights?: ArrayLike<number>): void {
    if (this.activation === 'sigmoid') this.#addClasses(y, z, weights);
    else this.#addValues(y, z, weights);
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
    return this.activation === 'sigmoid' ? this.#onlyTarget !== undefined : this.determination.isConstant;
  }

  /**
   * Of a sigmoid the share of rows whose output is on the same side of ½ as the target; of the others R². Null without rows,
   * and where a prediction or the sum of squares is too large for float64.
   */
  get score(): number | null {
    if (this.#rows === 0 || this.#tooLarge > 0) return null;
    const score = this.activation === 'sigmoid' ? this.#right.mean : this.determination.r2;
    return Number.isFinite(score) ? score : null;
  }

  /** The mean of the loss that the activation trains with unless another is named, without any penalty. */
  get meanLoss(): number | null {
    const { mean } = this.losses;
    return Number.isFinite(mean) ? mean : null;
  }

  #addClasses(y: ArrayLike<number>, z: ArrayLike<number>, weights: ArrayLike<number> | undefined): void {
    const found = this.#sums.classes(y, z, weights);
    this.#rows += found.rows;
    this.#tooLarge += found.overflowed;
    this.#right.addAll(found.right, found.weight);
    this.losses.addAll(found.loss, found.weight);
    for (let row = 0; row < y.length && this.#onlyTarget !== undefined; row += 1)
      if (weights?.[row] !== 0) this.#seeTarget(y[row] as number);
  }

  #seeTarget(y: number): void {
    if (Number.isNaN(this.#onlyTarget)) this.#onlyTarget = y;
    else if (this.#onlyTarget !== y) this.#onlyTarget = undefined;
  }

  #addValues(y: ArrayLike<number>, z: ArrayLike<number>, weights: ArrayLike<number> | undefined): void {
    const outputs = outputsOf(this.activation, z, y.length);
    const found = this.#sums.values(y, outputs, weights, this.determination.placingFor(y, weights));
    this.#rows += found.rows;
    this.#tooLarge += found.overflowed;
    this.determination.addAll(found, y, outputs, weights);
    this.distances.addAll(found.distances, found.weight);
    if (this.#lossName === 'squared') this.losses.addAll(found.squares, found.weight);
    else this.#addPoissonLosses(y, z, outputs, weights);
  }

  #addPoissonLosses(
    y: ArrayLike<number>,
    z: ArrayLike<number>,
    outputs: ArrayLike<number>,
    weights: ArrayLike<number> | undefined,
  ): void {
    for (let row = 0; row < y.length; row += 1) {
      const loss = (outputs[row] as number) - (y[row] as number) * (z[row] as number);
      this.losses.add(loss, weights === undefined ? 1 : (weights[row] as number));
    }
  }
}
