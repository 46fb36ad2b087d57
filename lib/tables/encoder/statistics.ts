import { ThalwegError } from '../../base/errors';
import type { Cell } from '../files/database';
import {
  type Feature,
  type MissingPolicy,
  type NumericFeature,
  type Target,
  encodedTargetSql,
  valueSql,
} from './encoding';
import type { Kind } from '../columns/profile';
import type { Source, SourceColumn } from '../files/source';
import { type Split, withSplit } from './split';

export const MAX_LEVELS = 100;

/** The features chosen and the target, before anything is known of the training rows. */
export interface Choice {
  readonly features: readonly { readonly column: SourceColumn; readonly kind: Kind }[];
  readonly target: { readonly column: SourceColumn; readonly encoding: Target };
  readonly missing: MissingPolicy;
  readonly split?: Split;
}

/** What the training rows say. */
export interface Statistics {
  readonly rows: number;
  readonly features: readonly Feature[];
  readonly target: { readonly least: number; readonly onlyZeroAndOne: boolean };
}

/**
 * Means, scales and levels over the rows that are trained on: those not held out and not dropped.
 *
 * @throws ThalwegError `ERR_COLUMN` for a category of more than 100 levels, `ERR_FILE` where no row is left.
 */
export async function statistics(source: Source, choice: Choice): Promise<Statistics> {
  const rows = trainingRows(source, choice);
  const summaries = choice.features.map(({ kind }, index) => summarySql(`v${index}`, kind));
  const [cells = []] = await source.database.rows(
    `SELECT ${['count(*)::DOUBLE', 'min(y)', 'bool_and(y IN (0, 1))::DOUBLE', ...summaries].join(', ')} FROM ${rows}`,
  );
  const [count, least, onlyZeroAndOne] = cells.slice(0, 3).map(Number) as [number, number, number];
  if (count === 0) throw noRows(source, choice);
  const features: Feature[] = [];
  for (const [index, { column, kind }] of choice.features.entries()) {
    const summary = cells.slice(3 + index * SUMMARY, 3 + (index + 1) * SUMMARY);
    features.push(
      kind === 'category'
        ? await categoryFeature(source, rows, `v${index}`, column, count, Number(summary[0]))
        : numericFeature(source, column, kind, count, summary),
    );
  }
  return { rows: count, features, target: { least, onlyZeroAndOne: onlyZeroAndOne === 1 } };
}

/** The training rows as a subquery of v0, v1, …, the feature values, and y. */
function trainingRows(source: Source, { features, target, missing, split }: Choice): string {
  const columns = [...new Set([...features.map(({ column }) => column), target.column])];
  const all = source.select(columns, { rowNumber: split !== undefined });
  const values = features.map(({ column, kind }, index) => `${valueSql(column, kind)} AS v${index}`);
  const y = `${encodedTargetSql(target.column, target.encoding)} AS y`;
  const training = split === undefined ? all : `(SELECT * FROM ${withSplit(all, split)} WHERE NOT held)`;
  const needed = missing === 'mean' ? ['y'] : ['y', ...features.map((_, index) => `v${index}`)];
  const whole = needed.map((name) => `${name} IS NOT NULL`).join(' AND ');
  return `(SELECT * FROM (SELECT ${[...values, y].join(', ')} FROM ${training}) WHERE ${whole})`;
}

const SUMMARY = 5;

function summarySql(value: string, kind: Kind): string {
  if (kind === 'category') {
    return `approx_count_distinct(${value})::DOUBLE, NULL, NULL, NULL, NULL`;
  }
  return `favg(${value}), stddev_pop(${value}), min(${value}), max(${value}), count(${value})::DOUBLE`;
}

function numericFeature(
  source: Source,
  column: SourceColumn,
  kind: NumericFeature['kind'],
  rows: number,
  summary: readonly Cell[],
): NumericFeature {
  const [mean, deviation, least, greatest, present] = summary.map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const { name } = column;
  if (present === 0) {
    throw noValues(source, name);
  }
  // What rounding leaves of a column that hardly changes is no scale.
  if (least === greatest || deviation <= 1e-12 * Math.abs(mean)) return { name, kind, mean: least, scale: 1 };
  // Where the mean takes the place of missing values, these add rows but no deviation.
  const scale = deviation * Math.sqrt(present / rows);
  return { name, kind, mean: settle(mean, scale), scale: settle(scale, scale) };
}

/** DuckDB adds in parallel, in no fixed order. Rounding to twelve digits of the scale gives every run the same bits. */
function settle(value: number, scale: number): number {
  const decimals = 11 - Math.floor(Math.log10(scale));
  return Number(decimals >= 0 && decimals <= 100 ? value.toFixed(decimals) : value.toPrecision(12));
}

async function categoryFeature(
  source: Source,
  rows: string,
  value: string,
  column: SourceColumn,
  count: number,
  about: number,
): Promise<Feature> {
  const { name } = column;
  if (about > 2 * MAX_LEVELS) {
    const [exact = []] = await source.database.rows(`SELECT count(DISTINCT ${value})::DOUBLE FROM ${rows}`);
    throw tooManyLevels(source, name, Number(exact[0]));
  }
  const counts = await source.database.rows(
    `SELECT ${value}, count(*)::DOUBLE FROM ${rows} WHERE ${value} IS NOT NULL GROUP BY ${value}`,
  );
  if (counts.length > MAX_LEVELS) {
    throw tooManyLevels(source, name, counts.length);
  }
  const levels = counts
    .map(([level, found]) => ({ level: String(level), count: Number(found) }))
    .sort(byName);
  const most = levels.reduce(
    (best, candidate) => (candidate.count > best.count ? candidate : best),
    levels[0] ?? { level: '', count: 0 },
  );
  if (most.count === 0) {
    throw noValues(source, name);
  }
  const present = levels.reduce((sum, level) => sum + level.count, 0);
  const kept = levels.filter((level) => level !== most);
  const means = kept.map((level) => level.count / present);
  return {
    name,
    kind: 'category',
    levels: kept.map(({ level }) => level),
    leftOut: most.level,
    means,
    scales: means.map((mean) => Math.sqrt((mean * (1 - mean) * present) / count)),
  };
}

const byName = (a: { level: string }, b: { level: string }): number => (a.level < b.level ? -1 : 1);

function noRows(source: Source, { split }: Choice): ThalwegError {
  const [why, instead] =
    split === undefined
      ? ['lacks a value', 'Leave sparse columns out with --features, or use --missing mean.']
      : [
          'lacks a value or is held out',
          'Use a smaller --holdout, or leave sparse columns out with --features.',
        ];
  return new ThalwegError(
    'ERR_FILE',
    `${source.name}: every row ${why}, so that none is left to train on. ${instead}`,
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
