import { ThalwegError } from '../../base/errors';
import { type Moment, Moments } from '../../rows/moments';
import type { Kind } from '../columns/profile';
import type { Source, SourceColumn } from '../files/source';
import {
  type Feature,
  type MissingPolicy,
  type NumericFeature,
  type Target,
  encodedTargetSql,
  valueSql,
} from './encoding';
import {
  type FeatureGroup,
  type Values,
  completeSql,
  featureGroups,
  groupValueSql,
  readChunk,
  selectGroups,
} from './groups';
import type { Split } from './split';

export const MAX_LEVELS = 100;

/** The features chosen and the target, before anything is known of the training rows. */
export interface Choice {
  readonly features: readonly { readonly column: SourceColumn; readonly kind: Kind }[];
  readonly target: { readonly column: SourceColumn; readonly encoding: Target };
  readonly weight?: { readonly column: SourceColumn };
  readonly missing: MissingPolicy;
  readonly split?: Split;
}

/** What the training rows say. */
export interface Statistics {
  readonly rows: number;
  readonly features: readonly Feature[];
  readonly target: {
    readonly least: number;
    /** Whether both 0 and 1 are among them, and nothing else. */
    readonly isZeroOrOne: boolean;
    /** How many rows are of each class, where there are classes. */
    readonly counts: readonly number[];
  };
}

/**
 * Means, scales and levels over the rows that are trained on, each as much as it counts: those not held out, not dropped,
 * and of a weight above 0.
 *
 * @throws ThalwegError `ERR_COLUMN` for a category of more than 100 levels, `ERR_FILE` where no row is left.
 */
export async function statistics(source: Source, choice: Choice): Promise<Statistics> {
  const groups = featureGroups(choice.features);
  const rows = trainingRows(source, choice, groups);
  const { weight } = choice;
  const { moment, target, count, counted } = await measured(source, groups, rows, {
    weighted: weight !== undefined,
    classes: choice.target.encoding.levels?.length ?? 0,
  });
  if (count === 0) throw noRows(source, choice);
  const levels = await levelsOf(source, choice, groups, rows);
  const features = choice.features.map(({ column, kind }, index) =>
    kind === 'category'
      ? categoryFeature(source, column, counted, levels.get(index) ?? [])
      : numericFeature(source, column, kind, counted, moment(index)),
  );
  return { rows: count, features, target };
}

/** The training rows as a subquery of v0, v1, …, the values of the groups, y and w, how much each counts. */
function trainingRows(
  source: Source,
  { target, weight, missing, split }: Choice,
  groups: readonly FeatureGroup[],
): string {
  const part = split === undefined ? undefined : { split, held: false };
  const values = groups.map((group, index) => `${groupValueSql(group)} AS v${index}`);
  const y = `${encodedTargetSql(target.column, target.encoding)} AS y`;
  const w = weight === undefined ? '1::DOUBLE AS w' : `${valueSql(weight.column, 'number')} AS w`;
  const complete = missing === 'mean' ? [] : groups.map((group, index) => completeSql(group, `v${index}`));
  const needed = ['y IS NOT NULL', ...complete, ...(weight === undefined ? [] : ['w > 0'])];
  const all = selectGroups(source, { groups, others: [target.column, weight?.column], part });
  return `(SELECT * FROM (SELECT ${[...values, y, w].join(', ')} FROM ${all}) WHERE ${needed.join(' AND ')})`;
}

interface Measured {
  /** Of a feature that is a number, by its index. */
  readonly moment: (feature: number) => Moment;
  readonly target: Statistics['target'];
  readonly count: number;
  /** What they count together. */
  readonly counted: number;
}

/** Reads the training rows once. */
async function measured(
  source: Source,
  groups: readonly FeatureGroup[],
  rows: string,
  { weighted, classes }: { readonly weighted: boolean; readonly classes: number },
): Promise<Measured> {
  const names = groups.flatMap(({ kind }, index) => (kind === 'category' ? [] : [`v${index}`]));
  // Of them the values are numbered anew, without gaps.
  const places = new Map<number, number>();
  const numeric = groups
    .filter(({ kind }) => kind !== 'category')
    .map((group) => ({ ...group, indices: group.indices.map((index) => place(places, index)) }));
  const values: Values = Array.from({ length: places.size + (weighted ? 2 : 1) }, () => new Float64Array(0));
  const moments = new Moments(places.size);
  const counts = new Array<number>(classes).fill(0);
  let [count, counted, least] = [0, 0, Infinity];
  let [zeros, ones] = [0, 0];
  for await (const chunk of source.database.chunks(
    `SELECT ${[...names, 'y', 'w'].join(', ')} FROM ${rows}`,
  )) {
    readChunk(chunk, numeric, values);
    const { rowCount } = chunk;
    for (const target of (values[places.size] as Float64Array).subarray(0, rowCount)) {
      least = Math.min(least, target);
      if (target === 0) zeros += 1;
      else if (target === 1) ones += 1;
      if (classes > 0) counts[target] = (counts[target] ?? 0) + 1;
    }
    const weights = values[places.size + 1]?.subarray(0, rowCount);
    moments.add(rowMajor(values, places.size, rowCount), weights);
    count += rowCount;
    counted += weights === undefined ? rowCount : weights.reduce((sum, weight) => sum + weight, 0);
  }
  const moment = (feature: number): Moment => moments.moment(places.get(feature) as number);
  const isZeroOrOne = zeros > 0 && ones > 0 && zeros + ones === count;
  return { moment, target: { least, isZeroOrOne, counts }, count, counted };
}

function place(places: Map<number, number>, index: number): number {
  places.set(index, places.size);
  return places.size - 1;
}

function rowMajor(values: Values, columns: number, rows: number): Float64Array {
  const block = new Float64Array(columns * rows);
  for (let j = 0; j < columns; j += 1) {
    const column = values[j] as Float64Array;
    for (let row = 0; row < rows; row += 1) block[row * columns + j] = column[row] as number;
  }
  return block;
}

function numericFeature(
  source: Source,
  { name }: SourceColumn,
  kind: NumericFeature['kind'],
  rows: number,
  { present, mean, deviation }: Moment,
): NumericFeature {
  if (present === 0) throw noValues(source, name);
  // Where the mean takes the place of missing values, these add rows but no deviation.
  return { name, kind, mean, scale: deviation * Math.sqrt(present / rows) || 1 };
}

interface LevelCount {
  readonly level: string;
  /** Of rows, by how much these count. */
  readonly count: number;
}

/** Of each category, by its index, the levels and how often they are in the training rows. */
async function levelsOf(
  source: Source,
  { features, weight }: Choice,
  groups: readonly FeatureGroup[],
  rows: string,
): Promise<Map<number, LevelCount[]>> {
  const found = new Map<number, LevelCount[]>();
  // In order, since the cores would add up in another one each time.
  const size = weight === undefined ? 'count(*)' : 'sum(w ORDER BY w)';
  for (const [index, group] of groups.entries()) {
    if (group.kind !== 'category') continue;
    const values = group.isList
      ? `(SELECT generate_subscripts(v${index}, 1) AS i, unnest(v${index}) AS level, w FROM ${rows})`
      : `(SELECT 1 AS i, v${index} AS level, w FROM ${rows})`;
    await refuseTooManyLevels(source, values, (at) => features[group.indices[at] ?? 0]?.column.name ?? '');
    const counts = await source.database.rows(
      `SELECT i::DOUBLE, level, ${size}::DOUBLE FROM ${values} WHERE level IS NOT NULL GROUP BY i, level`,
    );
    for (const [i, level, count] of counts) {
      const feature = group.indices[Number(i) - 1] as number;
      const levels = found.get(feature);
      if (levels === undefined) found.set(feature, [{ level: String(level), count: Number(count) }]);
      else levels.push({ level: String(level), count: Number(count) });
    }
  }
  return found;
}

/** Before the levels of a column that holds millions are gathered. */
async function refuseTooManyLevels(
  source: Source,
  values: string,
  nameOf: (at: number) => string,
): Promise<void> {
  const [about] = await source.database.rows(
    `SELECT i::DOUBLE FROM ${values} GROUP BY i HAVING approx_count_distinct(level) > ${2 * MAX_LEVELS} ORDER BY i LIMIT 1`,
  );
  if (about === undefined) return;
  const at = Number(about[0]);
  const [exact = []] = await source.database.rows(
    `SELECT count(DISTINCT level)::DOUBLE FROM ${values} WHERE i = ${at}`,
  );
  throw tooManyLevels(source, nameOf(at - 1), Number(exact[0]));
}

function categoryFeature(
  source: Source,
  { name }: SourceColumn,
  rows: number,
  counts: readonly LevelCount[],
): Feature {
  if (counts.length > MAX_LEVELS) throw tooManyLevels(source, name, counts.length);
  const levels = [...counts].sort(byName);
  const most = levels.reduce<LevelCount | undefined>(
    (best, candidate) => (best === undefined || candidate.count > best.count ? candidate : best),
    undefined,
  );
  if (most === undefined) throw noValues(source, name);
  const present = levels.reduce((sum, level) => sum + level.count, 0);
  const kept = levels.filter((level) => level !== most);
  const means = kept.map((level) => level.count / present);
  return {
    name,
    kind: 'category',
    levels: kept.map(({ level }) => level),
    leftOut: most.level,
    means,
    scales: means.map((mean) => Math.sqrt((mean * (1 - mean) * present) / rows)),
  };
}

const byName = (a: { level: string }, b: { level: string }): number => (a.level < b.level ? -1 : 1);

function noRows(source: Source, { split, weight }: Choice): ThalwegError {
  const [why, instead] =
    split === undefined
      ? ['lacks a value', 'Leave sparse columns out with --features, or use --missing mean.']
      : [
          'lacks a value or is held out',
          'Use a smaller --holdout, or leave sparse columns out with --features.',
        ];
  return new ThalwegError(
    'ERR_FILE',
    `${source.name}: every row ${why}${weight === undefined ? '' : ' or has the weight 0'}, so that none is left to train on. ${instead}`,
    {
      path: source.path,
    },
  );
}

function noValues(source: Source, name: string): ThalwegError {
  return new ThalwegError(
    'ERR_COLUMN',
    `The column "${name}" of ${source.name} has no value in the rows that are trained on. Leave it out with --features.`,
    { path: source.path, column: name },
  );
}

function tooManyLevels(source: Source, name: string, count: number): ThalwegError {
  return new ThalwegError(
    'ERR_COLUMN',
    `The column "${name}" of ${source.name} is text with ${count} levels, more than ${MAX_LEVELS}. Leave it out with --features, ` +
      'or group its levels; dates are read as 2026-01-31.',
    { path: source.path, column: name },
  );
}
