import { addon } from '../addon/native';
import { environment } from '../base/environment';
import { type ActivationName, activations, outputsOf } from '../objective/activations';
import { type LossName, lossFor } from '../objective/losses';
import { Determination } from './determination';
import { Room } from './room';
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
  readonly #right = new Mean();

  readonly #room = new Room();
  readonly #level = environment().cpuLevel ?? '';
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
    if (this.activation === 'sigmoid') {
      this.#addClasses(y, z, weights);
      return;
    }
    if (weights === undefined) {
      this.#addEach(y, z);
      return;
    }
    for (let row = 0; row < y.length; row += 1)
      this.#addRow(y[row] ?? NaN, z[row] ?? NaN, weights[row] ?? NaN);
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

  /** As `#addRow` of each row, which counts 1: sum by sum. */
  #addEach(y: ArrayLike<number>, z: ArrayLike<number>): void {
    const count = y.length;
    this.#rows += count;
    const outputs = outputsOf(this.activation, z, count);
    this.#tooLarge += notFinite(outputs, count);
    this.determination.addEach(y, outputs, count);
    if (this.#lossName === 'squared') {
      this.losses.addDistances(outputs, y, count, true);
      return;
    }
    const losses = this.#room.of(count);
    for (let row = 0; row < count; row += 1)
      losses[row] = this.#rowLoss(y[row] as number, z[row] as number, outputs[row] as number);
    this.losses.addEach(losses, count);
  }

  /** In the addon, which takes several rows at once. */
  #addClasses(y: ArrayLike<number>, z: ArrayLike<number>, weights: ArrayLike<number> | undefined): void {
    const counts = weights && floats(weights);
    const found = addon().classScores(this.#level, floats(y), floats(z), counts);
    const [rows, overflowed, weight, right, loss] = found as unknown as ClassScores;
    this.#rows += rows;
    this.#tooLarge += overflowed;
    this.#right.addAll(right, weight);
    this.losses.addAll(loss, weight);
    for (let row = 0; row < y.length && this.#onlyTarget !== undefined; row += 1)
      if (counts === undefined || counts[row] !== 0) this.#seeTarget(y[row] as number);
  }

  #seeTarget(y: number): void {
    if (Number.isNaN(this.#onlyTarget)) this.#onlyTarget = y;
    else if (this.#onlyTarget !== y) this.#onlyTarget = undefined;
  }

  #addRow(y: number, z: number, weight: number): void {
    if (weight === 0) return;
    this.#rows += 1;
    const output = activations[this.activation](z);
    this.#tooLarge += Number.isFinite(output) ? 0 : 1;
    this.determination.add(y, output, weight);
    this.losses.add(this.#rowLoss(y, z, output), weight);
  }

  #rowLoss(y: number, z: number, output: number): number {
    return this.#lossName === 'poisson' ? output - y * z : (output - y) ** 2;
  }
}

/** What {@link NativeScores.classScores} gives. */
type ClassScores = [rows: number, overflowed: number, weight: number, right: number, loss: number];

function floats(values: ArrayLike<number>): Float32Array | Float64Array {
  return values instanceof Float32Array || values instanceof Float64Array
    ? values
    : Float64Array.from(values);
}

/** A loop by itself, as those of sums.ts are. */
function notFinite(values: ArrayLike<number>, count: number): number {
  let found = 0;
  for (let row = 0; row < count; row += 1) {
    const value = values[row] as number;
    if (value - value !== 0) found += 1;
  }
  return found;
}
