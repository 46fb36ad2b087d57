import { ThalwegError } from '../../base/errors';
import type { ColumnSql } from '../files/column-sql';
import type { Cell } from '../files/database';
import type { Source, SourceColumn } from '../files/source';
import { alike, unnested } from './alike';
import { kindsSql } from './kinds-sql';
import { doubleSql } from './read-column';
import { type Words, asWritten, isWordSql, usualWords, wordsAmongNumbers } from './words';

const COUNTS = [
  ...['present', 'number', 'boolean', 'date', 'text', 'infinite', 'words', 'marks'],
  ...['least', 'greatest', 'levels', 'trimmed'],
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
  /** How many texts are written with spaces around them, or are nothing else; NaN where nobody has looked. */
  readonly trimmed: number;
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
  { type }: Pick<SourceColumn, 'type'>,
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
  const found = await countsFromRanges(source, columns, looking);
  const others = columns.filter((column) => !found.has(column));
  for (const group of alike(others, (column) => needsText(column, looking.asText))) {
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

/** Of columns of which the file says all that is to be known; many are read as fast as what it says of them. */
async function countsFromRanges(
  { ranges }: Source,
  columns: readonly SourceColumn[],
  { asText, nulls }: Looking,
): Promise<Map<SourceColumn, Counts>> {
  const typed = columns.filter((column) => !needsText(column, asText));
  if (ranges === undefined || nulls !== undefined || typed.length > MOST_BY_THEMSELVES) return new Map();
  const none = { number: 0, boolean: 0, date: 0, text: 0, infinite: 0, words: 0, marks: 0, levels: 0 };
  const found = [...(await ranges(typed))].filter(([, { rows }]) => rows > 0);
  return new Map(
    found.map(([column, range]) => {
      const kind = column.sql.number === undefined ? 'date' : 'number';
      return [column, { ...none, ...range, [kind]: range.present, trimmed: NaN }];
    }),
  );
}

/** Up to so many columns a query has expressions for each, which costs less than making rows of their values. */
const MOST_BY_THEMSELVES = 32;

/** Of each column its place in the group, from 1 on, the count of rows and the `COUNTS`. */
async function countAlike(
  source: Source,
  group: readonly SourceColumn[],
  looking: Looking,
): Promise<number[][]> {
  const [first] = group;
  if (first === undefined) return [];
  const withText = needsText(first, looking.asText);
  const numbers = (cells: readonly Cell[]): number[] =>
    cells.map((cell) => (cell === null ? NaN : Number(cell)));
  if (group.length > MOST_BY_THEMSELVES) {
    const value = { alias: 'c0', type: first.type, sql: first.read('c0') };
    const found = await source.database.rows(
      `SELECT i::DOUBLE, count(*)::DOUBLE, ${countsSql(value, withText, looking)} FROM (SELECT i, ${lookedAtSql(value, withText, looking)} FROM ${unnested(source, group)}) GROUP BY i`,
    );
    return found.map(numbers);
  }
  if (withText) return await countTexts(source, group, looking);
  const looked = group.map((column) => lookedAtSql(column, false, looking)).join(', ');
  const counted = group.map((column) => countsSql(column, false, looking)).join(', ');
  const [cells = []] = await source.database.rows(
    `SELECT count(*)::DOUBLE, ${counted} FROM (SELECT ${looked} FROM ${source.select(group)})`,
  );
  const [rows = 0, ...counts] = numbers(cells);
  return rows === 0
    ? []
    : group.map((_, at) => [at + 1, rows, ...counts.slice(at * COUNTS.length, (at + 1) * COUNTS.length)]);
}

/** Rows that tell whether texts repeat. */
const TELLING_ROWS = 4096;

/** Column by column. Where texts repeat each is looked at once, however many rows hold it. */
async function countTexts(
  source: Source,
  group: readonly SourceColumn[],
  looking: Looking,
): Promise<number[][]> {
  const found: number[][] = [];
  for (const [at, column] of group.entries()) {
    const values = source.select([column]);
    const { alias } = column;
    const [[different, some] = []] = await source.database.rows(
      `SELECT count(DISTINCT ${alias})::DOUBLE, count(*)::DOUBLE FROM (SELECT ${alias} FROM ${values} LIMIT ${TELLING_ROWS})`,
    );
    const repeats = Number(different) < Number(some) / 4;
    const [looked, rows] = repeats
      ? [`, k FROM (SELECT ${alias}, count(*)::DOUBLE AS k FROM ${values} GROUP BY ${alias})`, 'sum(k)']
      : [` FROM ${values}`, 'count(*)::DOUBLE'];
    const [cells = []] = await source.database.rows(
      `SELECT ${rows}, ${countsSql(column, true, looking, repeats ? 'k' : undefined)} FROM (SELECT ${lookedAtSql(column, true, looking)}${looked})`,
    );
    const numbers = cells.map((cell) => (cell === null ? NaN : Number(cell)));
    if ((numbers[0] ?? NaN) > 0) found.push([at + 1, ...numbers]);
  }
  return found;
}

/** A column as each kind of value, and whether it is a word. */
function lookedAtSql(
  column: Pick<SourceColumn, 'alias' | 'sql' | 'type'>,
  withText: boolean,
  { nulls }: Looking,
): string {
  const { alias, sql, type } = column;
  const { ofNames, amongNumbers } = wordsOf({ type }, nulls);
  const number = sql.number && numberWithoutSql(sql.number, amongNumbers);
  const value = { alias, sql: number === undefined ? sql : { ...sql, number } };
  const id = alias.slice(1);
  return [
    kindsSql(value, withText),
    ...(withText && sql.written !== undefined
      ? [`${sql.text ?? 'NULL'} IS DISTINCT FROM ${sql.written} AS s${id}`]
      : []),
    `${isAmongSql(ofNames, sql, withText)} AS w${id}`,
    `${isAmongSql(amongNumbers, sql, withText)} AS k${id}`,
  ].join(', ');
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

/** Of no words. */
const NEVER = 'false';

/** Whether a value is one of the words, as text or as the number that one stands for. */
function isAmongSql(words: Words, { text, number }: ColumnSql, withText: boolean): string {
  const numbers = number === undefined ? undefined : numbersAmong(words);
  const tests = [
    ...(withText && text !== undefined && words.list.length > 0 ? [isWordSql(text, words)] : []),
    ...(numbers === undefined ? [] : [`${number} IN ${numbers}`]),
  ];
  return tests.length === 0 ? NEVER : tests.map((test) => `coalesce(${test}, false)`).join(' OR ');
}

/** A number of a Parquet file is one: writing all of them as text would cost more than all else. */
function needsText({ name, sql }: SourceColumn, asText: ReadonlySet<string>): boolean {
  return sql.isTyped !== true || asText.has(name) || !(sql.number ?? sql.boolean ?? sql.date);
}

/**
 * The `COUNTS`. Not by FILTER, which copies every other column for each.
 *
 * @param times how many rows each stands for; undefined: 1
 */
function countsSql(
  { alias, sql, type }: Pick<SourceColumn, 'alias' | 'sql' | 'type'>,
  withText: boolean,
  { nulls }: Looking,
  times?: string,
): string {
  const id = alias.slice(1);
  const countIf = (condition: string): string =>
    times === undefined
      ? `count(CASE WHEN ${condition} THEN 1 END)::DOUBLE`
      : `coalesce(sum(CASE WHEN ${condition} THEN ${times} END), 0)`;
  const countOf = (value: string): string =>
    times === undefined ? `count(${value})::DOUBLE` : countIf(`${value} IS NOT NULL`);
  const { number, boolean, date, text } = { ...sql, ...(withText ? {} : { text: undefined }) };
  const kinds = [
    ['n', number],
    ['b', boolean],
    ['d', date],
    ['t', text],
  ] as const;
  const numbers = [
    ...(number === undefined ? [] : [`n${id}`]),
    ...(date === undefined ? [] : [`d${id}`]),
    ...(boolean === undefined ? [] : [`CAST(b${id} AS DOUBLE)`]),
  ];
  const all = numbers.length < 2 ? (numbers[0] ?? 'NULL::DOUBLE') : `coalesce(${numbers.join(', ')})`;
  const { ofNames, amongNumbers } = wordsOf({ type }, nulls);
  const countAmong = (words: Words, letter: string): string =>
    isAmongSql(words, sql, withText) === NEVER ? '0::DOUBLE' : countIf(`${letter}${id}`);
  const marks = countAmong(amongNumbers, 'k');
  // What is there of a type of numbers is one.
  const areNumbers = number !== undefined && !withText && sql.isTyped === true && marks === '0::DOUBLE';
  return [
    areNumbers ? countOf(`n${id}`) : countIf(`p${id}`),
    ...kinds.map(([letter, value]) => (value === undefined ? '0::DOUBLE' : countOf(`${letter}${id}`))),
    number === undefined || sql.isFinite === true ? '0::DOUBLE' : countIf(`isinf(n${id})`),
    countAmong(ofNames, 'w'),
    marks,
    `min(${all})`,
    `max(${all})`,
    withText ? `approx_count_distinct(t${id})::DOUBLE` : '0::DOUBLE',
    withText && sql.written !== undefined ? countIf(`s${id}`) : 'NULL::DOUBLE',
  ].join(', ');
}
