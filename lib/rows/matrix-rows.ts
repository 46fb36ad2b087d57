import { blockRows } from './block-rows';
import { codedRows } from './coded-rows';
import { compressedRows } from './compressed-rows';
import { type RowSource, argumentError, denseRows } from './rows';

/** The rows of a matrix in JavaScript memory, in any layout. @throws ThalwegError ERR_SHAPE, ERR_INVALID_ARGUMENT */
export function matrixRows(option: string, matrix: unknown): RowSource {
  const rows =
    compressedRows(option, matrix) ??
    codedRows(option, matrix) ??
    blockRows(option, matrix) ??
    denseRows(option, matrix);
  if (rows !== undefined) return rows;
  throw argumentError(
    option,
    `${option} must be an array of rows, { data, shape } with a Float32Array or Float64Array, { data, indices, indptr, shape }, { dense, categories }, { rows, columns, dtype, blocks }, or a Matrix of a device`,
  );
}
