import { typed } from './column-sql';
import type { Database } from './database';
import { FileColumn, type Format, Relation } from './relation';
import type { Opened } from './source';
import { fileLiteral, identifier, noPartitions } from './sql';

/** Opens Parquet, which stays where it is: only the columns that are asked for are read. */
export async function openParquet(database: Database): Promise<Opened> {
  const table = `read_parquet(${fileLiteral(database.path)}, ${noPartitions})`;
  const described = await database.rows(`DESCRIBE SELECT * FROM ${table}`);
  const columns = described.map(([name, found], index) => {
    const type = String(found);
    return new FileColumn(String(name), index, { type, sqlType: type, read: (alias) => typed(alias, type) });
  });
  const format: Format = {
    bytes: Infinity,
    asText: { type: 'VARCHAR', sqlType: 'VARCHAR', read: (alias) => typed(alias, 'VARCHAR') },
    hasQuotes: false,
    scans: (read) => [
      `(SELECT ${read.map(({ name, alias }) => `${identifier(name)} AS ${alias}`).join(', ')} FROM ${table})`,
    ],
  };
  return await Relation.load(database, format, columns);
}
