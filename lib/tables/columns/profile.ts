import { ThalwegError } from '../../base/errors';
import { type Counts, refuseComma, refuseInfinity, refuseMixture, refuseType } from './refusals';
import type { Source, SourceColumn } from '../files/source';
import { COMMA_NUMBER, kindsSql } from './kinds-sql';

/** What the values of a column are taken as. */
export type Kind = 'number' | 'boolean' | 'date' | 'category';

/** What a whole column holds, over all rows of the file. */
export interface Profile {
  readonly column: SourceColumn;
  /** Undefined where the column has no value at all. */
  readonly kind: Kind | undefined;
  readonly rows: number;
  readonly missing: number;
}

/**
 * Reads the whole file to see what each column holds. A column is of one kind or is refused: a word among
 * numbers is a mistake in the file far more often than a category.
 *
 * @param categories Columns that are taken as text, whatever they look like.
 * @throws ThalwegError `ERR_COLUMN` for a column of mixed or unknown kind, `ERR_NOT_FINITE` for an infinity, each
 *   with its row; `ERR_FILE` where there are no rows.
 */
export async function profile(
  source: Source,
  columns: readonly SourceColumn[],
  categories: ReadonlySet<string> = new Set(),
): Promise<Profile[]> {
  await source.takeAsText(columns.filter(({ name }) => categories.has(name)));
  const found = await counted(source, columns, categories);
  const profiles: Profile[] = [];
  for (const column of columns) {
    const { rows, counts } = found.get(column) as Counted;
    const kind = await kindOf(source, column, counts, categories.has(column.name));
    profiles.push({ column, kind, rows, missing: rows - counts.present });
  }
  return profiles;
}

const COUNTS = ['present', 'number', 'boolean', 'date', 'text', 'infinite', 'comma'] as const;

interface Counted {
  readonly rows: number;
  readonly counts: Counts;
}

/** Counts the values of each column: one query for all that read alike, which takes each value as a row of its own. */
async function counted(
  source: Source,
  columns: readonly SourceColumn[],
  categories: ReadonlySet<string>,
): Promise<Map<SourceColumn, Counted>> {
  const alike = new Map<string, SourceColumn[]>();
  for (const column of columns) {
    const key = `${column.type} ${needsText(column, categories)}`;
    const group = alike.get(key);
    if (group === undefined) alike.set(key, [column]);
    else group.push(column);
  }
  const found = new Map<SourceColumn, Counted>();
  for (const group of alike.values()) {
    for (const [index = 0, rows = 0, ...counts] of await countAlike(source, group, categories))
      found.set(group[index - 1] as SourceColumn, { rows, counts: countsOf(counts) });
  }
  if (found.size === 0) {
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
  categories: ReadonlySet<string>,
): Promise<number[][]> {
  const [first] = group;
  if (first === undefined) return [];
  const value = { alias: 'c0', sql: first.read('c0') };
  const rows = source.select([], { lists: [{ alias: 'v', columns: group }] });
  const values = `(SELECT generate_subscripts(v, 1) AS i, unnest(v) AS c0 FROM ${rows})`;
  const found = await source.database.rows(
    `SELECT i::DOUBLE, count(*)::DOUBLE, ${countsSql(value)} ` +
      `FROM (SELECT i, ${kindsSql(value, needsText(first, categories))} FROM ${values}) GROUP BY i`,
  );
  return found.map((cells) => cells.map(Number));
}

/** A number of a Parquet file is one: writing all of them as text would cost more than all else. */
function needsText({ name, sql }: SourceColumn, categories: ReadonlySet<string>): boolean {
  return sql.isTyped !== true || categories.has(name) || !(sql.number ?? sql.boolean ?? sql.date);
}

/** The `COUNTS`. Not by FILTER, which copies every other column for each. */
function countsSql({ alias }: Pick<SourceColumn, 'alias'>): string {
  const id = alias.slice(1);
  const countIf = (condition: string): string => `count(CASE WHEN ${condition} THEN 1 END)::DOUBLE`;
  return [
    countIf(`p${id}`),
    ...['n', 'b', 'd', 't'].map((letter) => `count(${letter}${id})::DOUBLE`),
    countIf(`isinf(n${id})`),
    countIf(`n${id} IS NULL AND regexp_matches(t${id}, ${COMMA_NUMBER})`),
  ].join(', ');
}

function countsOf(numbers: readonly number[]): Counts {
  return Object.fromEntries(COUNTS.map((name, index) => [name, numbers[index]])) as unknown as Counts;
}

async function kindOf(
  source: Source,
  column: SourceColumn,
  counts: Counts,
  asCategory: boolean,
): Promise<Kind | undefined> {
  const { present } = counts;
  if (present === 0) return undefined;
  if (asCategory && counts.text === present) return 'category';
  if (counts.number === present) {
    return counts.infinite === 0 ? 'number' : refuseInfinity(source, column);
  }
  if (counts.boolean === present) return 'boolean';
  if (counts.date === present) return 'date';
  if (counts.text < present) return refuseType(source, column);
  if (counts.comma > 0) return refuseComma(source, column);
  return counts.number === 0 && counts.date === 0 ? 'category' : refuseMixture(source, column, counts);
}
