import type { Dtype } from '../../base/data-types';
import { type Feature, width } from './encoding';
import type { Block, Reading } from './reading';

/** A block that is being filled. */
export interface OpenBlock {
  readonly X: Float32Array | Float64Array;
  readonly y: Float64Array;
  readonly used: Uint8Array;
  rows: number;
  read: number;
}

/** One number: (value − shift) / scale. */
interface NumberCell {
  readonly shift: number;
  readonly scale: number;
  readonly whenMissing: number;
}

/** A category's columns: all `zeros` but the level's own, or `whenMissing`. */
interface LevelCells {
  readonly zeros: Float64Array;
  readonly ones: Float64Array;
  readonly whenMissing: Float64Array;
}

/** Writes rows of encoded values as rows of X. */
export class RowEncoder {
  private readonly cells: readonly (NumberCell | LevelCells)[];
  private readonly width: number;
  private readonly dtype: Dtype;
  private readonly fills: boolean;

  constructor(
    features: readonly Feature[],
    { standardize, missing, dtype }: Pick<Reading, 'standardize' | 'missing' | 'dtype'>,
  ) {
    this.cells = features.map((feature) => cellsOf(feature, standardize));
    this.width = width(features);
    this.dtype = dtype;
    this.fills = missing === 'mean';
  }

  /** Room for `capacity` rows. */
  block(capacity: number): OpenBlock {
    const length = capacity * this.width;
    return {
      X: this.dtype === 'float32' ? new Float32Array(length) : new Float64Array(length),
      y: new Float64Array(capacity),
      used: new Uint8Array(capacity),
      rows: 0,
      read: 0,
    };
  }

  finish({ X, y, used, rows, read }: OpenBlock): Block {
    return {
      X: X.subarray(0, rows * this.width),
      y: y.subarray(0, rows),
      rows,
      used: used.subarray(0, read),
    };
  }

  /**
   * Appends row `at` of the columns `values`: one a feature, then y; NaN is a missing value.
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

  private write(
    X: Float32Array | Float64Array,
    start: number,
    values: readonly Float64Array[],
    at: number,
  ): void {
    let offset = start;
    for (let index = 0; index < this.cells.length; index += 1) {
      const cells = this.cells[index];
      const value = values[index]?.[at] ?? NaN;
      if (cells === undefined) {
        return;
      }
      if ('shift' in cells) {
        X[offset] = Number.isNaN(value) ? cells.whenMissing : (value - cells.shift) / cells.scale;
        offset += 1;
      } else {
        X.set(Number.isNaN(value) ? cells.whenMissing : cells.zeros, offset);
        if (value > 0) {
          X[offset + value - 1] = cells.ones[value - 1] ?? NaN;
        }
        offset += cells.zeros.length;
      }
    }
  }
}

function cellsOf(feature: Feature, standardize: boolean): NumberCell | LevelCells {
  if (feature.kind !== 'category') {
    const [shift, scale] = standardize ? [feature.mean, feature.scale] : [0, 1];
    return { shift, scale, whenMissing: (feature.mean - shift) / scale };
  }
  const scaled = (value: (index: number) => number): Float64Array =>
    Float64Array.from(feature.means, (mean, index) =>
      standardize ? (value(index) - mean) / (feature.scales[index] ?? 1) : value(index),
    );
  return {
    zeros: scaled(() => 0),
    ones: scaled(() => 1),
    whenMissing: scaled((index) => feature.means[index] ?? 0),
  };
}
