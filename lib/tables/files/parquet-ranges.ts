import { typed } from './column-sql';
import type { Database } from './database';
import type { Range, SourceColumn } from './source';
import { literal } from './sql';

/** Whose least and greatest value Parquet holds exactly, and in their order, whoever wrote it: neither NaN nor a part of a text. */
const RANGED = /^(?:TINYINT|SMALLINT|INTEGER|BIGINT|DATE|TIMESTAMP(?: WITH TIME ZONE|_S|_MS|_NS)?)$/;

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
    `WITH groups AS MATERIALIZED (SELECT * FROM ${scan}) ${ranged.map(rangeSql).join(' UNION ALL ')}`,
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
  const { number, date } = typed('v', type);
  const valueOf = (text: string): string =>
    `(SELECT ${number ?? date ?? 'NULL'} FROM (SELECT TRY_CAST(${text} AS ${type}) AS v))`;
  const group = [
    'row_group_num_rows AS rows',
    'stats_null_count AS missing',
    `${valueOf('stats_min_value')} AS least`,
    `${valueOf('stats_max_value')} AS greatest`,
    'num_values AS counted',
  ].join(', ');
  const isWhole =
    'coalesce(counted = rows AND (missing = rows OR (least IS NOT NULL AND greatest IS NOT NULL)), false)';
  const all = `(SELECT count(DISTINCT (file_name, row_group_id)) FROM groups)`;
  return (
    `SELECT ${at}::DOUBLE, bool_and(${isWhole}) AND count(*) = ${all}, sum(rows)::DOUBLE, sum(rows - missing)::DOUBLE, min(least), max(greatest) ` +
    `FROM (SELECT ${group} FROM groups WHERE path_in_schema = ${literal(name)})`
  );
}
