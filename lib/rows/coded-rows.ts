import { types } from 'node:util';
import type { CodeColumn } from '../base/data-types';
import { type Floats, type RowSource, argumentError, checkBuffer, denseRows, shapeError } from './rows';
import type { Codes, SparseBlock } from './row-source';
import { codesFor, sparseRows } from './sparse-rows';

/** Whether a value is columns of codes beside others. */
function isCoded(matrix: unknown): matrix is { readonly dense?: unknown; readonly categories: unknown } {
  return typeof matrix === 'object' && matrix !== null && 'categories' in matrix;
}

/** Columns of codes behind the others; undefined where a value is none. @throws ThalwegError ERR_SHAPE, ERR_INVALID_ARGUMENT */
export function codedRows(option: string, matrix: unknown): RowSource | undefined {
  if (!isCoded(matrix)) return undefined;
  const { dense, categories: given } = matrix;
  if (!Array.isArray(given)) throw argumentError(option, `${option}.categories must be an array`);
  const categories = given.map((category, at) => checked(option, category, at));
  const beside = dense === undefined ? undefined : denseRows(`${option}.dense`, dense);
  if (dense !== undefined && beside === undefined)
    throw argumentError(option, `${option}.dense must be an array of rows, or { data, shape }`);
  const rows = beside?.rows ?? categories[0]?.codes.length ?? 0;
  if (rows === 0) throw shapeError(`${option} has no rows`, option);
  for (const [at, { codes }] of categories.entries()) {
    if (codes.length !== rows)
      throw shapeError(
        `${option}.categories[${at}] has ${codes.length} codes, and ${option} has ${rows} rows`,
        option,
      );
  }
  if (categories.length === 0 && beside !== undefined) return beside;
  const layout = {
    dense: beside?.columns ?? 0,
    levels: categories.map(({ levels }) => levels),
    ...{ compressed: 0, entries: 0 },
  };
  return sparseRows(rows, beside?.dtype ?? 'float64', {
    layout,
    blocks: (bytes) => blocksOf({ option, beside, categories, rows }, bytes),
  });
}

function checked(option: string, category: unknown, at: number): CodeColumn {
  const { codes, levels } = (category ?? {}) as { codes?: unknown; levels?: unknown };
  const name = `${option}.categories[${at}]`;
  if (!types.isUint8Array(codes) && !types.isUint16Array(codes) && !types.isUint32Array(codes))
    throw argumentError(option, `${name}.codes must be a Uint8Array, a Uint16Array or a Uint32Array`);
  checkBuffer(option, codes);
  if (typeof levels !== 'number' || !Number.isSafeInteger(levels) || levels < 1)
    throw argumentError(option, `${name}.levels must be a whole number, at least 1`);
  return { codes, levels };
}

interface Parts {
  readonly option: string;
  readonly beside: RowSource | undefined;
  readonly categories: readonly CodeColumn[];
  readonly rows: number;
}

/** Of rows without dense columns a block has so many bytes. */
const usualBytes = 1 << 20;

async function* blocksOf(parts: Parts, bytes = usualBytes): AsyncIterable<SparseBlock> {
  const { beside, categories, rows } = parts;
  let first = 0;
  const block = (count: number, dense?: Floats): SparseBlock => {
    const codes = categories.map((category, at) => codesOf(parts, category, at, { first, count }));
    first += count;
    return { rows: count, codes, ...(dense === undefined ? {} : { dense }) };
  };
  if (beside !== undefined) {
    for await (const dense of beside.blocks(bytes)) yield block(dense.length / beside.columns, dense);
    return;
  }
  const step = Math.max(1, Math.floor(bytes / (4 * categories.length)));
  while (first < rows) yield block(Math.min(step, rows - first));
}

/** Some codes of a column, checked: a look at all of them first would hold the event loop. */
function codesOf(
  { option }: Parts,
  { codes, levels }: CodeColumn,
  at: number,
  { first, count }: { readonly first: number; readonly count: number },
): Codes {
  const short = codesFor(levels, count);
  for (let i = 0; i < count; i += 1) {
    // Of a buffer that was taken away meanwhile nothing is left.
    const code = codes[first + i] ?? levels;
    if (code >= levels)
      throw shapeError(
        `${option}.categories[${at}].codes[${first + i}] is ${code}, and there are ${levels} levels, from 0 on`,
        option,
        first + i,
      );
    short[i] = code;
  }
  return short;
}
