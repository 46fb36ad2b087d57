import { ThalwegError } from '../../base/errors';
import type { Database } from './database';
import { ofType } from './parquet';
import { FileColumn, Relation } from './relation';
import type { Opening } from './source';
import { literal } from './sql';

export const NOT_ONE_SELECT = '--sql takes one SELECT, which reads and changes nothing.';

/**
 * Runs a SELECT over the attached tables, once, and keeps its rows in the order in which they come.
 *
 * @throws ThalwegError `ERR_FILE` where it is anything else, or fails
 */
export async function openQuery(database: Database, sql: string): Promise<Opening> {
  const given = await database.namesOfSelect(sql);
  if (given === undefined) throw new ThalwegError('ERR_FILE', NOT_ONE_SELECT, { option: 'sql' });
  const query = `query(${literal(sql)})`;
  const columns = (await database.columnsOf(query)).map(
    // Within another query DuckDB gives the second of one name another.
    ({ name, type }, index) => new FileColumn(given[index] ?? name, index, ofType(String(type))),
  );
  const names = columns.map(({ alias }) => alias).join(', ');
  const opened = await Relation.load(
    database,
    {
      bytes: 0,
      asText: ofType('VARCHAR'),
      hasQuotes: false,
      scans: () => [`(SELECT * FROM ${query} AS q(${names}))`],
    },
    columns,
  );
  return { opened, notes: [] };
}
