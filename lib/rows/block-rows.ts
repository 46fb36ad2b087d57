import type { BlockRows, NumericArray } from '../base/data-types';
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
  const { blocks, dtype, rows: count } = given;
  if (typeof blocks !== 'function')
    throw argumentError(option, `${option}.blocks must be a function that gives blocks of rows`);
  if (dtype !== 'float32' && dtype !== 'float64')
    throw argumentError(option, `${option}.dtype must be 'float32' or 'float64'`);
  if (count === undefined && option !== 'X')
    throw shapeError(
      `${option}.rows is left out, which is possible for X alone: say how many there are`,
      option,
    );
  const [rows, columns] = checkShape(option, [count, given['columns']]);
  return { rows, columns, dtype, blocks: (bytes) => counted(option, matrix, rows, columns, bytes) };
}

/**
 * Does something with X, first counting its rows where a function gives them and does not say how many; otherwise at once.
 *
 * @param options whose `signal`, if there is one, ends the counting
 * @throws what `body` does, and ERR_SHAPE, ERR_INVALID_ARGUMENT for blocks that are none; the signal's reason
 */
export async function whenCounted<X, Result>(
  X: X,
  options: unknown,
  body: (X: X) => Promise<Result>,
): Promise<Result> {
  return await body(isUncounted(X) ? ((await countedRows(X, options)) as X) : X);
}

/** Rows of which it is not said how many they are. What is odd besides is refused as that of other X is. */
function isUncounted(X: unknown): X is UncountedRows {
  if (typeof X !== 'object' || X === null || !('blocks' in X) || !('columns' in X)) return false;
  const isWithout = !('rows' in X) || X.rows === undefined;
  return isWithout && typeof X.blocks === 'function' && Number.isInteger(X.columns) && Number(X.columns) > 0;
}

type UncountedRows = Omit<BlockRows, 'rows'>;

async function countedRows(X: UncountedRows, options: unknown): Promise<BlockRows> {
  const { columns, dtype } = X;
  // What is no signal is refused with the other options.
  const { signal } = (options ?? {}) as { readonly signal?: Partial<AbortSignal> | null };
  let values = 0;
  for await (const block of blocksOf('X', X, columns)) {
    signal?.throwIfAborted?.();
    values += block.length;
  }
  return { rows: values / columns, columns, dtype, blocks: () => X.blocks() };
}

function blocksOf(option: string, X: object, columns: number, bytes?: number): AsyncIterable<Floats> {
  const chunks = (X as { blocks: () => unknown }).blocks();
  if (!isIterable(chunks))
    throw argumentError(option, `${option}.blocks() must give an iterable of typed arrays`);
  return chunkedBlocks(option, chunks as Iterable<NumericArray>, columns, bytes);
}

async function* counted(
  option: string,
  X: object,
  rows: number,
  columns: number,
  bytes: number | undefined,
): AsyncIterable<Floats> {
  let seen = 0;
  for await (const block of blocksOf(option, X, columns, bytes)) {
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
