import type { Source, SourceColumn } from '../files/source';
import { alike, unnested } from './alike';
import { formSql } from './forms-sql';
import { type ReadColumn, valueSql } from './read-column';
import { type Words, isWordSql } from './words';

/** Of each column of names its number of levels. */
export async function exactLevels(
  source: Source,
  names: readonly ReadColumn[],
): Promise<Map<SourceColumn, number>> {
  const levels = new Map<SourceColumn, number>();
  const words = new Map(names.map((read) => [read.column, read.words]));
  for (const group of alike([...words.keys()], (column) => JSON.stringify(words.get(column)))) {
    const [first] = group;
    if (first === undefined) continue;
    const value = valueSql({ column: first, kind: 'category', words: words.get(first) }, first.read('c0'));
    for (const [i, count] of await source.database.rows(
      `SELECT i::DOUBLE, count(DISTINCT ${value})::DOUBLE FROM ${unnested(source, group)} GROUP BY i`,
    ))
      levels.set(group[Number(i) - 1] as SourceColumn, Number(count));
  }
  return levels;
}

/** Of columns that are read from text, how many values begin with a 0 before another digit. */
export async function leadingZeros(
  source: Source,
  columns: readonly SourceColumn[],
): Promise<Map<SourceColumn, number>> {
  const found = new Map<SourceColumn, number>();
  for (const group of alike(columns)) {
    const text = (group[0] as SourceColumn).read('c0').text ?? 'NULL::VARCHAR';
    const isZero = `starts_with(t, '0') AND substr(t, 2, 1) BETWEEN '0' AND '9'`;
    for (const [i, count] of await source.database.rows(
      `SELECT i::DOUBLE, count(CASE WHEN ${isZero} THEN 1 END)::DOUBLE FROM (SELECT i, ${text} AS t FROM ${unnested(source, group)}) GROUP BY i`,
    ))
      if (Number(count) > 0) found.set(group[Number(i) - 1] as SourceColumn, Number(count));
  }
  return found;
}

/** Whether all values but the words for missing ones are digits alone, and as many. */
export async function isCode(source: Source, column: SourceColumn, words: Words): Promise<boolean> {
  const texts = `(SELECT ${column.sql.text ?? 'NULL::VARCHAR'} AS t FROM ${source.select([column])})`;
  const [cells = []] = await source.database.rows(
    `SELECT min(strlen(t)) = max(strlen(t)) AND bool_and(regexp_full_match(t, '[0-9]+')) FROM ${texts} ` +
      `WHERE t IS NOT NULL AND NOT ${isWordSql('t', words)}`,
  );
  return cells[0] === true;
}

/** Whole numbers that a double does not hold: how many, one of them, and how many different ones there are. */
export async function lostDigits(
  source: Source,
  read: ReadColumn,
): Promise<{ readonly lost: number; readonly example: string; readonly levels: number }> {
  const { column } = read;
  const text = column.sql.text ?? 'NULL::VARCHAR';
  const rows = `(SELECT ${text} AS t, ${valueSql(read)} AS v FROM ${source.select([column])})`;
  const isLost = `TRY_CAST(t AS HUGEINT) <> TRY_CAST(v AS HUGEINT)`;
  const [cells = []] = await source.database.rows(
    `SELECT count(CASE WHEN ${isLost} THEN 1 END)::DOUBLE, min(CASE WHEN ${isLost} THEN t END), count(DISTINCT t)::DOUBLE FROM ${rows} WHERE v IS NOT NULL`,
  );
  return { lost: Number(cells[0]), example: String(cells[1]), levels: Number(cells[2]) };
}

/** Whether each value is that of the row before plus 1. */
export async function countsRows(source: Source, read: ReadColumn, least: number): Promise<boolean> {
  const rows = `(SELECT r, ${valueSql(read)} AS v FROM ${source.select([read.column], { rowNumber: true })})`;
  const [cells = []] = await source.database.rows(`SELECT bool_and(v = r - 1 + ${least}) FROM ${rows}`);
  return cells[0] === true;
}

/** Whether values are whole, and none stands twice. */
export async function isOneARow(source: Source, read: ReadColumn): Promise<boolean> {
  const [cells = []] = await source.database.rows(
    `SELECT count(DISTINCT v) = count(*) AND bool_and(v = trunc(v)) FROM (SELECT ${valueSql(read)} AS v FROM ${source.select([read.column])})`,
  );
  return cells[0] === true;
}

/** Numbers among which all dates of `compact` are, as far as people write such. */
const COMPACT_ENDS = { least: 18_000_101, greatest: 22_001_231 };

/** Whether numbers all read as dates, as 20240131 does. */
export async function areCompactDates(
  source: Source,
  read: ReadColumn,
  ends: { readonly least: number; readonly greatest: number },
): Promise<boolean> {
  if (!(ends.least >= COMPACT_ENDS.least && ends.greatest <= COMPACT_ENDS.greatest)) return false;
  const value = valueSql(read);
  const date = formSql({ read: 'date', order: 'compact' }, `CAST(CAST(v AS BIGINT) AS VARCHAR)`);
  const [cells = []] = await source.database.rows(
    `SELECT bool_and(v = trunc(v) AND ${date} IS NOT NULL) FROM (SELECT ${value} AS v FROM ${source.select([read.column])}) WHERE v IS NOT NULL`,
  );
  return cells[0] === true;
}

/** What stands for a missing value in old files, at an end of the others. */
const SENTINELS = [9, 99, 999, 9999, 99_999, 999_999]
  .flatMap((nines) => [-nines, nines])
  .filter((n) => n < 0 || n >= 999);

/** A number far outside of all others. */
export interface Outlying {
  readonly value: number;
  readonly count: number;
  readonly least: number;
  readonly greatest: number;
}

/** A value such as -999 at an end of a column, further from the others than three times their range. */
export async function outlying(
  source: Source,
  read: ReadColumn,
  ends: { readonly least: number; readonly greatest: number },
): Promise<Outlying | undefined> {
  const value = SENTINELS.find((sentinel) => sentinel === ends.least || sentinel === ends.greatest);
  if (value === undefined) return undefined;
  const [cells = []] = await source.database.rows(
    `SELECT count(CASE WHEN v = ${value} THEN 1 END)::DOUBLE, min(CASE WHEN v <> ${value} THEN v END)::DOUBLE, max(CASE WHEN v <> ${value} THEN v END)::DOUBLE ` +
      `FROM (SELECT ${valueSql(read)} AS v FROM ${source.select([read.column])})`,
  );
  const [count, least, greatest] = cells.map(Number) as [number, number, number];
  if (count === 0 || cells[1] === null) return undefined;
  const gap = value < least ? least - value : value - greatest;
  return gap > 3 * (greatest - least) ? { value, count, least, greatest } : undefined;
}
