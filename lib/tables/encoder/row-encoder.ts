import type { Codes, Scaling } from '../../rows/row-source';
import { codesFor } from '../../rows/sparse-rows';
import { type Feature, fills, scaling, width } from './encoding';
import { UNKNOWN, levelsOf } from './groups';
import { codesOf } from './held-layout';
import type { Block, Reading } from './reading';

/** A block that is being filled. */
export interface OpenBlock {
  readonly X: Float64Array;
  readonly codes: readonly Codes[];
  readonly y: Float64Array;
  readonly weights: Float64Array;
  readonly used: Uint8Array;
  rows: number;
  read: number;
}

/** How a feature's value becomes its columns of X, scaled. */
interface Cells {
  readonly columns: number;
  readonly isCategory: boolean;
  /** Of a number by how much it is moved, and what it is divided by. */
  readonly mean: number;
  readonly scale: number;
  /** What takes the place of a missing value: a number, or of a category the code of a level or `UNKNOWN`. */
  readonly fill: number;
  /** What 0, 1 and, of a category, the average of all levels are in each column. */
  readonly zeros: Float64Array;
  readonly ones: Float64Array;
  readonly average: Float64Array;
  /** Of a category how many codes it has, where these are held. */
  readonly codes: number;
}

/** @param by of the feature's columns */
function cellsOf(feature: Feature, by: Scaling | undefined): Cells {
  const { means: average } = scaling([feature]);
  const columns = width([feature]);
  const scaled = (value: number, j: number): number =>
    by === undefined ? value : (value - (by.means[j] as number)) / (by.scales[j] as number);
  const cells = {
    columns,
    mean: by?.means[0] ?? 0,
    scale: by?.scales[0] ?? 1,
    zeros: average.map((_, j) => scaled(0, j)),
    ones: average.map((_, j) => scaled(1, j)),
    average: average.map(scaled),
  };
  if (feature.kind !== 'category')
    return { ...cells, isCategory: false, fill: feature.fill ?? feature.mean, codes: 0 };
  const fill = feature.fill === undefined ? UNKNOWN : levelsOf(feature).indexOf(feature.fill);
  return { ...cells, isCategory: true, fill, codes: codesOf(feature) };
}

/** That of each feature's columns, where all are columns of X. */
function scalingsOf(features: readonly Feature[], by: Scaling | undefined): (Scaling | undefined)[] {
  let end = 0;
  return features.map((feature) => {
    const start = end;
    end += width([feature]);
    return by && { means: by.means.subarray(start, end), scales: by.scales.subarray(start, end) };
  });
}

/** How rows are written. */
interface Ways {
  /** Whether categories stay codes, as `heldLayout` has them, in place of columns of X. */
  readonly holdsCodes: boolean;
  /** Whether the rows that lack a value are not among them any more; then X alone is written. */
  readonly allUsed?: boolean;
  /** By which X is scaled, of all its columns; not where categories stay codes. */
  readonly scaling?: Scaling | undefined;
}

/** So many rows are written column by column at a time, while they are in the cache. */
const STRIP_ROWS = 1024;

/** Writes columns of values as rows of X. */
export class RowEncoder {
  private readonly cells: readonly Cells[];
  private readonly width: number;
  /** Whether something takes the place of a missing feature. */
  private readonly fills: boolean;
  private readonly weighted: boolean;

  private readonly holdsCodes: boolean;
  private readonly allUsed: boolean;

  constructor(
    { features, missing, weight }: Pick<Reading, 'features' | 'missing' | 'weight'>,
    { holdsCodes, allUsed = false, scaling: by }: Ways,
  ) {
    this.holdsCodes = holdsCodes;
    this.allUsed = allUsed;
    const encodings = features.map(({ encoding }) => encoding);
    const scalings = scalingsOf(encodings, by);
    this.cells = encodings.map((encoding, index) => cellsOf(encoding, scalings[index]));
    this.width = width(holdsCodes ? encodings.filter(({ kind }) => kind !== 'category') : encodings);
    this.fills = fills(missing);
    this.weighted = weight !== undefined;
  }

  /** Room for `capacity` rows. */
  block(capacity: number): OpenBlock {
    const length = capacity * this.width;
    const categories = this.holdsCodes ? this.cells.filter(({ isCategory }) => isCategory) : [];
    return {
      X: new Float64Array(length),
      codes: categories.map(({ codes }) => codesFor(codes, capacity)),
      y: new Float64Array(capacity),
      weights: new Float64Array(this.weighted ? capacity : 0),
      used: new Uint8Array(capacity),
      rows: 0,
      read: 0,
    };
  }

  finish({ X, codes, y, weights, used, rows, read }: OpenBlock): Omit<Block, 'lacking'> {
    return {
      X: X.subarray(0, rows * this.width),
      ...(this.holdsCodes ? { codes: codes.map((each) => each.subarray(0, rows)) } : {}),
      y: y.subarray(0, rows),
      ...(this.weighted ? { weights: weights.subarray(0, rows) } : {}),
      rows,
      used: used.subarray(0, read),
    };
  }

  /**
   * Appends rows `from` to `to` of the columns `values`: one a feature, then y, and then the weight; NaN is a missing value, an
   * infinity one that does not read.
   *
   * @returns How many of them are not in the block: those that lack a value, or have one that does not read.
   */
  append(block: OpenBlock, values: readonly Float64Array[], from: number, to: number): number {
    let leftOut = 0;
    for (let start = from; start < to; start += STRIP_ROWS)
      leftOut += this.appendStrip(block, values, start, Math.min(to, start + STRIP_ROWS));
    return leftOut;
  }

  private appendStrip(block: OpenBlock, values: readonly Float64Array[], from: number, to: number): number {
    const used = block.used.subarray(block.read, block.read + to - from).fill(1);
    const features = this.cells.length;
    for (let index = 0; index <= features && !this.allUsed; index += 1)
      leaveOut(values[index] as Float64Array, from, used, this.fills && index < features);
    const { width: step } = this;
    let at = block.rows * step;
    let category = 0;
    for (let index = 0; index < features; index += 1) {
      const cells = this.cells[index] as Cells;
      if (cells.isCategory && this.holdsCodes) {
        const codes = (block.codes[category] as Codes).subarray(block.rows);
        writeCodes(values[index] as Float64Array, from, used, cells, codes);
        category += 1;
        continue;
      }
      const write = cells.isCategory ? writeLevels : writeNumbers;
      write(values[index] as Float64Array, from, used, cells, { X: block.X, at, step });
      at += cells.columns;
    }
    const rows = this.allUsed ? used.length : this.#copyOthers(block, values, from, used);
    block.read += used.length;
    block.rows += rows;
    return used.length - rows;
  }

  /** Copies y and the weight of used rows, and says how many these are. */
  #copyOthers(block: OpenBlock, values: readonly Float64Array[], from: number, used: Uint8Array): number {
    const features = this.cells.length;
    if (this.weighted) copyUsed(values[features + 1] as Float64Array, from, used, block.weights, block.rows);
    return copyUsed(values[features] as Float64Array, from, used, block.y, block.rows);
  }
}

/** Marks rows in which a column lacks a value. */
function leaveOut(column: Float64Array, from: number, used: Uint8Array, fillsMissing: boolean): void {
  let odd = 0;
  // NaN where any is not finite.
  for (let row = 0; row < used.length; row += 1) {
    const value = column[from + row] as number;
    odd += value - value;
  }
  if (odd === 0) return;
  for (let row = 0; row < used.length; row += 1) {
    const value = column[from + row] as number;
    if (!Number.isFinite(value) && !(fillsMissing && Number.isNaN(value))) used[row] = 0;
  }
}

/** Copies what stands in used rows, and says how many these are. */
function copyUsed(
  column: Float64Array,
  from: number,
  used: Uint8Array,
  into: Float64Array,
  at: number,
): number {
  let next = at;
  for (let row = 0; row < used.length; row += 1) {
    into[next] = column[from + row] as number;
    next += used[row] as number;
  }
  return next - at;
}

/** Where the values of a feature go: from `at` on, a row every `step` values. */
interface Place {
  readonly X: Float64Array;
  readonly at: number;
  readonly step: number;
}

function writeNumbers(
  column: Float64Array,
  from: number,
  used: Uint8Array,
  { columns, mean, scale, fill, zeros, ones }: Cells,
  { X, at, step }: Place,
): void {
  const isMarked = columns > 1;
  const [absent, present] = [ones[1] ?? 1, zeros[1] ?? 0];
  let next = at;
  for (let row = 0; row < used.length; row += 1) {
    if (used[row] === 0) continue;
    const value = column[from + row] as number;
    const isMissing = value !== value;
    X[next] = ((isMissing ? fill : value) - mean) / scale;
    if (isMarked) X[next + 1] = isMissing ? absent : present;
    next += step;
  }
}

/** A missing value is taken for a level, or its row is not used: `heldLayout` sees to that. */
function writeCodes(
  column: Float64Array,
  from: number,
  used: Uint8Array,
  { fill }: Cells,
  codes: Codes,
): void {
  let next = 0;
  for (let row = 0; row < used.length; row += 1) {
    if (used[row] === 0) continue;
    const value = column[from + row] as number;
    codes[next] = Number.isNaN(value) ? fill : value;
    next += 1;
  }
}

function writeLevels(
  column: Float64Array,
  from: number,
  used: Uint8Array,
  { columns, fill, zeros, ones, average }: Cells,
  { X, at, step }: Place,
): void {
  let next = at;
  for (let row = 0; row < used.length; row += 1) {
    if (used[row] === 0) continue;
    const value = column[from + row] as number;
    const code = Number.isNaN(value) ? fill : value;
    const written = code === UNKNOWN ? average : zeros;
    for (let j = 0; j < columns; j += 1) X[next + j] = written[j] as number;
    if (code > 0) X[next + code - 1] = ones[code - 1] as number;
    next += step;
  }
}
