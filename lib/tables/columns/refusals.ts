import { ThalwegError, type ErrorCode } from '../../base/errors';
import type { Source, SourceColumn } from '../files/source';
import type { Counts } from './counts';
import type { Dressed } from './dressed';
import type { Form } from './form';
import { formSql } from './forms-sql';
import { kindsSql } from './kinds-sql';
import { type Words, isWordSql } from './words';

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

/** Refuses what is neither number nor boolean nor date nor text: a list, an infinite date. */
export async function refuseType(source: Source, column: SourceColumn): Promise<never> {
  const id = column.alias.slice(1);
  const kinds = column.sql.isTyped === true ? ['n', 'b', 'd'] : ['t'];
  const at = await first(source, column, kinds.map((letter) => `${letter}${id} IS NULL`).join(' AND '));
  const type = /^(?:json|text)$/.test(column.type) ? '' : ` (its type is ${column.type})`;
  const what = `a value that is no number, boolean, finite date or text${type}. Leave the column out with --exclude ${option(column)}.`;
  throw refusal('ERR_COLUMN', source, column, at, what);
}

/** A name as an option takes it. */
export function option({ name }: { readonly name: string }): string {
  return /[,"= ]/.test(name) ? `'"${name.replaceAll('"', '""')}"'` : name;
}

/** Refuses words among numbers or dates. */
export async function refuseMixture(
  source: Source,
  column: SourceColumn,
  counts: Counts,
  words: Words,
): Promise<never> {
  const id = column.alias.slice(1);
  const [what, letter, count] =
    counts.number > 0 ? (['number', 'n', counts.number] as const) : (['date', 'd', counts.date] as const);
  const at = await first(source, column, `${letter}${id} IS NULL AND NOT ${isWordSql(`t${id}`, words)}`);
  throw refusal('ERR_COLUMN', source, column, at, mixture(column, at, what, count, counts.present));
}

/** Refuses words among what reads in a form. */
export async function refuseUnlike(
  source: Source,
  column: SourceColumn,
  { form, count, present }: { readonly form: Form; readonly count: number; readonly present: number },
  words: Words,
): Promise<never> {
  const text = `t${column.alias.slice(1)}`;
  const at = await first(source, column, `${formSql(form, text)} IS NULL AND NOT ${isWordSql(text, words)}`);
  const what = form.read === 'date' ? 'date' : 'number';
  throw refusal('ERR_COLUMN', source, column, at, mixture(column, at, what, count, present));
}

function mixture(
  column: SourceColumn,
  { raw, text }: Place,
  what: string,
  count: number,
  present: number,
): string {
  const word = /^[^\s,]+$/.test(raw)
    ? `, take it for a missing value with --null ${option({ name: raw })} (with NA and what else stands for one in the file, since the usual words count no more)`
    : '';
  return (
    `${text}, where ${count} of its ${present} values are a ${what}. Correct the file, leave the column out ` +
    `with --exclude ${option(column)}${word}, or take all of it as text with --categories ${option(column)}.`
  );
}

const EXAMPLES = {
  'day-first': 'day',
  'month-first': 'month',
  'year-first': 'year',
  'month-name': 'day',
  compact: 'year',
  'year-month': 'year',
  quarter: 'year',
} as const;

/** Refuses what reads in two ways, as other numbers or dates. */
export async function refuseTwoReadings(
  source: Source,
  column: SourceColumn,
  fitting: readonly Dressed[],
): Promise<never> {
  const text = `t${column.alias.slice(1)}`;
  const [one, other] = fitting.map(({ form }) => form) as [Form, Form];
  const differ = `${formSql(one, text)} IS DISTINCT FROM ${formSql(other, text)}`;
  const at = (await firstOrNone(source, column, differ)) ?? (await first(source, column, 'true'));
  const readings = fitting.map(({ form }) => reading(form, column));
  const what =
    `${at.text}, which reads in ${readings.length === 2 ? 'two' : readings.length} ways, and so do all of its values. ` +
    `Say which: ${readings.join(', or ')}; or leave the column out with --exclude ${option(column)}, or take it as text with --categories ${option(column)}.`;
  throw refusal('ERR_COLUMN', source, column, at, what);
}

/** What an option says of a form, and how. */
function reading(form: Form, column: SourceColumn): string {
  if (form.read === 'date')
    return `--dates ${option(column)}=${form.order} where the ${EXAMPLES[form.order]} stands first`;
  if (form.read !== 'number') return `--numbers ${option(column)}`;
  return form.decimal === ','
    ? `--numbers ${option(column)}=decimal-comma where the comma is the decimal mark`
    : `--numbers ${option(column)}=decimal-point where ${form.thousands === ',' ? 'it stands between thousands' : 'the point is the decimal mark'}`;
}

/** Refuses what does not read as it was said to. */
export async function refuseAsked(
  source: Source,
  column: SourceColumn,
  asked: 'numbers' | 'dates',
  tried: Form | undefined,
  words: Words,
): Promise<never> {
  const text = `t${column.alias.slice(1)}`;
  const unread = tried === undefined ? 'true' : `${formSql(tried, text)} IS NULL`;
  const at = await first(source, column, `${unread} AND NOT ${isWordSql(text, words)}`);
  const what = `${at.text}, and --${asked} takes the column for ${asked}. Correct the file, or leave the option out.`;
  throw refusal('ERR_COLUMN', source, column, at, what);
}

interface Place {
  /** From 1. */
  readonly row: number;
  readonly raw: string;
  /** In quotes, and no longer than a line. */
  readonly text: string;
}

async function first(source: Source, column: SourceColumn, condition: string): Promise<Place> {
  return (await firstOrNone(source, column, condition)) ?? { row: 1, raw: '', text: '""' };
}

/** The first row that is present and where `condition` holds, which speaks of the columns of `kindsSql`. */
async function firstOrNone(
  source: Source,
  column: SourceColumn,
  condition: string,
): Promise<Place | undefined> {
  const id = column.alias.slice(1);
  const rows = `(SELECT r, ${kindsSql(column)} FROM ${source.select([column], { rowNumber: true })})`;
  const [cells] = await source.database.rows(
    `SELECT r::DOUBLE, coalesce(t${id}, '') FROM ${rows} WHERE p${id} AND ${condition} ORDER BY r LIMIT 1`,
  );
  if (cells === undefined) return undefined;
  const raw = String(cells[1]).slice(0, 80);
  return { row: Number(cells[0]), raw, text: JSON.stringify(raw) };
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
