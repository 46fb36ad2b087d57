import { ThalwegError } from '../../base/errors';
import { wordsTaken } from '../columns/described';
import { type Profile, readOf } from '../columns/profile';
import { type ReadColumn, valueSql } from '../columns/read-column';
import { option } from '../columns/refusals';
import type { Source } from '../files/source';
import type { Target } from './encoding';

/** Of a target; more are names of rows rather than classes. */
export const MOST_CLASSES = 1000;

/** Pairs of numbers that stand for two classes, where a target holds both and no others. 0 and 1 do, too. */
export const PAIRS: readonly (readonly [number, number])[] = [
  [1, 2],
  [-1, 1],
];

/**
 * What a target is learned as: text by its levels, in the order of their characters; numbers by theirs where they are
 * classes.
 *
 * @param asClasses whether numbers are; undefined: where they are 1 and 2, or -1 and 1
 * @throws ThalwegError `ERR_COLUMN` for one level, more than 1000, or one a row; for classes that are no whole numbers, with
 *   the row
 */
export async function targetEncoding(
  source: Source,
  found: Profile,
  asClasses: boolean | undefined,
): Promise<Target> {
  const { name } = found.column;
  const read = readOf(found);
  const { kind } = read;
  if (kind === 'boolean') return { name, kind, levels: ['false', 'true'] };
  if (kind === 'category') {
    const levels = await targetLevels(source, read, MOST_CLASSES + 1);
    await refuseCount(source, found, levels);
    return { name, kind, levels: levels.map(String).sort((a, b) => (a < b ? -1 : 1)) };
  }
  const form = found.form === undefined ? {} : { form: found.form };
  if (asClasses !== true) {
    const pair = asClasses === undefined && kind === 'number' ? await pairOf(source, found) : undefined;
    return pair === undefined ? { name, kind, ...form } : { name, kind: 'number', levels: pair, ...form };
  }
  if (kind === 'date') {
    throw refusal(source, name, 'holds dates', 'A softmax learns classes: text, booleans or whole numbers.');
  }
  await refuseFractions(source, read);
  const levels = await targetLevels(source, read, MOST_CLASSES + 1);
  await refuseCount(source, found, levels);
  return { name, kind, levels: levels.map(Number).sort((a, b) => a - b), ...form };
}

async function pairOf(source: Source, found: Profile): Promise<readonly [number, number] | undefined> {
  const { least, greatest } = found.counts;
  const pair = PAIRS.find(([one, other]) => one === least && other === greatest);
  if (pair === undefined) return undefined;
  return (await targetLevels(source, readOf(found), 3)).length === 2 ? pair : undefined;
}

/** Up to `most` different values of a target. */
export async function targetLevels(
  source: Source,
  target: ReadColumn,
  most: number,
): Promise<(string | number)[]> {
  const rows = await source.database.rows(
    `SELECT DISTINCT t FROM (SELECT ${valueSql(target)} AS t FROM ${source.select([target.column])}) WHERE t IS NOT NULL ORDER BY t LIMIT ${most}`,
  );
  return rows.map(([level]) => (target.kind === 'category' ? String(level) : Number(level)));
}

async function refuseCount(
  source: Source,
  found: Profile,
  levels: readonly (string | number)[],
): Promise<void> {
  const { column, kind, rows, missing, taken } = found;
  const what = kind === 'category' ? 'text' : 'whole numbers';
  const first = levels.slice(0, 3).map((level) => JSON.stringify(level));
  const shown = [...first, ...(levels.length > 3 ? ['…'] : [])].join(', ');
  if (levels.length === 1) {
    const words = taken.size === 0 ? '' : ` besides what was taken as missing: ${wordsTaken(taken).short}`;
    const instead =
      taken.size === 0
        ? 'There is nothing to tell apart: classes are two or more.'
        : `--categories ${option(column)} keeps that as a level.`;
    throw refusal(source, column.name, `is ${what} with one level (${shown})${words}`, instead);
  }
  if (levels.length > 2 && levels.length === rows - missing) {
    const is = `is ${what} with a level of its own in each row (${shown})`;
    throw refusal(source, column.name, is, 'Names of rows are no classes: choose another --target.');
  }
  if (levels.length <= MOST_CLASSES) return;
  const [cells = []] = await source.database.rows(
    `SELECT count(DISTINCT ${valueSql(readOf(found))})::DOUBLE FROM ${source.select([column])}`,
  );
  const is = `is ${what} with ${Number(cells[0])} levels (${shown}), more than ${MOST_CLASSES} classes`;
  throw refusal(source, column.name, is, 'Group them, or choose another --target.');
}

/** Of numbers that are to be classes. */
async function refuseFractions(source: Source, read: ReadColumn): Promise<void> {
  const { column } = read;
  const value = valueSql(read);
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
