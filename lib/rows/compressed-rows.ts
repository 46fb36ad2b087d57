import type { Dtype, NumericArray } from '../base/data-types';
import type { ThalwegError } from '../base/errors';
import {
  type Floats,
  type RowSource,
  argumentError,
  checkBuffer,
  checkShape,
  dtypeOf,
  floatsOf,
  isNumericArray,
  rowsPerBlock,
  shapeError,
  zeros,
} from './rows';

/** Rows of CSR, written out block by block, and checked there: a look at all of them first would hold the event loop. */
class WrittenOut implements RowSource {
  readonly dtype: Dtype;

  constructor(
    private readonly option: string,
    private readonly data: Floats,
    private readonly indices: NumericArray,
    private readonly indptr: NumericArray,
    readonly rows: number,
    readonly columns: number,
  ) {
    this.dtype = dtypeOf(data);
  }

  *blocks(): Iterable<Floats> {
    const { columns, rows } = this;
    const step = Math.min(rowsPerBlock(columns), rows);
    const block = zeros(this.dtype, step * columns);
    for (let first = 0; first < rows; first += step) {
      const count = Math.min(step, rows - first);
      block.fill(0);
      for (let i = 0; i < count; i += 1) this.#write(first + i, block, i * columns);
      yield block.subarray(0, count * columns);
    }
  }

  #write(row: number, block: Floats, at: number): void {
    const { columns, data, indices, indptr, option } = this;
    const [begin, end] = [indptr[row] as number, indptr[row + 1] as number];
    if (!(begin <= end && end <= data.length)) throw refusedEnd(option, row + 1, end, data.length);
    for (let k = begin; k < end; k += 1) {
      const column = indices[k] as number;
      if (!(column >= 0 && column < columns && Number.isInteger(column)))
        throw refusedIndex(option, row, column, columns);
      block[at + column] = (block[at + column] as number) + (data[k] as number);
    }
  }
}

function refusedIndex(option: string, row: number, column: number, columns: number): ThalwegError {
  return shapeError(
    `${option}.indices names column ${column} in row ${row}, and ${option} has ${columns} columns, from 0 on`,
    option,
    row,
  );
}

function refusedEnd(option: string, at: number, end: number, values: number): ThalwegError {
  return shapeError(
    `${option}.indptr[${at}] is ${end}: it must rise from 0 to the ${values} values of ${option}.data`,
    option,
    Math.max(0, at - 1),
  );
}

function placesOf(name: string, option: string, values: unknown): NumericArray {
  if (!isNumericArray(values)) {
    throw argumentError(
      option,
      `${name} must be a typed array of whole numbers, as Int32Array or Uint32Array`,
    );
  }
  checkBuffer(option, values);
  return values;
}

/** Rows of CSR; undefined where a value is none. @throws ThalwegError ERR_SHAPE, ERR_INVALID_ARGUMENT */
export function compressedRows(option: string, matrix: unknown): RowSource | undefined {
  if (typeof matrix !== 'object' || matrix === null || !('indptr' in matrix)) return undefined;
  const { data: values, indices: places, indptr: ends, shape } = matrix as Record<string, unknown>;
  const data = floatsOf(`${option}.data`, option, values);
  const indices = placesOf(`${option}.indices`, option, places);
  const indptr = placesOf(`${option}.indptr`, option, ends);
  const [rows, columns] = checkShape(option, shape);
  if (indices.length !== data.length) {
    throw shapeError(
      `${option}.indices has ${indices.length} values, and ${option}.data has ${data.length}: they must be as many`,
      option,
    );
  }
  if (indptr.length !== rows + 1) {
    throw shapeError(
      `${option}.indptr has ${indptr.length} values, and ${rows} rows need ${rows + 1}`,
      option,
    );
  }
  const [first = NaN, last = NaN] = [indptr[0], indptr[rows]];
  if (first !== 0) throw refusedEnd(option, 0, first, data.length);
  if (last !== data.length) throw refusedEnd(option, rows, last, data.length);
  return new WrittenOut(option, data, indices, indptr, rows, columns);
}
