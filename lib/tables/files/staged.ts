import type { DuckDBValue } from '@duckdb/node-api';
import { typed } from './column-sql';
import type { Database } from './database';
import { FileColumn, Relation } from './relation';
import { ofType } from './parquet';
import type { ReadAs } from './source';

const TABLE = 'staged';

/** What of values that nothing can be learned from is kept: that they are there. */
export const opaque: ReadAs = {
  type: 'BLOB',
  sqlType: 'BOOLEAN',
  read: (alias) => typed(alias, 'BLOB'),
};

/** Rows that DuckDB does not read itself, put into a table of its memory, from which they are read like those of a file. */
export class Staged {
  private constructor(private readonly database: Database) {}

  /** @param types in SQL, of each column */
  static async of(database: Database, types: readonly string[]): Promise<Staged> {
    const columns = types.map((type, index) => `c${index} ${type}`);
    await database.run(`CREATE TABLE memory.main.${TABLE} (${columns.join(', ')})`);
    return new Staged(database);
  }

  /** Has a column hold its values as another type; `sql` says which of them, by its alias. */
  async change(index: number, type: string, sql: (alias: string) => string): Promise<void> {
    const alias = `c${index}`;
    await this.database.run(
      `ALTER TABLE memory.main.${TABLE} ALTER ${alias} TYPE ${type} USING ${sql(alias)}`,
    );
  }

  /** Adds rows, given column by column. */
  async append(columns: readonly (readonly DuckDBValue[])[]): Promise<void> {
    await this.database.append(TABLE, columns);
  }

  /** The rows, whose columns have these names and read so. */
  async relation(columns: readonly { readonly name: string; readonly readAs: ReadAs }[]): Promise<Relation> {
    return await Relation.load(
      this.database,
      {
        // They are in memory once, and stay there.
        bytes: Infinity,
        asText: ofType('VARCHAR'),
        hasQuotes: false,
        scans: (read) => [`(SELECT ${read.map(({ alias }) => alias).join(', ')} FROM memory.main.${TABLE})`],
      },
      columns.map(({ name, readAs }, index) => new FileColumn(name, index, readAs)),
    );
  }
}
