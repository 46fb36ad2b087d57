import { Evaluation } from '../metrics/evaluation';
import { activated } from '../objective/forward';
import type { LayerActivationName } from '../objective/activations';

/** Values that are kept at most: pictures of more rows are no finer. */
const MOST_VALUES = 2 ** 20;

/** Targets and outputs of rows, all of them or some at equal distances. */
export interface Observed {
  /** Numbers, or the numbers of classes. */
  readonly y: Float64Array;
  /** φ(z), K a row. */
  readonly outputs: Float64Array;
  /** What each row counts; undefined: 1. */
  readonly weights: Float64Array | undefined;
}

/** An evaluation that keeps what pictures are made of. */
export class Observations extends Evaluation {
  #y: number[] = [];
  #outputs: number[] = [];
  #weights: number[] | undefined;
  /** Every so many rows one is kept. */
  #stride = 1;
  #seen = 0;

  constructor(
    private readonly activation: LayerActivationName,
    private readonly width: number,
  ) {
    super(activation, width);
  }

  override add(y: ArrayLike<number>, z: ArrayLike<number>, weights?: ArrayLike<number>): void {
    super.add(y, z, weights);
    const { width } = this;
    if (weights !== undefined) this.#weights ??= [];
    for (let row = 0; row < y.length; row += 1, this.#seen += 1) {
      if (this.#seen % this.#stride !== 0) continue;
      const sums = Float64Array.from({ length: width }, (_, k) => z[row * width + k] as number);
      this.#y.push(y[row] as number);
      this.#outputs.push(...activated(sums, this.activation));
      this.#weights?.push(weights?.[row] ?? 1);
      if (this.#outputs.length > MOST_VALUES) this.#thin();
    }
  }

  /** Keeps every second row of those there are, and of those to come. */
  #thin(): void {
    const { width } = this;
    const isKept = (_: number, row: number): boolean => row % 2 === 0;
    this.#y = this.#y.filter(isKept);
    this.#weights = this.#weights?.filter(isKept);
    this.#outputs = this.#outputs.filter((_, at) => Math.floor(at / width) % 2 === 0);
    this.#stride *= 2;
  }

  get observed(): Observed {
    const weights = this.#weights && Float64Array.from(this.#weights);
    return { y: Float64Array.from(this.#y), outputs: Float64Array.from(this.#outputs), weights };
  }
}
