import { ThalwegError } from '../../base/errors';
import type { Cell } from '../files/database';
import type { Source, SourceColumn } from '../files/source';

/** A column that says how much each row counts, and how many rows count 0. */
export interface Weight {
  readonly column: SourceColumn;
  readonly zeros: number;
}

/**
 * Looks at every weight.
 *
 * @throws ThalwegError `ERR_COLUMN` or `ERR_NOT_FINITE` at the first row whose weight is missing, no number or below 0
 */
export async function weightOf(source: Source, column: SourceColumn): Promise<Weight> {
  const { present, number = 'NULL::DOUBLE', text = "''" } = column.sql;
  const rows = `(SELECT r, ${present} AS p, ${number} AS n, ${text} AS t FROM ${source.select([column], { rowNumber: true })})`;
  const [found = []] = await source.database.rows(
    `SELECT min(CASE WHEN n IS NULL OR n < 0 OR isinf(n) THEN r END)::DOUBLE, count(CASE WHEN n = 0 THEN 1 END)::DOUBLE FROM ${rows}`,
  );
  const [row, zeros] = found;
  if (row === null || row === undefined) return { column, zeros: Number(zeros) };
  const [cells = []] = await source.database.rows(
    `SELECT p, n, coalesce(t, '') FROM ${rows} WHERE r = ${Number(row)}`,
  );
  throw badWeight(source, column, Number(row), cells);
}

function badWeight(
  source: Source,
  { name }: SourceColumn,
  row: number,
  [present, value, text]: readonly Cell[],
): ThalwegError {
  const is = (): string => {
    if (present !== true) return 'has no value there';
    return `is ${value === null ? JSON.stringify(String(text).slice(0, 80)) : String(value)} there`;
  };
  const isInfinite = typeof value === 'number' && !Number.isFinite(value);
  return new ThalwegError(
    isInfinite ? 'ERR_NOT_FINITE' : 'ERR_COLUMN',
    `${source.name}, row ${row}: the weight "${name}" ${is()}; weights are numbers, 0 for rows that do not count, or more. ` +
      'Correct the file, or choose another --weight.',
    { path: source.path, column: name, row: row - 1 },
  );
}
