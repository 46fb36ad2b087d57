import type { NumericArray } from '../base/data-types';
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
  shapeError,
} from './rows';
import type { CompressedBlock, SparseBlock } from './row-source';
import { sparseRows } from './sparse-rows';

/** Rows of CSR as they are given, in any order and with several values of one place. */
interface Given {
  readonly option: string;
  readonly data: Floats;
  readonly indices: NumericArray;
  readonly indptr: NumericArray;
  readonly rows: number;
  readonly columns: number;
}

/** A block has so many bytes. */
const usualBytes = 1 << 20;
/** Of an entry: its value and its column. */
const entryBytes = 12;

/** Checked there: a look at all of them first would hold the event loop. */
function* blocksOf(given: Given, bytes = usualBytes): Iterable<SparseBlock> {
  const { data, indptr, option, rows } = given;
  const most = Math.max(1, Math.floor(bytes / entryBytes));
  for (let first = 0; first < rows;) {
    const begin = indptr[first] as number;
    let last = first;
    do {
      const end = indptr[last + 1] as number;
      if (!(end >= (indptr[last] as number) && end <= data.length && Number.isInteger(end)))
        throw refusedEnd(option, last + 1, end, data.length);
      last += 1;
      // Rows of nothing take room as well.
    } while (last < rows && (indptr[last] as number) - begin + (last - first) < most);
    const lengths = new Uint32Array(last - first);
    for (let i = 0; i < lengths.length; i += 1)
      lengths[i] = (indptr[first + i + 1] as number) - (indptr[first + i] as number);
    yield { rows: lengths.length, codes: [], compressed: inOrder(given, first, lengths) };
    first = last;
  }
}

/** The entries of some rows by rising column, those of one place added up. */
function inOrder(
  { columns, data, indices, indptr, option }: Given,
  first: number,
  lengths: Uint32Array,
): CompressedBlock {
  const begin = indptr[first] as number;
  const count = lengths.reduce((sum, length) => sum + length, 0);
  const found = new Uint32Array(count);
  let isInOrder = true;
  for (let i = 0, e = 0; i < lengths.length; i += 1) {
    for (let left = lengths[i] as number, before = -1; left > 0; left -= 1, e += 1) {
      const column = indices[begin + e] as number;
      if (!(column >= 0 && column < columns && Number.isInteger(column)))
        throw refusedIndex(option, first + i, column, columns);
      if (column <= before) isInOrder = false;
      before = column;
      found[e] = column;
    }
  }
  const values = data.subarray(begin, begin + count);
  return isInOrder ? { lengths, columns: found, values } : sorted({ lengths, columns: found, values });
}

function sorted({ lengths, columns, values }: CompressedBlock): CompressedBlock {
  const kept = { lengths: lengths.slice(), columns: columns.slice(), values: values.slice() };
  let [from, to] = [0, 0];
  for (const [i, length] of lengths.entries()) {
    // By place, and values of one place in the order that they are given in: sorting is stable.
    const order = Array.from({ length }, (_, e) => from + e);
    order.sort((a, b) => (columns[a] as number) - (columns[b] as number));
    const begin = to;
    for (const e of order) {
      const column = columns[e] as number;
      if (to > begin && kept.columns[to - 1] === column) {
        kept.values[to - 1] = (kept.values[to - 1] as number) + (values[e] as number);
        continue;
      }
      kept.columns[to] = column;
      kept.values[to] = values[e] as number;
      to += 1;
    }
    kept.lengths[i] = to - begin;
    from += length;
  }
  return { ...kept, columns: kept.columns.subarray(0, to), values: kept.values.subarray(0, to) };
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
    `${option}.indptr[${at}] is ${end}: it must rise from 0 to the ${values} values of ${option}.data in whole numbers`,
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
  const given = { option, data, indices, indptr, rows, columns };
  const layout = { dense: 0, levels: [], compressed: columns, entries: data.length };
  return sparseRows(rows, dtypeOf(data), { layout, blocks: (bytes) => blocksOf(given, bytes) });
}
