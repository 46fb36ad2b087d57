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

/** DuckDB's planning grows with the square of the expressions in a query. */
const COLUMNS_A_QUERY = 64;

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
  const profiles: Profile[] = [];
  for (let start = 0; start < columns.length; start += COLUMNS_A_QUERY) {
    const group = columns.slice(start, start + COLUMNS_A_QUERY);
    const { rows, counts } = await count(source, group, categories);
    for (const [index, column] of group.entries()) {
      const found = countsOf(counts, index);
      const kind = await kindOf(source, column, found, categories.has(column.name));
      profiles.push({ column, kind, rows, missing: rows - found.present });
    }
  }
  return profiles;
}

const COUNTS = ['present', 'number', 'boolean', 'date', 'text', 'infinite', 'comma'] as const;

async function count(
  source: Source,
  columns: readonly SourceColumn[],
  categories: ReadonlySet<string>,
): Promise<{ rows: number; counts: number[] }> {
  const kinds = columns.map((column) => kindsSql(column, needsText(column, categories))).join(', ');
  const [cells = []] = await source.database.rows(
    `SELECT count(*)::DOUBLE, ${columns.map(countsSql).join(', ')} FROM (SELECT ${kinds} FROM ${source.select(columns)})`,
  );
  const [rows = 0, ...counts] = cells.map(Number);
  if (rows === 0) {
    throw new ThalwegError(
      'ERR_FILE',
      `${source.name} has column names but no rows. Give a file with data.`,
      { path: source.path },
    );
  }
  return { rows, counts };
}

/** A number of a Parquet file is one: writing all of them as text would cost more than all else. */
function needsText({ name, sql }: SourceColumn, categories: ReadonlySet<string>): boolean {
  return sql.isTyped !== true || categories.has(name) || !(sql.number ?? sql.boolean ?? sql.date);
}

/** The seven counts of a column. Not by FILTER, which copies every other column for each. */
function countsSql({ alias }: SourceColumn): string {
  const id = alias.slice(1);
  const countIf = (condition: string): string => `count(CASE WHEN ${condition} THEN 1 END)::DOUBLE`;
  return [
    countIf(`p${id}`),
    ...['n', 'b', 'd', 't'].map((letter) => `count(${letter}${id})::DOUBLE`),
    countIf(`isinf(n${id})`),
    countIf(`n${id} IS NULL AND regexp_matches(t${id}, ${COMMA_NUMBER})`),
  ].join(', ');
}

function countsOf(counts: readonly number[], column: number): Counts {
  const numbers = counts.slice(column * COUNTS.length);
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
