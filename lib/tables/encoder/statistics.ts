import { ThalwegError } from '../../base/errors';
import { type Moment, Moments, joined } from '../../rows/moments';
import { type ReadColumn, valueSql } from '../columns/read-column';
import type { Source, SourceColumn } from '../files/source';
import {
  type CategoryFeature,
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
  completeSql,
  featureGroups,
  groupCodeSql,
  groupValueSql,
  inRangeSql,
  readChunk,
  selectGroups,
} from './groups';
import { mayAverage } from './held-layout';
import { type Checksum, checksums } from './checksums';
import { KeptRows } from './kept-rows';
import { type TrainingRows, categoryFeature, levelCounts, refuseTooMany } from './levels';
import type { RowRange } from './reading';
import { valueOf } from './settled';
import type { Split } from './split';

/** A column to learn from, before anything is known of the training rows. */
export interface ChosenFeature extends ReadColumn {
  /** Whether words such as None are levels of it. */
  readonly keepsWords?: boolean;
  /** Whether no row lacks a value. */
  readonly isComplete?: boolean;
  /** Of a category about how many levels the file has. */
  readonly levelsInFile?: number;
}

/** The features chosen and the target, before anything is known of the training rows. */
export interface Choice {
  readonly features: readonly ChosenFeature[];
  readonly target: ReadColumn & { readonly encoding: Target; readonly isComplete?: boolean };
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
    /** Whether all of them are one and the same number. */
    readonly isConstant: boolean;
    /** Whether both 0 and 1 are among them, and nothing else. */
    readonly isZeroOrOne: boolean;
    /** Whether they are whole numbers of 0 or more, 0 more than once among them and others than 0 and 1. */
    readonly isCounts: boolean;
    /** How many rows are of each class, where there are classes. */
    readonly counts: readonly number[];
  };
  /** Where only some of them are to be learned from here: which of the file's, and how many of the training rows these are. */
  readonly share: TrainingShare | undefined;
  /** The rows to be learned from here, where there was room to keep them. */
  readonly kept: KeptRows | undefined;
}

export interface TrainingShare {
  readonly range: RowRange;
  readonly rows: number;
}

/** What is known of the training rows before those to be learned from here are read. */
export interface SeenRows {
  readonly rows: number;
  readonly checksums: readonly Checksum[];
}

/** Those who have the same files before them and read a part of the rows each. */
export interface Sharing {
  /** The rows of the file that are to be learned from here. */
  readonly range: RowRange;
  /** Ends where they do not have the same rows before them. */
  readonly agree: (seen: SeenRows) => Promise<void>;
  /** What each gives, in an order that is the same for all; JSON takes it from one to the other. */
  readonly gather: <Value>(mine: Value) => Promise<Value[]>;
}

/**
 * Means, scales and levels over the rows that are trained on, each as much as it counts: those not held out, not dropped,
 * and of a weight above 0.
 *
 * @param sharing where others learn from other rows: each reads its own, and what these say is put together
 * @throws ThalwegError `ERR_COLUMN` for a category whose levels no memory holds as columns, `ERR_FILE` where no row is left.
 */
export async function statistics(source: Source, choice: Choice, sharing?: Sharing): Promise<Statistics> {
  const groups = featureGroups(choice.features);
  const sql = completeRows(source, choice, groups, false);
  const { weight, missing, maxLevels } = choice;
  const count = await rowCount(source, sql);
  if (count === 0) throw noRows(source, choice);
  const rows: TrainingRows = { sql, count, isWeighted: weight !== undefined };
  if (maxLevels === undefined) {
    // Of none is settled yet which level is for what is missing.
    const areCodes = !mayAverage(choice, missing === 'mode' || missing === 'median' ? { fill: '' } : {});
    refuseTooMany(source, choice.features, count, areCodes);
  }
  const levels = await levelCounts(source, groups, rows);
  const middles = await middlesOf(source, groups, rows, missing);
  const categoryOf = (
    { column, keepsWords = false }: ChosenFeature,
    index: number,
    counted: number,
  ): CategoryFeature => {
    const policy = { missing, maxLevels, keepsWords };
    const feature = categoryFeature(column.name, counted, levels.get(index) ?? [], policy);
    if (feature === undefined) throw noValues(source, column.name);
    return feature;
  };
  // The order of levels is known before what rows count together.
  const coded = choice.features.map((read, index) =>
    read.kind === 'category' ? categoryOf(read, index, 1) : undefined,
  );
  const share = sharing && (await agreedShare(source, choice, groups, count, sharing));
  const mine = await measured(source, groups, share === undefined ? rows : { ...rows, ...share }, {
    coded,
    classes: choice.target.encoding.levels?.length ?? 0,
  });
  const { kept } = mine;
  const { moments, target, counted } = sharing === undefined ? mine : await together(mine, sharing);
  const features = choice.features.map((read, index) => {
    const { column, kind } = read;
    if (kind === 'category') return categoryOf(read, index, counted);
    const moment = moments[index] as Moment;
    const feature = numericFeature({ ...read, kind }, counted, moment, missing, middles.get(index));
    if (feature === undefined) throw noValues(source, column.name);
    return feature;
  });
  return {
    ...{ rows: count, features, target: target.found(), kept },
    share: share && { range: share.range, rows: share.count },
  };
}

/**
 * The training rows that are to be learned from here, once all who share them have seen that they have the same before them.
 *
 * @param count of all training rows
 */
async function agreedShare(
  source: Source,
  choice: Choice,
  groups: readonly FeatureGroup[],
  count: number,
  { range, agree }: Sharing,
): Promise<{ range: RowRange; sql: string; count: number }> {
  const { target, weight } = choice;
  const numbered = completeRows(source, choice, groups, false, true);
  const others = [target.column, ...(weight === undefined ? [] : [weight.column])];
  const columns = [...groups.map((group) => group.columns), ...others.map((column) => [column])];
  const names = columns.map((each) => each.map(({ name }) => name));
  await agree({ rows: count, checksums: await checksums(source, numbered, names, weight !== undefined) });
  const some = `(SELECT * FROM ${numbered} WHERE ${inRangeSql(range)})`;
  return { range, sql: some, count: await rowCount(source, some) };
}

async function rowCount(source: Source, sql: string): Promise<number> {
  const [[count] = []] = await source.database.rows(`SELECT count(*)::DOUBLE FROM ${sql}`);
  return Number(count);
}

/** How many rows that are held out lack nothing, and weigh more than 0, whether or not training saw their levels. */
export async function heldOutRows(source: Source, choice: Choice): Promise<number> {
  return await rowCount(source, completeRows(source, choice, featureGroups(choice.features), true));
}

/** The rows of a part as a subquery of v0, v1, …, the values of the groups, y and w, how much each counts, and r, their numbers. */
function completeRows(
  source: Source,
  { features, target, weight, missing, split }: Choice,
  groups: readonly FeatureGroup[],
  held: boolean,
  numbered = false,
): string {
  const part = split === undefined ? undefined : { split, held };
  const values = groups.map((group, index) => `${groupValueSql(group)} AS v${index}`);
  const y = `${encodedTargetSql(target, target.encoding)} AS y`;
  const w =
    weight === undefined ? '1::DOUBLE AS w' : `${valueSql({ column: weight.column, kind: 'number' })} AS w`;
  const lacks = ({ indices }: FeatureGroup): boolean =>
    !fills(missing) && indices.some((index) => features[index]?.isComplete !== true);
  const needed = [
    ...(target.isComplete === true ? [] : ['y IS NOT NULL']),
    ...groups.flatMap((group, index) => (lacks(group) ? [completeSql(group, `v${index}`)] : [])),
    ...(weight === undefined ? [] : ['w > 0']),
  ];
  const all = selectGroups(source, {
    groups,
    others: [target.column, weight?.column],
    part,
    rowNumber: numbered,
  });
  return `(SELECT * FROM (SELECT ${[...values, y, w, ...(numbered ? ['r::DOUBLE AS r'] : [])].join(', ')} FROM ${all})${needed.length === 0 ? '' : ` WHERE ${needed.join(' AND ')}`})`;
}

/** What the values of rows say. */
interface Measured {
  /** Of each feature that is a number, by its index. */
  readonly moments: readonly (Moment | undefined)[];
  readonly target: TargetTally;
  /** What they count together. */
  readonly counted: number;
}

/** What is known before the rows are read. */
interface Known {
  /** The levels of features that are categories. */
  readonly coded: readonly (CategoryFeature | undefined)[];
  readonly classes: number;
}

/** Puts together what all who share the rows have measured of theirs. */
async function together({ moments, target, counted }: Measured, { gather }: Sharing): Promise<Measured> {
  const all = await gather({
    moments: moments.map((moment) => moment ?? null),
    target: target.tallied,
    counted,
  });
  const [first, ...others] = all as [(typeof all)[0], ...typeof all];
  const found = new TargetTally(target.classes);
  for (const each of all) found.join(each.target);
  return {
    moments: first.moments.map((moment, index) =>
      others.reduce<Moment | undefined>((before, each) => {
        const next = each.moments[index];
        return before && next ? joined(before, next) : undefined;
      }, moment ?? undefined),
    ),
    target: found,
    counted: all.reduce((sum, each) => sum + each.counted, 0),
  };
}

/** Reads rows once, and keeps them where there is room. */
async function measured(
  source: Source,
  groups: readonly FeatureGroup[],
  { sql, count, isWeighted }: TrainingRows,
  { coded, classes }: Known,
): Promise<Measured & { readonly kept: KeptRows | undefined }> {
  const features = coded.length;
  const others = isWeighted ? 2 : 1;
  const kept = KeptRows.of(count, features, isWeighted);
  const read = groups.map(alreadyRead).filter(({ kind }) => kept !== undefined || kind !== 'category');
  const codes = coded.map((category) => category ?? NO_LEVELS);
  const names = read.map((group) => groupCodeSql(group, codes, undefined));
  const numeric = [...coded.keys()].filter((index) => coded[index] === undefined);
  const moments = new Moments(numeric.length);
  const tally = new TargetTally(classes);
  let counted = 0;
  const selected = [...names, 'y', ...(isWeighted ? ['w'] : [])].join(', ');
  const columns = { groups: read, features, others };
  for await (const chunk of source.database.chunks(`SELECT ${selected} FROM ${sql}`)) {
    const values = readChunk(chunk, columns);
    const targets = values[features] as Float64Array;
    const rows = targets.length;
    tally.add(targets);
    const weights = isWeighted ? values[features + 1] : undefined;
    moments.addColumns(
      numeric.map((index) => values[index] as Float64Array),
      rows,
      weights,
    );
    kept?.add(values);
    counted += weights === undefined ? rows : weights.reduce((sum, weight) => sum + weight, 0);
  }
  const places = new Map(numeric.map((feature, at) => [feature, at]));
  const momentOf = (feature: number): Moment | undefined => {
    const place = places.get(feature);
    return place === undefined ? undefined : moments.moment(place);
  };
  return { moments: coded.map((_, feature) => momentOf(feature)), target: tally, counted, kept };
}

/** Of what is no category. */
const NO_LEVELS: Feature = { name: '', kind: 'number', mean: 0, scale: 1 };

/** A group of `completeRows`, whose values are read there. */
function alreadyRead(group: FeatureGroup, index: number): FeatureGroup {
  const alias = `v${index}`;
  const { read, type } = valueOf(group.kind);
  const columns = group.columns.map(({ name }) => ({ name, alias, type, read, sql: read(alias) }));
  return { ...group, alias, columns, words: undefined, marksUnread: undefined };
}

interface Tallied {
  readonly counts: readonly number[];
  readonly count: number;
  /** The least and the greatest, where there are any. */
  readonly range: readonly number[];
  readonly isWhole: boolean;
  readonly zeros: number;
  readonly ones: number;
}

/** What the targets of the training rows are. */
export class TargetTally {
  readonly #counts: number[];
  #count = 0;
  #least = Infinity;
  #greatest = -Infinity;
  #isWhole = true;
  #zeros = 0;
  #ones = 0;

  constructor(readonly classes: number) {
    this.#counts = new Array<number>(classes).fill(0);
  }

  /** For `join` of another, as JSON takes it there. */
  get tallied(): Tallied {
    return {
      counts: this.#counts,
      count: this.#count,
      range: this.#count === 0 ? [] : [this.#least, this.#greatest],
      isWhole: this.#isWhole,
      zeros: this.#zeros,
      ones: this.#ones,
    };
  }

  /** Takes in what another has tallied. */
  join({ counts, count, range, isWhole, zeros, ones }: Tallied): void {
    for (const [k, rows] of counts.entries()) this.#counts[k] = (this.#counts[k] ?? 0) + rows;
    this.#count += count;
    this.#least = Math.min(this.#least, ...range);
    this.#greatest = Math.max(this.#greatest, ...range);
    this.#isWhole &&= isWhole;
    this.#zeros += zeros;
    this.#ones += ones;
  }

  add(targets: Float64Array): void {
    // In variables: what an object holds of a number that changes is written anew for each.
    let [least, greatest, isWhole] = [this.#least, this.#greatest, this.#isWhole];
    let [zeros, ones] = [0, 0];
    for (let row = 0; row < targets.length; row += 1) {
      const target = targets[row] as number;
      least = Math.min(least, target);
      greatest = Math.max(greatest, target);
      isWhole &&= Number.isInteger(target);
      if (target === 0) zeros += 1;
      else if (target === 1) ones += 1;
    }
    if (this.classes > 0)
      for (const target of targets) this.#counts[target] = (this.#counts[target] ?? 0) + 1;
    [this.#least, this.#greatest, this.#isWhole] = [least, greatest, isWhole];
    this.#zeros += zeros;
    this.#ones += ones;
    this.#count += targets.length;
  }

  found(): Statistics['target'] {
    const isZeroOrOne = this.#zeros > 0 && this.#ones > 0 && this.#zeros + this.#ones === this.#count;
    const isConstant = this.#least === this.#greatest;
    const isCounts =
      this.#isWhole && this.#least === 0 && this.#zeros > 1 && this.#zeros + this.#ones < this.#count;
    return { least: this.#least, isConstant, isZeroOrOne, isCounts, counts: this.#counts };
  }
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
