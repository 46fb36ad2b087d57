import { type Feature, fills, scaling, width } from './encoding';
import { UNKNOWN, levelsOf } from './groups';
import type { Block, Reading } from './reading';

/** A block that is being filled. */
export interface OpenBlock {
  readonly X: Float64Array;
  readonly y: Float64Array;
  readonly weights: Float64Array;
  readonly used: Uint8Array;
  rows: number;
  read: number;
}

/** How a feature's value becomes its columns of X. */
interface Cells {
  readonly columns: number;
  readonly isCategory: boolean;
  /** What takes the place of a missing value: a number, or of a category the code of a level or all columns. */
  readonly fill: number | Float64Array;
  /** Of a category, what its columns are for a level that is not known. */
  readonly average: Float64Array;
}

function cellsOf(feature: Feature): Cells {
  const { means: average } = scaling([feature]);
  const columns = width([feature]);
  if (feature.kind !== 'category')
    return { columns, isCategory: false, fill: feature.fill ?? feature.mean, average };
  const fill = feature.fill === undefined ? average : levelsOf(feature).indexOf(feature.fill);
  return { columns, isCategory: true, fill, average };
}

/** Writes rows of encoded values as rows of X. */
export class RowEncoder {
  private readonly cells: readonly Cells[];
  private readonly width: number;
  /** Whether something takes the place of a missing feature. */
  private readonly fills: boolean;
  private readonly weighted: boolean;

  constructor({ features, missing, weight }: Pick<Reading, 'features' | 'missing' | 'weight'>) {
    const encodings = features.map(({ encoding }) => encoding);
    this.cells = encodings.map(cellsOf);
    this.width = width(encodings);
    this.fills = fills(missing);
    this.weighted = weight !== undefined;
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
   * Appends row `at` of the columns `values`: one a feature, then y, and then the weight; NaN is a missing value, an infinity
   * one that does not read.
   *
   * @returns Whether the row is in the block; one that lacks a value is not, nor is one with a value that does not read.
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
    for (let index = 0; index <= features; index += 1) {
      const value = values[index]?.[at] ?? NaN;
      if (!Number.isFinite(value) && !(this.fills && index < features && Number.isNaN(value))) {
        return false;
      }
    }
    return true;
  }

  private write(X: Float64Array, start: number, values: readonly Float64Array[], at: number): void {
    let offset = start;
    for (let index = 0; index < this.cells.length; index += 1) {
      const cells = this.cells[index] as Cells;
      const value = values[index]?.[at] ?? NaN;
      if (cells.isCategory) writeLevel(X, offset, cells, value);
      else writeNumber(X, offset, cells, value);
      offset += cells.columns;
    }
  }
}

function writeNumber(X: Float64Array, offset: number, { columns, fill }: Cells, value: number): void {
  const isMissing = Number.isNaN(value);
  X[offset] = isMissing ? (fill as number) : value;
  if (columns > 1 && isMissing) X[offset + 1] = 1;
}

/** A new block is all zeros. */
function writeLevel(X: Float64Array, offset: number, { fill, average }: Cells, value: number): void {
  const code = Number.isNaN(value) ? fill : value;
  if (typeof code !== 'number') X.set(code, offset);
  else if (code === UNKNOWN) X.set(average, offset);
  else if (code > 0) X[offset + code - 1] = 1;
}
