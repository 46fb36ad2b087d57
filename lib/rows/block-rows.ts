import type { NumericArray } from '../base/data-types';
import {
  type Floats,
  type RowSource,
  argumentError,
  checkShape,
  chunkedBlocks,
  isIterable,
  shapeError,
} from './rows';

/** Rows that are given by a function, block by block; undefined where a value is none. @throws ThalwegError ERR_SHAPE, ERR_INVALID_ARGUMENT */
export function blockRows(option: string, matrix: unknown): RowSource | undefined {
  if (typeof matrix !== 'object' || matrix === null || !('blocks' in matrix)) return undefined;
  const given = matrix as Record<string, unknown>;
  const { blocks, dtype } = given;
  if (typeof blocks !== 'function')
    throw argumentError(option, `${option}.blocks must be a function that gives blocks of rows`);
  if (dtype !== 'float32' && dtype !== 'float64')
    throw argumentError(option, `${option}.dtype must be 'float32' or 'float64'`);
  const [rows, columns] = checkShape(option, [given['rows'], given['columns']]);
  const read = blocks.bind(matrix) as () => AsyncIterable<NumericArray> | Iterable<NumericArray>;
  return { rows, columns, dtype, blocks: (bytes) => counted(option, read, rows, columns, bytes) };
}

async function* counted(
  option: string,
  read: () => unknown,
  rows: number,
  columns: number,
  bytes: number | undefined,
): AsyncIterable<Floats> {
  const chunks = read();
  if (!isIterable(chunks))
    throw argumentError(option, `${option}.blocks() must give an iterable of typed arrays`);
  let seen = 0;
  for await (const block of chunkedBlocks(option, chunks as Iterable<NumericArray>, columns, bytes)) {
    seen += block.length / columns;
    if (seen > rows) break;
    yield block;
  }
  if (seen !== rows)
    throw shapeError(
      `${option}.blocks() gave ${seen > rows ? 'more rows' : `only ${seen} row${seen === 1 ? '' : 's'}`}, and ${option}.rows is ${rows}`,
      option,
    );
}
