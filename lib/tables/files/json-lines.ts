import { json } from './column-sql';
import type { Database } from './database';
import { FileColumn, type Format, type ReadAs, Relation, plainNumber } from './relation';
import type { Opened } from './source';
import { fileLiteral, identifier, literal, noPartitions } from './sql';

const asJson: ReadAs = { type: 'json', sqlType: 'JSON', read: json };

/** Types that DuckDB finds where every value of a key is a number or null. */
const NUMBERS = /^(U?BIGINT|HUGEINT|DOUBLE)$/;

/** Opens JSON lines. */
export async function openJsonLines(database: Database, bytes: number): Promise<Opened> {
  const path = fileLiteral(database.path);
  const options = `${noPartitions}, format = 'newline_delimited', records = true`;
  const described = await database.rows(
    `DESCRIBE SELECT * FROM read_json(${path}, ${options}, sample_size = -1, maximum_depth = 2)`,
  );
  const columns = described.map(
    ([name, type], index) =>
      new FileColumn(String(name), index, NUMBERS.test(String(type)) ? plainNumber : asJson),
  );
  const format: Format = {
    bytes: 2 * bytes,
    asText: asJson,
    hasQuotes: false,
    scans: (read) => {
      const types = read.map(({ name, readAs }) => `${literal(name)}: '${readAs.sqlType}'`).join(', ');
      const values = read.map(({ name, alias }) => `${identifier(name)} AS ${alias}`).join(', ');
      return [`(SELECT ${values} FROM read_json(${path}, ${options}, columns = {${types}}))`];
    },
  };
  return await Relation.load(database, format, columns);
}
