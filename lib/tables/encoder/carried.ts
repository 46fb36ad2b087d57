import type { Source, SourceColumn } from '../files/source';

/** Columns whose texts go beside rows, whatever is made of them. */
export interface Carried {
  /** A query of the texts, in the order of the rows; NULL where there is none. */
  readonly sql: string;
  readonly count: number;
}

/**
 * Columns as the texts that they are in the file. To be asked for before these columns are read otherwise: what is missing
 * in a feature is still there beside it.
 */
export async function carriedColumns(source: Source, columns: readonly SourceColumn[]): Promise<Carried> {
  await source.takeAsText(columns);
  const texts = columns.map((column, index) => `${exactSql(column)} AS k${index}`);
  return { sql: `(SELECT ${texts.join(', ')} FROM ${source.select(columns)})`, count: columns.length };
}

/** Not trimmed, and with words that are missing values elsewhere. */
function exactSql({ alias, type }: SourceColumn): string {
  if (type === 'text') return alias;
  return type === 'json' ? `${alias} ->> '$'` : `CAST(${alias} AS VARCHAR)`;
}
