import { ThalwegError, type ErrorCode } from '../../base/errors';
import { COMMA_NUMBER, kindsSql } from './kinds-sql';
import type { Source, SourceColumn } from '../files/source';

/** How many values of a column are there, and how many of them read as each kind. */
export interface Counts {
  readonly present: number;
  readonly number: number;
  readonly boolean: number;
  readonly date: number;
  readonly text: number;
  readonly infinite: number;
  readonly comma: number;
}

/** Refuses an infinite number. */
export async function refuseInfinity(source: Source, column: SourceColumn): Promise<never> {
  const at = await first(source, column, `isinf(n${column.alias.slice(1)})`);
  throw refusal(
    'ERR_NOT_FINITE',
    source,
    column,
    at,
    `${at.text}, which is infinite. Correct the value, or leave it empty.`,
  );
}

/** Refuses what is neither number nor boolean nor date nor text: a list, a time of day, an infinite date. */
export async function refuseType(source: Source, column: SourceColumn): Promise<never> {
  const id = column.alias.slice(1);
  const kinds = column.sql.isTyped === true ? ['n', 'b', 'd'] : ['t'];
  const at = await first(source, column, kinds.map((letter) => `${letter}${id} IS NULL`).join(' AND '));
  const what =
    'a value that is no number, boolean, finite date or text. Leave the column out with --features.';
  throw refusal('ERR_COLUMN', source, column, at, what);
}

/** Refuses numbers with commas, which would become one level each. */
export async function refuseComma(source: Source, column: SourceColumn): Promise<never> {
  const id = column.alias.slice(1);
  const at = await first(source, column, `n${id} IS NULL AND regexp_matches(t${id}, ${COMMA_NUMBER})`);
  const what =
    `${at.text}, a number with a comma. Write 1.5 for one and a half and 1234 for a thousand; ` +
    `if it is a name, say so with --categories ${column.name}.`;
  throw refusal('ERR_COLUMN', source, column, at, what);
}

/** Refuses words among numbers or dates. */
export async function refuseMixture(source: Source, column: SourceColumn, counts: Counts): Promise<never> {
  const id = column.alias.slice(1);
  const [what, letter, count] =
    counts.number > 0 ? (['number', 'n', counts.number] as const) : (['date', 'd', counts.date] as const);
  const at = await first(source, column, `${letter}${id} IS NULL`);
  const values =
    `${at.text}, where ${count} of its ${counts.present} values are a ${what}. Correct the file, leave the column out ` +
    `with --features, or take all of it as text with --categories ${column.name}.`;
  throw refusal('ERR_COLUMN', source, column, at, values);
}

interface Place {
  /** From 1. */
  readonly row: number;
  readonly text: string;
}

/** The first row that is present and where `condition` holds, which speaks of the columns of `kindsSql`. */
async function first(source: Source, column: SourceColumn, condition: string): Promise<Place> {
  const id = column.alias.slice(1);
  const rows = `(SELECT r, ${kindsSql(column)} FROM ${source.select([column], { rowNumber: true })})`;
  const [cells = []] = await source.database.rows(
    `SELECT r::DOUBLE, coalesce(t${id}, '') FROM ${rows} WHERE p${id} AND ${condition} ORDER BY r LIMIT 1`,
  );
  return { row: Number(cells[0]), text: JSON.stringify(String(cells[1]).slice(0, 80)) };
}

function refusal(
  code: ErrorCode,
  source: Source,
  column: SourceColumn,
  { row }: Place,
  what: string,
): ThalwegError {
  return new ThalwegError(code, `${source.name}, row ${row}: the column "${column.name}" holds ${what}`, {
    path: source.path,
    column: column.name,
    row: row - 1,
  });
}
