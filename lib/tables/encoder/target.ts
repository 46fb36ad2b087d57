import { ThalwegError } from '../../base/errors';
import type { Profile } from '../columns/profile';
import type { Source, SourceColumn } from '../files/source';
import { type Target, knownKind, valueSql } from './encoding';

/** Of a target; more are names of rows rather than classes. */
export const MOST_CLASSES = 1000;

/**
 * What a target is learned as: text by its levels, in the order of their characters; numbers by theirs where they are
 * classes.
 *
 * @throws ThalwegError `ERR_COLUMN` for one level, more than 1000, or one a row; for classes that are no whole numbers, with
 *   the row
 */
export async function targetEncoding(source: Source, found: Profile, asClasses: boolean): Promise<Target> {
  const { name } = found.column;
  const kind = knownKind(found);
  if (kind === 'boolean') return { name, kind, levels: ['false', 'true'] };
  if (kind === 'category') {
    const levels = await targetLevels(source, found.column, kind, MOST_CLASSES + 1);
    await refuseCount(source, found, levels);
    return { name, kind, levels: levels.map(String).sort((a, b) => (a < b ? -1 : 1)) };
  }
  if (!asClasses) return { name, kind };
  if (kind === 'date') {
    throw refusal(source, name, 'holds dates', 'A softmax learns classes: text, booleans or whole numbers.');
  }
  await refuseFractions(source, found.column);
  const levels = await targetLevels(source, found.column, kind, MOST_CLASSES + 1);
  await refuseCount(source, found, levels);
  return { name, kind, levels: levels.map(Number).sort((a, b) => a - b) };
}

/** Up to `most` different values of a target. */
export async function targetLevels(
  source: Source,
  target: SourceColumn,
  kind: 'category' | 'number',
  most: number,
): Promise<(string | number)[]> {
  const value = valueSql(target, kind);
  const rows = await source.database.rows(
    `SELECT DISTINCT t FROM (SELECT ${value} AS t FROM ${source.select([target])}) WHERE t IS NOT NULL ORDER BY t LIMIT ${most}`,
  );
  return rows.map(([level]) => (kind === 'number' ? Number(level) : String(level)));
}

async function refuseCount(
  source: Source,
  { column, kind, rows, missing }: Profile,
  levels: readonly (string | number)[],
): Promise<void> {
  const what = kind === 'category' ? 'text' : 'whole numbers';
  const shown = levels
    .slice(0, 3)
    .map((level) => JSON.stringify(level))
    .join(', ');
  if (levels.length === 1) {
    const is = `is ${what} with one level (${shown})`;
    throw refusal(source, column.name, is, 'There is nothing to tell apart: classes are two or more.');
  }
  if (levels.length > 2 && levels.length === rows - missing) {
    const is = `is ${what} with a level of its own in each row (${shown}, …)`;
    throw refusal(source, column.name, is, 'Names of rows are no classes: choose another --target.');
  }
  if (levels.length <= MOST_CLASSES) return;
  const value = valueSql(column, kind === 'category' ? 'category' : 'number');
  const [cells = []] = await source.database.rows(
    `SELECT count(DISTINCT ${value})::DOUBLE FROM ${source.select([column])}`,
  );
  const is = `is ${what} with ${Number(cells[0])} levels (${shown}, …), more than ${MOST_CLASSES} classes`;
  throw refusal(source, column.name, is, 'Group them, or choose another --target.');
}

/** Of numbers that are to be classes. */
async function refuseFractions(source: Source, column: SourceColumn): Promise<void> {
  const value = valueSql(column, 'number');
  const [cells] = await source.database.rows(
    `SELECT r::DOUBLE, v FROM (SELECT r, ${value} AS v FROM ${source.select([column], { rowNumber: true })}) ` +
      `WHERE v <> trunc(v) OR abs(v) > ${Number.MAX_SAFE_INTEGER} ORDER BY r LIMIT 1`,
  );
  if (cells === undefined) return;
  const row = Number(cells[0]);
  throw new ThalwegError(
    'ERR_COLUMN',
    `${source.name}, row ${row}: the target "${column.name}" is ${String(cells[1])}; classes are whole numbers, text or booleans. ` +
      'Leave --activation softmax out to learn numbers.',
    { path: source.path, column: column.name, row: row - 1 },
  );
}

function refusal(source: Source, name: string, is: string, instead: string): ThalwegError {
  return new ThalwegError('ERR_COLUMN', `The target "${name}" of ${source.name} ${is}. ${instead}`, {
    path: source.path,
    column: name,
  });
}
