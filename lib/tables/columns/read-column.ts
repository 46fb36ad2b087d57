import { type ColumnSql, isoDays, untyped } from '../files/column-sql';
import type { SourceColumn } from '../files/source';
import type { Form } from './form';
import { numbersOfWords } from './forms';
import { formSql } from './forms-sql';
import { type Words, isWordSql } from './words';

/** What the values of a column are taken as. */
export type Kind = 'number' | 'boolean' | 'date' | 'category';

/** A column, and how its values are read. */
export interface ReadColumn {
  readonly column: SourceColumn;
  readonly kind: Kind;
  /** How its texts read as numbers or dates, where not plainly. */
  readonly form?: Form | undefined;
  /** Those that are missing values, where the source has not taken them out already. */
  readonly words?: Words | undefined;
  /** Whether each of its texts is as it is written: without spaces around it, which take longer to look for than all else. */
  readonly isAsWritten?: boolean | undefined;
  /** Whether a number or date that is there and does not read gives an infinity rather than NULL. */
  readonly marksUnread?: boolean | undefined;
  /** Whether texts of a column of a type count as well that are plainly of the kind, as for models. */
  readonly takesText?: boolean | undefined;
}

/** A value as one DOUBLE, or the text of a category; NULL where it is missing, or does not read so. */
export function valueSql(read: ReadColumn, sql: ColumnSql = read.column.sql): string {
  const value = readSql(read, sql);
  if (read.kind === 'category' || read.marksUnread !== true) return value;
  return `coalesce(${value}, CASE WHEN ${presentSql(read, sql)} THEN 'inf'::DOUBLE END)`;
}

/** Whether a value is there, whatever it is: no word for a missing one, nor the number that such a word stands for. */
export function presentSql(read: ReadColumn, sql: ColumnSql): string {
  const { words } = read;
  if (words === undefined) return sql.present;
  const tests = [
    ...(sql.text === undefined ? [] : [isWordSql(sql.text, words)]),
    ...isNumberOfWordSql(read, sql),
  ];
  return `(${[sql.present, ...tests.map((test) => `NOT coalesce(${test}, false)`)].join(' AND ')})`;
}

/** Whether the number that a value stands for is that of a word, as of -999; of no test where none has one. */
export function isNumberOfWordSql(read: ReadColumn, sql: ColumnSql): string[] {
  const { column, kind, form, words } = read;
  if (kind === 'category' || kind === 'boolean') return [];
  const numbers = numbersOfWords(words?.list ?? [], { kind, form });
  if (numbers.length === 0) return [];
  return [
    `${orText(read, sql, numberSql({ kind, form }, sql, column.type))} IN (${numbers.map(doubleSql).join(', ')})`,
  ];
}

function readSql(read: ReadColumn, sql: ColumnSql): string {
  const { column, kind, form, words, isAsWritten } = read;
  if (kind === 'boolean') return `CAST(${orText(read, sql, sql.boolean ?? 'NULL')} AS DOUBLE)`;
  if (kind === 'category')
    return withoutWords((isAsWritten === true ? sql.written : undefined) ?? sql.text ?? 'NULL', words);
  const value = orText(read, sql, numberSql({ kind, form }, sql, column.type));
  const [isOfWord] = isNumberOfWordSql(read, sql);
  return isOfWord === undefined ? value : `CASE WHEN NOT ${isOfWord} THEN ${value} END`;
}

/** What a value is, or else what its text is plainly, as that of CSV is; no text is infinite. */
function orText({ kind, takesText }: ReadColumn, { text }: ColumnSql, value: string): string {
  if (takesText !== true || text === undefined || kind === 'category') return value;
  const plain = untyped(text)[kind] ?? 'NULL';
  return `coalesce(${value}, ${kind === 'number' ? `CASE WHEN isfinite(${plain}) THEN ${plain} END` : plain})`;
}

function withoutWords(text: string, words: Words | undefined): string {
  if (words === undefined || words.list.length === 0) return text;
  return `CASE WHEN NOT ${isWordSql(text, words)} THEN ${text} END`;
}

function numberSql(
  { kind, form }: { readonly kind: 'number' | 'date'; readonly form?: Form | undefined },
  sql: ColumnSql,
  type: string,
): string {
  const plain = kind === 'number' ? sql.number : sql.date;
  if (form === undefined || (sql.isTyped === true && plain !== undefined)) return plain ?? 'NULL::DOUBLE';
  const dressed = sql.text === undefined ? 'NULL::DOUBLE' : textSql(form, sql.text);
  // In JSON a number is one, and only a text has a form.
  return type === 'json' && kind === 'number' && plain !== undefined
    ? `coalesce(${plain}, ${dressed})`
    : dressed;
}

/** A text as its column's texts read; a date also in ISO 8601, as for models. */
function textSql(form: Form, text: string): string {
  const value = formSql(form, text);
  return form.read === 'date' ? `coalesce(${value}, ${isoDays(text)})` : value;
}

/** A number as an SQL literal of that value. */
export function doubleSql(value: number): string {
  return `'${value}'::DOUBLE`;
}
