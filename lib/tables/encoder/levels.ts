import { ThalwegError } from '../../base/errors';
import { availableMemory, gigabytes } from '../../base/memory';
import { option } from '../columns/refusals';
import type { Kind } from '../columns/read-column';
import type { Source, SourceColumn } from '../files/source';
import { type CategoryFeature, MISSING_LEVEL, type MissingPolicy, fills } from './encoding';
import type { FeatureGroup } from './groups';

/** The level that stands for all that are rare. */
const OTHER_LEVEL = '(other)';

/** More make more weights than a model's file holds. */
const MOST_LEVELS = 2 ** 23;

/** Of the memory that is free, what rows of levels may take. */
const SHARE = 0.8;

interface LevelCount {
  /** null: of no value. */
  readonly level: string | null;
  /** Of rows, by how much these count. */
  readonly count: number;
}

/** The rows of a table that are trained on. */
export interface TrainingRows {
  /** A subquery of v0, v1, …, the values of the groups, and w, how much each row counts. */
  readonly sql: string;
  readonly count: number;
  readonly isWeighted: boolean;
}

/** Of each category, by its index, the levels and how often they are in the training rows. */
export async function levelCounts(
  source: Source,
  groups: readonly FeatureGroup[],
  { sql, isWeighted }: TrainingRows,
): Promise<Map<number, LevelCount[]>> {
  const found = new Map<number, LevelCount[]>();
  // In order, since the cores would add up in another one each time.
  const size = isWeighted ? 'sum(w ORDER BY w)' : 'count(*)';
  for (const [index, group] of groups.entries()) {
    if (group.kind !== 'category') continue;
    const values = group.isList
      ? `(SELECT generate_subscripts(v${index}, 1) AS i, unnest(v${index}) AS level, w FROM ${sql})`
      : `(SELECT 1 AS i, v${index} AS level, w FROM ${sql})`;
    const rows = await source.database.rows(
      `SELECT i::DOUBLE, level, ${size}::DOUBLE FROM ${values} GROUP BY i, level`,
    );
    for (const [i, level, counted] of rows) {
      const feature = group.indices[Number(i) - 1] as number;
      const counts = found.get(feature) ?? [];
      found.set(feature, counts);
      counts.push({ level: level === null ? null : String(level), count: Number(counted) });
    }
  }
  return found;
}

/** A feature of which is known about how many levels it has in the file, where it is a category. */
interface Leveled {
  readonly kind: Kind;
  readonly column: SourceColumn;
  readonly levelsInFile?: number;
}

/**
 * Before levels are gathered that no memory holds as columns.
 *
 * @param areCodes whether they can stay codes (held-layout.ts), which takes no more memory than a few numbers a row
 * @throws ThalwegError `ERR_COLUMN` that tells the widest
 */
export function refuseTooMany(
  source: Source,
  features: readonly Leveled[],
  rows: number,
  areCodes: boolean,
): void {
  if (areCodes && features.every(({ levelsInFile = 0 }) => levelsInFile <= MOST_LEVELS)) return;
  const columns = features
    .filter(({ kind }) => kind === 'category')
    .map(({ column, levelsInFile = 0 }) => [column, levelsInFile] as const)
    .sort(([, a], [, b]) => b - a);
  const all = columns.reduce((sum, [, count]) => sum + count, 0);
  const bytes = all * rows * Float64Array.BYTES_PER_ELEMENT;
  if (bytes <= SHARE * availableMemory() && all <= MOST_LEVELS) return;
  const [[widest, levels] = [undefined, 0]] = columns;
  if (widest === undefined) return;
  const path = { path: source.path, column: widest.name };
  throw new ThalwegError(
    'ERR_COLUMN',
    `The column "${widest.name}" of ${source.name} is text with about ${round(levels)} levels, each of which becomes a column: ` +
      `${round(rows)} rows of all levels take ${gigabytes(bytes)}, and ${gigabytes(availableMemory())} are free. ` +
      `Keep the most frequent with --max-levels 100, or leave it out with --exclude ${option(widest)}.`,
    path,
  );
}

const round = (count: number): string => Number(count.toPrecision(2)).toLocaleString('en-US');

/** How a category is learned from. */
export interface LevelPolicy {
  readonly missing: MissingPolicy;
  readonly maxLevels?: number | undefined;
  readonly keepsWords: boolean;
}

/**
 * A category by the counts of its levels in the training rows, which count `rows` together; undefined where no row has a value.
 */
export function categoryFeature(
  name: string,
  rows: number,
  counts: readonly LevelCount[],
  { missing, maxLevels, keepsWords }: LevelPolicy,
): CategoryFeature | undefined {
  const known = new Map<string, number>();
  for (const { level, count } of counts) if (level !== null) known.set(level, count);
  const missed = counts.find(({ level }) => level === null)?.count ?? 0;
  const { levels, other } = limited(known, maxLevels);
  const most = mostFrequent(levels);
  if (most === undefined) return undefined;
  const fill = filled(levels, most, missing, missed);
  const leftOut = mostFrequent(levels) as string;
  const kept = [...levels].filter(([level]) => level !== leftOut).sort(byName);
  const present = [...levels.values()].reduce((sum, count) => sum + count, 0);
  const means = kept.map(([, count]) => count / present);
  return {
    name,
    kind: 'category',
    levels: kept.map(([level]) => level),
    leftOut,
    means,
    scales: means.map((mean) => Math.sqrt((mean * (1 - mean) * present) / rows)),
    ...(fill !== undefined && { fill }),
    ...(other !== undefined && { other }),
    ...(keepsWords && { keepsWords }),
  };
}

const byName = ([a]: readonly [string, number], [b]: readonly [string, number]): number => (a < b ? -1 : 1);

/** By count, then by name. */
function mostFrequent(levels: ReadonlyMap<string, number>): string | undefined {
  return [...levels]
    .sort(byName)
    .reduce<[string, number] | undefined>(
      (best, candidate) => (best === undefined || candidate[1] > best[1] ? candidate : best),
      undefined,
    )?.[0];
}

/** The most frequent levels, and one for all others. */
function limited(
  levels: Map<string, number>,
  maxLevels: number | undefined,
): { levels: Map<string, number>; other: string | undefined } {
  if (maxLevels === undefined || levels.size <= maxLevels) return { levels, other: undefined };
  const sorted = [...levels].sort((a, b) => b[1] - a[1] || byName(a, b));
  const kept = new Map(sorted.slice(0, maxLevels - 1));
  const rest = sorted.slice(maxLevels - 1).reduce((sum, [, count]) => sum + count, 0);
  kept.set(OTHER_LEVEL, (kept.get(OTHER_LEVEL) ?? 0) + rest);
  return { levels: kept, other: OTHER_LEVEL };
}

/** Counts missing values as a level, where they are taken for one, and gives this. */
function filled(
  levels: Map<string, number>,
  most: string,
  missing: MissingPolicy,
  missed: number,
): string | undefined {
  // The mean of a category is the share of each level.
  if (!fills(missing) || missing === 'mean') return undefined;
  if (missing !== 'indicator') {
    levels.set(most, (levels.get(most) ?? 0) + missed);
    return most;
  }
  if (missed === 0) return undefined;
  levels.set(MISSING_LEVEL, (levels.get(MISSING_LEVEL) ?? 0) + missed);
  return MISSING_LEVEL;
}
