import { types } from 'node:util';
import { shown } from '../base/arguments';
import { ThalwegError } from '../base/errors';
import { breathe } from '../base/event-loop';
import type { Dtype, NumericArray, VectorLike } from '../base/data-types';
import type { Floats, RowSource, Scaling } from './row-source';

// Rows in JavaScript memory on their way to a device. They are handed over in blocks, so that neither a copy nor a check
// holds the event loop for long: of about a mebibyte where JavaScript reads them, and larger where the addon does.

export type { Floats, RowSource, Scaling };

const blockBytes = 1 << 20;

/** How many rows of `columns` float64 values make a block. */
export function rowsPerBlock(columns: number): number {
  return Math.max(1, Math.floor(blockBytes / (8 * columns)));
}

/** How many values, in whole rows, make a block of about so many bytes. */
function flatStep(values: Floats, columns: number, bytes?: number): number {
  if (bytes === undefined) return rowsPerBlock(columns) * columns;
  return Math.max(1, Math.floor(bytes / (values.BYTES_PER_ELEMENT * columns))) * columns;
}

// Typed arrays are known by what they are, not by their class: those of the addon, or of another realm as each of
// Jest's test files is one, have other classes than the ones named here.

export function isFloats(value: unknown): value is Floats {
  return types.isFloat32Array(value) || types.isFloat64Array(value);
}

/** So many zeros. */
export function zeros(dtype: Dtype, length: number): Floats {
  return dtype === 'float32' ? new Float32Array(length) : new Float64Array(length);
}

/** A typed array of numbers, not of bigints. */
export function isNumericArray(value: unknown): value is NumericArray {
  return types.isTypedArray(value) && !types.isBigInt64Array(value) && !types.isBigUint64Array(value);
}

/** What `for await` goes over, but no text, and no array of numbers, which may have no values to go over. */
export function isIterable(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  if (typeof value !== 'object' || value === null || types.isTypedArray(value)) return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}

export function dtypeOf(values: unknown): Dtype {
  return types.isFloat32Array(values) ? 'float32' : 'float64';
}

/** The same values in the same memory, as an array of this realm's class. */
export function ofThisRealm(values: Float64Array): Float64Array {
  if (values instanceof Float64Array) return values;
  const { buffer, byteOffset, length } = values as Float64Array;
  return new Float64Array(buffer, byteOffset, length);
}

export function shapeError(message: string, option: string, row?: number): ThalwegError {
  return new ThalwegError('ERR_SHAPE', message, { option, ...(row === undefined ? {} : { row }) });
}

/** Refuses what is no such argument. */
export function argumentError(option: string, message: string): ThalwegError {
  return new ThalwegError('ERR_INVALID_ARGUMENT', message, { option });
}

/** Refuses buffers whose memory another thread can change or has taken away. */
export function checkBuffer(option: string, values: NumericArray): void {
  const { buffer } = values;
  if (types.isSharedArrayBuffer(buffer)) {
    throw argumentError(
      option,
      `${option} is in a SharedArrayBuffer, which another thread may change meanwhile: pass a copy, as from slice()`,
    );
  }
  if (values.length === 0 && isDetached(buffer)) throw detached(option);
}

function detached(option: string): ThalwegError {
  return new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `the buffer of ${option} is detached: it was transferred elsewhere, and its values are gone from here`,
    { option },
  );
}

function resized(option: string): ThalwegError {
  return new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `the buffer of ${option} was resized while it was copied: leave it as it is until the promise settles`,
    { option },
  );
}

function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    return new Uint8Array(buffer).buffer !== buffer;
  } catch {
    return true;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Checks [rows, columns] and refuses empty shapes. */
export function checkShape(option: string, shape: unknown): readonly [number, number] {
  if (!Array.isArray(shape) || shape.length !== 2 || !isCount(shape[0]) || !isCount(shape[1])) {
    throw shapeError(`the shape of ${option} must be [rows, columns], two whole numbers`, option);
  }
  const [rows, columns] = shape as [number, number];
  if (rows === 0) throw shapeError(`${option} has no rows`, option);
  if (columns === 0) throw shapeError(`${option} has no columns`, option);
  // Row indices travel as 32-bit numbers.
  if (rows > 0xffff_fffe)
    throw shapeError(`${option} has ${rows} rows; at most 4294967294 are possible`, option);
  return [rows, columns];
}

class FlatRows implements RowSource {
  readonly dtype: Dtype;

  constructor(
    private readonly option: string,
    private readonly data: Floats,
    readonly rows: number,
    readonly columns: number,
  ) {
    this.dtype = dtypeOf(data);
  }

  *blocks(bytes?: number): Iterable<Floats> {
    const { columns, data, rows } = this;
    const step = flatStep(data, columns, bytes);
    const length = rows * columns;
    for (let from = 0; from < length; from += step) {
      yield this.#part(from, Math.min(from + step, length));
    }
  }

  /** The caller's code runs between blocks, and may transfer the buffer or resize it. */
  #part(from: number, to: number): Floats {
    const { columns, data, option, rows } = this;
    try {
      if (data.length === rows * columns) return data.subarray(from, to);
    } catch {
      // What became of the buffer is told below.
    }
    throw isDetached(data.buffer) ? detached(option) : resized(option);
  }
}

function copyRow(
  option: string,
  row: unknown,
  index: number,
  into: Floats,
  at: number,
  columns: number,
): void {
  if (isFloats(row)) {
    checkBuffer(option, row);
    checkWidth(option, row.length, columns, index);
    into.set(row, at);
    return;
  }
  if (!Array.isArray(row)) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `${option}[${index}] must be an array of numbers, a Float32Array or a Float64Array`,
      { option, row: index },
    );
  }
  checkWidth(option, row.length, columns, index);
  for (let j = 0; j < columns; j += 1)
    into[at + j] = checkNumber(row[j], `${option}[${index}][${j}]`, option, index, j);
}

function checkWidth(option: string, width: number, columns: number, row: number): void {
  if (width === columns) return;
  throw shapeError(
    `${option}[${row}] has ${width} values, and ${option}[0] has ${columns}: rows must be of one length`,
    option,
    row,
  );
}

/** What a value is that is no number. */
function said(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'string') return `the string ${shown(value)}`;
  return typeof value === 'object' ? shown(value) : `a ${typeof value}`;
}

function checkNumber(value: unknown, place: string, option: string, row: number, column: number): number {
  if (typeof value === 'number') return value;
  throw new ThalwegError('ERR_INVALID_ARGUMENT', `${place} must be a number; it is ${said(value)}`, {
    option,
    row,
    column,
  });
}

class NestedRows implements RowSource {
  readonly rows: number;
  readonly columns: number;
  readonly dtype: Dtype;

  constructor(
    private readonly option: string,
    private readonly data: readonly unknown[],
  ) {
    const first = data[0];
    const width = isFloats(first) || Array.isArray(first) ? first.length : 1;
    [this.rows, this.columns] = checkShape(option, [data.length, width]);
    this.dtype = data.every((row) => types.isFloat32Array(row)) ? 'float32' : 'float64';
  }

  *blocks(): Iterable<Floats> {
    const step = rowsPerBlock(this.columns);
    const block = zeros(this.dtype, Math.min(step, this.rows) * this.columns);
    for (let from = 0; from < this.rows; from += step) {
      const count = Math.min(step, this.rows - from);
      for (let i = 0; i < count; i += 1) {
        copyRow(this.option, this.data[from + i], from + i, block, i * this.columns, this.columns);
      }
      yield block.subarray(0, count * this.columns);
    }
  }
}

class NumberColumn implements RowSource {
  readonly columns = 1;
  readonly dtype = 'float64';
  readonly rows: number;

  constructor(
    private readonly option: string,
    private readonly data: readonly unknown[],
  ) {
    this.rows = data.length;
  }

  *blocks(): Iterable<Floats> {
    const step = rowsPerBlock(1);
    const block = new Float64Array(Math.min(step, this.rows));
    for (let from = 0; from < this.rows; from += step) {
      const count = Math.min(step, this.rows - from);
      for (let i = 0; i < count; i += 1) {
        const row = from + i;
        block[i] = checkNumber(this.data[row], `${this.option}[${row}]`, this.option, row, 0);
      }
      yield block.subarray(0, count);
    }
  }
}

/** Rows that are at hand as float64, read from where they came from once. */
export async function rowsAtHand(source: RowSource): Promise<RowSource> {
  const { rows, columns } = source;
  return new FlatRows('X', await columnValues(source), rows, columns);
}

/** Rows that all have their values, as a matrix has. @throws ThalwegError ERR_SHAPE, ERR_INVALID_ARGUMENT */
export function denseRows(option: string, matrix: unknown): RowSource | undefined {
  if (Array.isArray(matrix)) {
    if (matrix.length === 0) throw shapeError(`${option} has no rows`, option);
    return new NestedRows(option, matrix);
  }
  // Values and a shape are also part of compressed rows, which have not all values.
  const isDense = typeof matrix === 'object' && matrix !== null && !('indptr' in matrix);
  if (!isDense || !('data' in matrix && 'shape' in matrix)) return undefined;
  const { shape } = matrix;
  const data = floatsOf(`${option}.data`, option, matrix.data);
  const [rows, columns] = checkShape(option, shape);
  if (data.length !== rows * columns) {
    throw shapeError(
      `${option}.data has ${data.length} values, and its shape [${rows}, ${columns}] needs ${rows * columns}`,
      option,
    );
  }
  return new FlatRows(option, data, rows, columns);
}

/** Values of a matrix, checked. @throws ThalwegError ERR_INVALID_ARGUMENT */
export function floatsOf(name: string, option: string, values: unknown): Floats {
  if (!isFloats(values)) {
    throw argumentError(option, `${name} must be a Float32Array or a Float64Array`);
  }
  checkBuffer(option, values);
  return values;
}

/** A vector's values as m rows of one. @throws ThalwegError ERR_SHAPE, ERR_INVALID_ARGUMENT */
export function vectorRows(option: string, vector: unknown): RowSource {
  if (isFloats(vector)) {
    checkBuffer(option, vector);
    return new FlatRows(option, vector, vector.length, 1);
  }
  if (Array.isArray(vector)) return new NumberColumn(option, vector);
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `${option} must be an array of numbers, a Float32Array, a Float64Array or an m×1 Matrix of a device`,
    { option },
  );
}

/** All values of a column, or of several row by row, copied as float64. */
export async function columnValues(column: RowSource): Promise<Float64Array> {
  const values = new Float64Array(column.rows * column.columns);
  let filled = 0;
  for await (const block of column.blocks()) {
    values.set(block, filled);
    filled += block.length;
    await breathe();
  }
  return values;
}

/** A short vector, copied as float64 and checked. @throws ThalwegError */
export function smallVector(option: string, vector: VectorLike): Float64Array {
  const copy = new Float64Array(vectorRows(option, vector).rows);
  let at = 0;
  for (const block of vectorRows(option, vector).blocks() as Iterable<Floats>) {
    copy.set(block, at);
    at += block.length;
  }
  const bad = copy.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new ThalwegError(
      'ERR_NOT_FINITE',
      `${option}[${bad}] is ${String(copy[bad])}; every value must be finite`,
      {
        option,
        row: bad,
      },
    );
  }
  return copy;
}

/** Names the first value of a block of rows that is not finite; `firstRow` is the index of the block's first row. */
export function refuseNotFinite(option: string, block: Floats, columns: number, firstRow: number): void {
  const at = block.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const [row, column] = [firstRow + Math.floor(at / columns), at % columns];
  throw new ThalwegError(
    'ERR_NOT_FINITE',
    `${option}: row ${row}, column ${column} is ${block[at] as number}; every value must be finite: drop or fill such rows first`,
    { option, row, column },
  );
}

/** Cuts what an iterable gives into blocks of rows, and checks its types and lengths. */
export async function* chunkedBlocks(
  option: string,
  chunks: AsyncIterable<NumericArray> | Iterable<NumericArray>,
  columns: number,
  bytes?: number,
): AsyncIterable<Floats> {
  for await (const values of chunks as AsyncIterable<unknown>) {
    if (!isNumericArray(values)) {
      throw new ThalwegError(
        'ERR_INVALID_ARGUMENT',
        `${option}: every chunk must be a typed array of numbers`,
        { option },
      );
    }
    checkBuffer(option, values);
    if (values.length % columns !== 0) {
      throw shapeError(
        `${option}: a chunk of ${values.length} values is no whole number of rows of ${columns}`,
        option,
      );
    }
    const step = isFloats(values) ? flatStep(values, columns, bytes) : rowsPerBlock(columns) * columns;
    for (let from = 0; from < values.length; from += step) {
      const block = values.subarray(from, from + step);
      yield isFloats(block) ? block : Float64Array.from(block);
    }
  }
}
