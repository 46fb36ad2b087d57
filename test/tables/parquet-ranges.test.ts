import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type Profile, profile } from '../../lib/tables/columns/profile';
import { openSource } from '../../lib/tables/files/open-source';
import { Uniform } from '../support/arbitrary';
import { temporaryFolder } from '../cli/thalweg';

const folder = temporaryFolder();
const random = new Uniform(17);

/** Column by column what SQL makes of a draw x in [0, 1). */
const expressions: Record<string, string> = {
  byte: 'CAST(200 * x - 100 AS TINYINT)',
  wide: 'CAST(9e18 * x - 4e18 AS BIGINT)',
  'a, b.c "d"': 'CAST(1000 * x AS INTEGER)',
  share: 'x',
  date: "DATE '1960-01-01' + CAST(40000 * x AS INTEGER)",
  moment: "TIMESTAMP '1969-12-31 23:59:59.5' + to_microseconds(CAST(1e12 * x - 5e11 AS BIGINT))",
  zoned: "TIMESTAMPTZ '2001-02-03 04:05:06+02' + to_seconds(CAST(1e6 * x AS BIGINT))",
  nanos: "CAST(TIMESTAMP '2020-01-01' + to_microseconds(CAST(1e12 * x AS BIGINT)) AS TIMESTAMP_NS)",
  last: "CASE WHEN x > 0.97 THEN TIMESTAMP 'infinity' ELSE TIMESTAMP '2020-01-01' END",
  price: 'CAST(100 * x AS DECIMAL(9, 2))',
  count: 'CAST(100 * x AS UINTEGER)',
  flag: 'x > 0.5',
  none: 'NULL::INTEGER',
};

/** Files of a few row groups, in which values are missing, and one group has none of a column. */
async function files(expression: string, name: string): Promise<string[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const named = `"${name.replaceAll('"', '""')}"`;
  const written: string[] = [];
  for (const rows of [5000, 2100]) {
    const file = path.join(folder, `${Math.floor(1e9 * random.next())}.parquet`);
    const draws = `(SELECT i, (hash(i, ${Math.floor(1e6 * random.next())}) % 1000000) / 1e6 AS x FROM range(${rows}) r(i))`;
    const missing = `x < 0.1 OR i BETWEEN 2048 AND 4095`;
    await connection.run(
      `COPY (SELECT CASE WHEN NOT (${missing}) THEN ${expression} END AS ${named}, i AS row, {'x': i} AS "s" FROM ${draws}) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
    );
    written.push(file);
  }
  connection.closeSync();
  instance.closeSync();
  return written;
}

/** What is told of the first column, or why it is refused. */
async function told(paths: readonly string[], isRead: boolean): Promise<Partial<Profile> | string> {
  const source = await openSource(paths);
  try {
    const [column] = source.columns;
    if (column === undefined) throw new Error('there is no column');
    const [found] = await profile(isRead ? { ...source, ranges: undefined } : source, [column]);
    return {
      kind: found?.kind,
      rows: found?.rows,
      missing: found?.missing,
      counts: found?.counts,
    } as Partial<Profile>;
  } catch (error) {
    return (error as Error).message;
  } finally {
    source.database.close();
  }
}

test.each(Object.entries(expressions))('%s is as its values are', async (name, expression) => {
  const paths = await files(expression, name);
  expect(await told(paths, false)).toEqual(await told(paths, true));
});

test.each(['byte', 'date', 'moment', 'zoned', 'a, b.c "d"'])(
  '%s is known without being read',
  async (name) => {
    const source = await openSource(await files(expressions[name] ?? '', name));
    const { columns, database, ranges } = source;
    expect([...((await ranges?.(columns.slice(0, 1))) ?? [])]).toHaveLength(1);
    database.close();
  },
);

test.each(['last', 'share', 'price', 'count', 'flag'])('%s is not known without being read', async (name) => {
  const source = await openSource(await files(expressions[name] ?? '', name));
  const { columns, database, ranges } = source;
  expect([...((await ranges?.(columns.slice(0, 1))) ?? [])]).toEqual([]);
  database.close();
});
