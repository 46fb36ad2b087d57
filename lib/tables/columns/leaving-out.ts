import type { Source, SourceColumn } from '../files/source';
import { countsRows, exactLevels, isOneARow, lostDigits } from './closer';
import { type Profile, readOf } from './profile';

/** As many levels a value are names of rows. */
const NEARLY_ALL = 0.9;

/** Fewer rows tell nothing of how many levels there are. */
const FEWEST_ROWS = 3;

/** In fewer rows much counts from 1. */
const FEWEST_COUNTED = 100;

/** DuckDB's estimate of how many values differ is off by less, nearly always. */
const ESTIMATED = 0.5;

/** What names a row in tables. */
const ID_NAME =
  /^(?:id|index|idx|uuid|guid|key|#|no|nr|row|row[ _-]?(?:id|no|num|number|index|names?))$|(?:[ _-](?:id|uuid|guid|key)|[a-z]I[dD])$/i;

/** What pandas calls an index without a name that it writes, or has read and writes again: after a split it counts no more. */
const INDEX_NAME = /^(?:unnamed(?:: ?\d+)?|__index_level_\d+__)$/i;

/** Why a column is no feature unless it is asked for, or what is odd about it. */
export interface Doubt {
  readonly code: 'LEFT_OUT' | 'ROW_COUNTER' | 'DIGITS_LOST' | 'LEVEL_A_ROW';
  readonly why: string;
  /** How many levels or ids there are, where there are too many. */
  readonly count?: number;
}

/** Looks at features for what no one learns from: names and counters of rows, columns of one value or none. */
export async function doubts(
  source: Source,
  profiles: readonly Profile[],
  keepsConstant: (profile: Profile) => boolean,
): Promise<Map<SourceColumn, Doubt>> {
  const found = new Map<SourceColumn, Doubt>();
  const levels = await levelsOf(source, profiles);
  for (const profile of profiles) {
    const { column } = profile;
    const doubt =
      profile.kind === 'category'
        ? ofNames(profile, levels.get(column))
        : await ofNumbers(source, profile, keepsConstant(profile));
    if (doubt !== undefined) found.set(column, doubt);
  }
  return found;
}

/** Of columns of names with one or nearly as many levels as values: exactly how many. */
async function levelsOf(source: Source, profiles: readonly Profile[]): Promise<Map<SourceColumn, number>> {
  const near = profiles.filter(({ kind, counts, rows, missing }) => {
    const values = rows - missing;
    return kind === 'category' && (counts.levels <= 3 || counts.levels >= ESTIMATED * values);
  });
  return await exactLevels(source, near.map(readOf));
}

function ofNames({ rows, missing }: Profile, levels: number | undefined): Doubt | undefined {
  const values = rows - missing;
  if (levels === undefined) return undefined;
  if (levels === 1 && values > 1) return { code: 'LEFT_OUT', why: 'one level' };
  if (values < FEWEST_ROWS || levels < NEARLY_ALL * values) return undefined;
  const why =
    levels === values
      ? 'text with a level of its own in each row'
      : `text with ${levels} levels in ${values} rows`;
  return { code: 'LEFT_OUT', why, count: levels };
}

async function ofNumbers(
  source: Source,
  profile: Profile,
  keepsConstant: boolean,
): Promise<Doubt | undefined> {
  const { kind, counts, rows, missing, column } = profile;
  const { least, greatest } = counts;
  if (kind === undefined) return { code: 'LEFT_OUT', why: 'no values' };
  const read = readOf(profile);
  if (kind === 'number' && Math.max(Math.abs(least), Math.abs(greatest)) >= 2 ** 53) {
    const { lost, example, levels } = await lostDigits(source, read);
    if (lost > 0 && levels >= NEARLY_ALL * rows && rows >= FEWEST_ROWS)
      return { code: 'LEFT_OUT', why: `ids of more digits than numbers hold, as ${example}`, count: levels };
    if (lost > 0) return { code: 'DIGITS_LOST', why: digitsLost(example), count: lost };
  }
  if (least === greatest && rows - missing > 1 && !keepsConstant)
    return { code: 'LEFT_OUT', why: kind === 'number' ? `only ${least}` : 'one value' };
  if (kind !== 'number' || profile.form !== undefined) return undefined;
  if (missing > 0 || rows < FEWEST_ROWS) return undefined;
  const isCounter =
    (least === 0 || least === 1) && greatest - least === rows - 1 && (await countsRows(source, read, least));
  if (isCounter && isUnnamed(column))
    return { code: 'LEFT_OUT', why: `counts the rows from ${least}, without a name` };
  const isId = ID_NAME.test(column.name) || INDEX_NAME.test(column.name);
  if (isId && (isCounter || (await isOneARow(source, read))))
    return { code: 'LEFT_OUT', why: isCounter ? `counts the rows from ${least}` : 'an id of each row' };
  return isCounter && rows >= FEWEST_COUNTED
    ? { code: 'ROW_COUNTER', why: `${least}, ${least + 1}, ${least + 2}, … down the rows` }
    : undefined;
}

/** `9007199254740993 is read as 9007199254740992`. */
export function digitsLost(example: string): string {
  return `more digits than numbers hold: ${example} is read as ${BigInt(Number(example))}`;
}

/** A column without a name. */
function isUnnamed({ name, isNamed }: SourceColumn): boolean {
  return isNamed === false || INDEX_NAME.test(name);
}
