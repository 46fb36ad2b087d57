import { openSource } from '../../lib/tables/files/open-source';
import type { Source } from '../../lib/tables/files/source';
import type { SourceOptions } from '../../lib/tables/files/source-options';

/** What a source is read as: the names of its columns, its rows as text, and the codes of its notes. */
export interface Content {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly notes: readonly string[];
}

/** What data are read as. */
export async function contentOf(
  data: string | readonly string[],
  options: SourceOptions = {},
): Promise<Content> {
  const source = await openSource(data, options);
  try {
    return { ...(await tableOf(source)), notes: source.notes.map(({ code }) => code) };
  } finally {
    source.database.close();
  }
}

async function tableOf(source: Source): Promise<Pick<Content, 'columns' | 'rows'>> {
  const { columns, database } = source;
  const values = columns.map(({ sql }) => sql.text ?? 'NULL');
  const rows = await database.rows(
    `SELECT ${values.join(', ')} FROM ${source.select(columns, { rowNumber: true })} ORDER BY r`,
  );
  return {
    columns: columns.map(({ name }) => name),
    rows: rows.map((row) => row.map((value) => (value === null ? null : String(value).replace(/\.0$/, '')))),
  };
}
