import { type Feature, width } from './encoding';
import type { Block } from './reading';

/** A block that is being filled. */
export interface OpenBlock {
  readonly X: Float64Array;
  readonly y: Float64Array;
  readonly weights: Float64Array;
  readonly used: Uint8Array;
  rows: number;
  read: number;
}

/** What stands in for a missing value: of a number, or of a category's columns, of which otherwise one is 1. */
type WhenMissing = number | Float64Array;

/** Writes rows of encoded values as rows of X. */
export class RowEncoder {
  private readonly cells: readonly WhenMissing[];
  private readonly width: number;

  /**
   * @param fills whether the training mean takes the place of a missing feature
   * @param weighted whether rows have weights
   */
  constructor(
    features: readonly Feature[],
    private readonly fills: boolean,
    private readonly weighted: boolean,
  ) {
    this.cells = features.map((feature) =>
      feature.kind === 'category' ? Float64Array.from(feature.means) : feature.mean,
    );
    this.width = width(features);
  }

  /** Room for `capacity` rows. */
  block(capacity: number): OpenBlock {
    const length = capacity * this.width;
    return {
      X: new Float64Array(length),
      y: new Float64Array(capacity),
      weights: new Float64Array(this.weighted ? capacity : 0),
      used: new Uint8Array(capacity),
      rows: 0,
      read: 0,
    };
  }

  finish({ X, y, weights, used, rows, read }: OpenBlock): Omit<Block, 'lacking'> {
    return {
      X: X.subarray(0, rows * this.width),
      y: y.subarray(0, rows),
      ...(this.weighted ? { weights: weights.subarray(0, rows) } : {}),
      rows,
      used: used.subarray(0, read),
    };
  }

  /**
   * Appends row `at` of the columns `values`: one a feature, then y, and then the weight; NaN is a missing value.
   *
   * @returns Whether the row is in the block; one that lacks a value is not.
   */
  append(block: OpenBlock, values: readonly Float64Array[], at: number): boolean {
    const complete = this.isComplete(values, at);
    block.used[block.read] = complete ? 1 : 0;
    block.read += 1;
    if (complete) {
      this.write(block.X, block.rows * this.width, values, at);
      block.y[block.rows] = values[this.cells.length]?.[at] ?? NaN;
      if (this.weighted) block.weights[block.rows] = values[this.cells.length + 1]?.[at] ?? NaN;
      block.rows += 1;
    }
    return complete;
  }

  private isComplete(values: readonly Float64Array[], at: number): boolean {
    const features = this.cells.length;
    for (let index = this.fills ? features : 0; index <= features; index += 1) {
      if (Number.isNaN(values[index]?.[at])) {
        return false;
      }
    }
    return true;
  }

  private write(X: Float64Array, start: number, values: readonly Float64Array[], at: number): void {
    let offset = start;
    for (let index = 0; index < this.cells.length; index += 1) {
      const whenMissing = this.cells[index] ?? NaN;
      const value = values[index]?.[at] ?? NaN;
      if (typeof whenMissing === 'number') {
        X[offset] = Number.isNaN(value) ? whenMissing : value;
        offset += 1;
      } else {
        // A new block is all zeros.
        if (Number.isNaN(value)) X.set(whenMissing, offset);
        else if (value > 0) X[offset + value - 1] = 1;
        offset += whenMissing.length;
      }
    }
  }
}
