import { typed } from './column-sql';
import type { Database } from './database';
import type { Range, SourceColumn } from './source';
import { literal } from './sql';

/** Whose least and greatest value Parquet holds exactly, and in their order, whoever wrote it: neither NaN nor a part of a text. */
const RANGED = /^(?:TINYINT|SMALLINT|INTEGER|BIGINT|DATE|TIMESTAMP(?: WITH TIME ZONE|_S|_MS|_NS)?)$/;

/** What of the metadata is asked for. */
const USED =
  'file_name, row_group_id, row_group_num_rows, path_in_schema, num_values, stats_min_value, stats_max_value, stats_null_count';

/**
 * What the row groups of Parquet files say of columns, each of which has how many values are missing, the least and the
 * greatest: of those columns of which all of them do.
 *
 * @param scan of the metadata of all files
 */
export async function parquetRanges(
  database: Database,
  scan: string,
  columns: readonly SourceColumn[],
): Promise<Map<SourceColumn, Range>> {
  const ranged = columns.filter(({ type }) => RANGED.test(type));
  if (ranged.length === 0) return new Map();
  const found = await database.rows(
    `WITH groups AS MATERIALIZED (SELECT ${USED} FROM ${scan}), counted AS MATERIALIZED (SELECT count(DISTINCT (file_name, row_group_id)) AS n FROM groups) ${ranged.map(rangeSql).join(' UNION ALL ')}`,
  );
  return new Map(
    found.flatMap(([at, isWhole, rows, present, least, greatest]) =>
      isWhole === true
        ? [
            [
              ranged[Number(at)] as SourceColumn,
              {
                rows: Number(rows),
                present: Number(present),
                least: least ?? NaN,
                greatest: greatest ?? NaN,
              },
            ] as [SourceColumn, Range],
          ]
        : [],
    ),
  );
}

/** Its place, whether the groups say all, and what they say. */
function rangeSql({ name, type }: SourceColumn, at: number): string {
  const valueOf = (alias: string): string => {
    const { number, date } = typed(alias, type);
    return number ?? date ?? 'NULL';
  };
  const [least, greatest] = [valueOf('lo'), valueOf('hi')];
  const group = [
    'row_group_num_rows AS rows',
    'stats_null_count AS missing',
    `TRY_CAST(stats_min_value AS ${type}) AS lo`,
    `TRY_CAST(stats_max_value AS ${type}) AS hi`,
    'num_values AS counted',
  ].join(', ');
  const isWhole = `coalesce(counted = rows AND (missing = rows OR (${least} IS NOT NULL AND ${greatest} IS NOT NULL)), false)`;
  return (
    `SELECT ${at}::DOUBLE, bool_and(${isWhole}) AND count(*) = (SELECT n FROM counted), sum(rows)::DOUBLE, sum(rows - missing)::DOUBLE, min(${least}), max(${greatest}) ` +
    `FROM (SELECT ${group} FROM groups WHERE path_in_schema = ${literal(name)})`
  );
}
