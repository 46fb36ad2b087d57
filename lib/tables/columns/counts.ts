import { ThalwegError } from '../../base/errors';
import type { ColumnSql } from '../files/column-sql';
import type { Source, SourceColumn } from '../files/source';
import { alike, unnested } from './alike';
import { kindsSql } from './kinds-sql';
import { doubleSql } from './read-column';
import { type Words, asWritten, isWordSql, usualWords, wordsAmongNumbers } from './words';

const COUNTS = [
  ...['present', 'number', 'boolean', 'date', 'text', 'infinite', 'words', 'marks'],
  ...['least', 'greatest', 'levels'],
] as const;

/** How many values of a column are there, and how many of them read as each kind. */
export interface Counts {
  readonly rows: number;
  /** Words for missing values included. */
  readonly present: number;
  readonly number: number;
  readonly boolean: number;
  readonly date: number;
  readonly text: number;
  readonly infinite: number;
  /** How many are words for a missing value. */
  readonly words: number;
  /** How many are, among numbers. */
  readonly marks: number;
  /** Of what reads as number, boolean or date; NaN where nothing does. */
  readonly least: number;
  readonly greatest: number;
  /** About how many different texts there are; 0 of typed numbers. */
  readonly levels: number;
}

/** Which columns are looked at how. */
export interface Looking {
  /** Columns whose text is needed, whatever they look like. */
  readonly asText: ReadonlySet<string>;
  /** The words that are missing values instead of the usual ones. */
  readonly nulls?: readonly string[] | undefined;
}

/**
 * The words that are missing values in a column, of categories and among numbers. Only text without types has such words
 * unless they are named.
 */
export function wordsOf(
  { type }: SourceColumn,
  nulls: readonly string[] | undefined,
): { readonly ofNames: Words; readonly amongNumbers: Words } {
  if (nulls === undefined && type === 'text') return { ofNames: usualWords, amongNumbers: wordsAmongNumbers };
  const named = asWritten(nulls ?? []);
  return { ofNames: named, amongNumbers: named };
}

/** Counts the values of each column: one query for all that read alike, which takes each value as a row of its own. */
export async function countsOf(
  source: Source,
  columns: readonly SourceColumn[],
  looking: Looking,
): Promise<Map<SourceColumn, Counts>> {
  const found = new Map<SourceColumn, Counts>();
  for (const group of alike(columns, (column) => needsText(column, looking.asText))) {
    for (const [index = 0, rows = 0, ...counts] of await countAlike(source, group, looking))
      found.set(group[index - 1] as SourceColumn, {
        ...(Object.fromEntries(COUNTS.map((name, at) => [name, counts[at]])) as Omit<Counts, 'rows'>),
        rows,
      });
  }
  if (columns.length > 0 && found.size === 0) {
    throw new ThalwegError(
      'ERR_FILE',
      `${source.name} has column names but no rows. Give a file with data.`,
      { path: source.path },
    );
  }
  return found;
}

/** Of each column its place in the group, from 1 on, the count of rows and the `COUNTS`. */
async function countAlike(
  source: Source,
  group: readonly SourceColumn[],
  { asText, nulls }: Looking,
): Promise<number[][]> {
  const [first] = group;
  if (first === undefined) return [];
  const withText = needsText(first, asText);
  const { ofNames, amongNumbers } = wordsOf(first, nulls);
  const sql = first.read('c0');
  const number = sql.number && numberWithoutSql(sql.number, amongNumbers);
  const value = { alias: 'c0', sql: number === undefined ? sql : { ...sql, number } };
  const kinds = [
    kindsSql(value, withText),
    `${isAmongSql(ofNames, sql, withText)} AS w0`,
    `${isAmongSql(amongNumbers, sql, withText)} AS k0`,
  ];
  const found = await source.database.rows(
    `SELECT i::DOUBLE, count(*)::DOUBLE, ${countsSql(withText)} FROM (SELECT i, ${kinds.join(', ')} FROM ${unnested(source, group)}) GROUP BY i`,
  );
  return found.map((cells) => cells.map((cell) => (cell === null ? NaN : Number(cell))));
}

function numbersAmong({ list }: Words): string | undefined {
  const numbers = list
    .filter((word) => word.trim() !== '')
    .map(Number)
    .filter(Number.isFinite);
  return numbers.length === 0 ? undefined : `(${numbers.map(doubleSql).join(', ')})`;
}

function numberWithoutSql(number: string, words: Words): string {
  const numbers = numbersAmong(words);
  return numbers === undefined ? number : `CASE WHEN ${number} NOT IN ${numbers} THEN ${number} END`;
}

/** Whether a value is one of the words, as text or as the number that one stands for. */
function isAmongSql(words: Words, { text, number }: ColumnSql, withText: boolean): string {
  const numbers = number === undefined ? undefined : numbersAmong(words);
  const tests = [
    ...(withText && text !== undefined && words.list.length > 0 ? [isWordSql(text, words)] : []),
    ...(numbers === undefined ? [] : [`${number} IN ${numbers}`]),
  ];
  return tests.length === 0 ? 'false' : tests.map((test) => `coalesce(${test}, false)`).join(' OR ');
}

/** A number of a Parquet file is one: writing all of them as text would cost more than all else. */
function needsText({ name, sql }: SourceColumn, asText: ReadonlySet<string>): boolean {
  return sql.isTyped !== true || asText.has(name) || !(sql.number ?? sql.boolean ?? sql.date);
}

/** The `COUNTS`. Not by FILTER, which copies every other column for each. */
function countsSql(withText: boolean): string {
  const countIf = (condition: string): string => `count(CASE WHEN ${condition} THEN 1 END)::DOUBLE`;
  const all = 'coalesce(n0, d0, CAST(b0 AS DOUBLE))';
  return [
    countIf('p0'),
    ...['n', 'b', 'd', 't'].map((letter) => `count(${letter}0)::DOUBLE`),
    ...['isinf(n0)', 'w0', 'k0'].map(countIf),
    `min(${all})`,
    `max(${all})`,
    withText ? 'approx_count_distinct(t0)::DOUBLE' : '0::DOUBLE',
  ].join(', ');
}
