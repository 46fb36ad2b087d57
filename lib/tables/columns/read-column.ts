import type { ColumnSql } from '../files/column-sql';
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
}

/** A value as one DOUBLE, or the text of a category; NULL where it is missing, or does not read so. */
export function valueSql(read: ReadColumn, sql: ColumnSql = read.column.sql): string {
  const value = readSql(read, sql);
  if (read.kind === 'category' || read.marksUnread !== true) return value;
  return `coalesce(${value}, CASE WHEN ${presentSql(read, sql)} THEN 'inf'::DOUBLE END)`;
}

/** Whether a value is there, whatever it is. */
export function presentSql({ words }: ReadColumn, { present, text }: ColumnSql): string {
  return words === undefined || text === undefined
    ? present
    : `(${present} AND NOT coalesce(${isWordSql(text, words)}, false))`;
}

function readSql({ column, kind, form, words, isAsWritten }: ReadColumn, sql: ColumnSql): string {
  if (kind === 'boolean') return `CAST(${sql.boolean ?? 'NULL'} AS DOUBLE)`;
  if (kind === 'category')
    return withoutWords((isAsWritten === true ? sql.written : undefined) ?? sql.text ?? 'NULL', words);
  const value = numberSql({ kind, form }, sql, column.type);
  const numbers = numbersOfWords(words?.list ?? [], { kind, form });
  return numbers.length === 0
    ? value
    : `CASE WHEN ${value} NOT IN (${numbers.map(doubleSql).join(', ')}) THEN ${value} END`;
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
  const dressed = sql.text === undefined ? 'NULL::DOUBLE' : formSql(form, sql.text);
  // In JSON a number is one, and only a text has a form.
  return type === 'json' && kind === 'number' && plain !== undefined
    ? `coalesce(${plain}, ${dressed})`
    : dressed;
}

/** A number as an SQL literal of that value. */
export function doubleSql(value: number): string {
  return `'${value}'::DOUBLE`;
}
