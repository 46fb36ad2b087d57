import { types } from 'node:util';
import type { CodeColumn } from '../base/data-types';
import {
  type Floats,
  type RowSource,
  argumentError,
  checkBuffer,
  denseRows,
  rowsPerBlock,
  shapeError,
  zeros,
} from './rows';

/** Whether a value is columns of codes beside others. */
function isCoded(matrix: unknown): matrix is { readonly dense?: unknown; readonly categories: unknown } {
  return typeof matrix === 'object' && matrix !== null && 'categories' in matrix;
}

/** Columns of codes, written out block by block behind the others; undefined where a value is none. @throws ThalwegError ERR_SHAPE, ERR_INVALID_ARGUMENT */
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
  const width = beside?.columns ?? 0;
  const columns = categories.reduce((sum, { levels }) => sum + levels, width);
  return {
    ...{ rows, columns },
    dtype: beside?.dtype ?? 'float64',
    blocks: () => written({ option, beside, categories, rows, columns }),
  };
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
  readonly columns: number;
}

async function* written({ option, beside, categories, rows, columns }: Parts): AsyncIterable<Floats> {
  const step = Math.min(rowsPerBlock(columns), rows);
  const block = zeros(beside?.dtype ?? 'float64', step * columns);
  const width = beside?.columns ?? 0;
  let [first, held] = [0, 0];
  const finish = (): Floats => {
    writeCodes(option, block, categories, { first, count: held, columns, width });
    const whole = block.subarray(0, held * columns);
    first += held;
    held = 0;
    return whole;
  };
  for await (const values of beside?.blocks() ?? rowsWithout(rows, step)) {
    const count = typeof values === 'number' ? values : values.length / width;
    for (let i = 0; i < count; i += 1) {
      block.fill(0, held * columns, (held + 1) * columns);
      if (typeof values !== 'number') block.set(values.subarray(i * width, (i + 1) * width), held * columns);
      held += 1;
      if (held === step) yield finish();
    }
  }
  if (held > 0) yield finish();
}

/** So many rows without other columns, in blocks. */
function* rowsWithout(rows: number, step: number): Iterable<number> {
  for (let first = 0; first < rows; first += step) yield Math.min(step, rows - first);
}

/** Checks codes where it writes them: a look at all of them first would hold the event loop. */
function writeCodes(
  option: string,
  block: Floats,
  categories: readonly CodeColumn[],
  at: { readonly first: number; readonly count: number; readonly columns: number; readonly width: number },
): void {
  let offset = at.width;
  for (const [index, { codes, levels }] of categories.entries()) {
    for (let i = 0; i < at.count; i += 1) {
      const code = codes[at.first + i] ?? levels;
      if (code >= levels)
        throw shapeError(
          `${option}.categories[${index}].codes[${at.first + i}] is ${code}, and there are ${levels} levels, from 0 on`,
          option,
          at.first + i,
        );
      block[i * at.columns + offset + code] = 1;
    }
    offset += levels;
  }
}
