import { ThalwegError } from '../../base/errors';
import { type Moment, Moments } from '../../rows/moments';
import { type ReadColumn, valueSql } from '../columns/read-column';
import type { Source, SourceColumn } from '../files/source';
import {
  type Encoder,
  type Feature,
  type MissingPolicy,
  type NumericFeature,
  type Target,
  encodedTargetSql,
  fills,
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
import { type TrainingRows, categoryFeature, levelCounts } from './levels';
import type { Split } from './split';

/** A column to learn from, before anything is known of the training rows. */
export interface ChosenFeature extends ReadColumn {
  /** Whether words such as None are levels of it. */
  readonly keepsWords?: boolean;
}

/** The features chosen and the target, before anything is known of the training rows. */
export interface Choice {
  readonly features: readonly ChosenFeature[];
  readonly target: ReadColumn & { readonly encoding: Target };
  readonly weight?: { readonly column: SourceColumn };
  readonly missing: MissingPolicy;
  /** Of a category at most so many levels, of which one stands for all the rare ones. */
  readonly maxLevels?: number | undefined;
  readonly unknown?: Encoder['unknown'];
  readonly nulls?: readonly string[] | undefined;
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
 * @throws ThalwegError `ERR_COLUMN` for a category whose levels no memory holds as columns, `ERR_FILE` where no row is left.
 */
export async function statistics(source: Source, choice: Choice): Promise<Statistics> {
  const groups = featureGroups(choice.features);
  const sql = trainingRows(source, choice, groups);
  const { weight, missing, maxLevels } = choice;
  const { moment, target, count, counted } = await measured(source, groups, sql, {
    weighted: weight !== undefined,
    classes: choice.target.encoding.levels?.length ?? 0,
  });
  if (count === 0) throw noRows(source, choice);
  const rows: TrainingRows = { sql, count, isWeighted: weight !== undefined };
  const levels = await levelCounts(source, groups, rows, maxLevels);
  const middles = await middlesOf(source, groups, rows, missing);
  const features = choice.features.map((read, index) => {
    const { column, kind, keepsWords = false } = read;
    const feature =
      kind === 'category'
        ? categoryFeature(column.name, counted, levels.get(index) ?? [], { missing, maxLevels, keepsWords })
        : numericFeature({ ...read, kind }, counted, moment(index), missing, middles.get(index));
    if (feature === undefined) throw noValues(source, column.name);
    return feature;
  });
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
  const y = `${encodedTargetSql(target, target.encoding)} AS y`;
  const w =
    weight === undefined ? '1::DOUBLE AS w' : `${valueSql({ column: weight.column, kind: 'number' })} AS w`;
  const complete = fills(missing) ? [] : groups.map((group, index) => completeSql(group, `v${index}`));
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

/** A number by its moments over the training rows, which count `rows` together; undefined where no row has a value. */
function numericFeature(
  { column: { name }, kind, form }: ReadColumn & { readonly kind: NumericFeature['kind'] },
  rows: number,
  { present, mean, deviation }: Moment,
  missing: MissingPolicy,
  middle: number | undefined,
): NumericFeature | undefined {
  if (present === 0) return undefined;
  const feature = { name, kind, ...(form && { form }) };
  if (!fills(missing)) return { ...feature, mean, scale: deviation || 1 };
  const share = present / rows;
  const fill = middle ?? mean;
  // Of what is there and what takes the place of the rest.
  const filled = fill === mean ? mean : mean + (1 - share) * (fill - mean);
  const scale =
    fill === mean
      ? deviation * Math.sqrt(share)
      : Math.hypot(deviation * Math.sqrt(share), (fill - mean) * Math.sqrt(share * (1 - share)));
  const isMarked = missing === 'indicator' && share < 1;
  const indicator = isMarked && { mean: 1 - share, scale: Math.sqrt(share * (1 - share)) };
  return { ...feature, mean: filled, scale: scale || 1, fill, ...(indicator && { indicator }) };
}

/** The median or the commonest value of each number, by its index, where these take the place of missing ones. */
async function middlesOf(
  source: Source,
  groups: readonly FeatureGroup[],
  { sql }: TrainingRows,
  missing: MissingPolicy,
): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  if (missing !== 'median' && missing !== 'mode') return found;
  for (const [index, group] of groups.entries()) {
    if (group.kind === 'category') continue;
    const values = group.isList
      ? `(SELECT generate_subscripts(v${index}, 1) AS i, unnest(v${index}) AS v, w FROM ${sql})`
      : `(SELECT 1 AS i, v${index} AS v, w FROM ${sql})`;
    const middle = missing === 'median' ? medianSql(values) : modeSql(values);
    for (const [i, value] of await source.database.rows(`SELECT i::DOUBLE, v::DOUBLE FROM ${middle}`))
      found.set(group.indices[Number(i) - 1] as number, Number(value));
  }
  return found;
}

/** The value in the middle of what rows count, or halfway between two. */
function medianSql(values: string): string {
  const sizes = `(SELECT i, v, sum(w ORDER BY w) AS size FROM ${values} WHERE v IS NOT NULL GROUP BY i, v)`;
  const upTo = `(SELECT i, v, sum(size) OVER (PARTITION BY i ORDER BY v) AS upto, sum(size) OVER (PARTITION BY i) AS total FROM ${sizes})`;
  const halves = `min(CASE WHEN 2 * upto >= total THEN v END) AS lower, min(CASE WHEN 2 * upto > total THEN v END) AS upper`;
  return `(SELECT i, lower + (coalesce(upper, lower) - lower) / 2 AS v FROM (SELECT i, ${halves} FROM ${upTo} GROUP BY i))`;
}

/** The commonest value, the least of several. */
function modeSql(values: string): string {
  const sizes = `(SELECT i, v, sum(w ORDER BY w) AS size FROM ${values} WHERE v IS NOT NULL GROUP BY i, v)`;
  return `(SELECT i, v FROM ${sizes} QUALIFY row_number() OVER (PARTITION BY i ORDER BY size DESC, v) = 1)`;
}

function noRows(source: Source, { split, weight }: Choice): ThalwegError {
  const [why, instead] =
    split === undefined
      ? ['lacks a value', 'Leave sparse columns out with --exclude, or fill them with --missing mean.']
      : [
          'lacks a value or is held out',
          'Use a smaller --holdout, or leave sparse columns out with --exclude.',
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
    `The column "${name}" of ${source.name} has no value in the rows that are trained on. Leave it out with --exclude.`,
    { path: source.path, column: name },
  );
}
