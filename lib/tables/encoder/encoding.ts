import { literal } from '../files/sql';
import type { Kind, Profile } from '../columns/profile';
import type { SourceColumn } from '../files/source';

/** A number, a boolean (0 and 1) or a date (days since 1970-01-01 UTC): one column of X. */
export interface NumericFeature {
  readonly name: string;
  readonly kind: Exclude<Kind, 'category'>;
  /** Mean and standard deviation over the training rows; the scale of a constant column is 1. */
  readonly mean: number;
  readonly scale: number;
}

/** A category: a column of X for each level but the one left out, 1 where the row has that level. */
export interface CategoryFeature {
  readonly name: string;
  readonly kind: 'category';
  readonly levels: readonly string[];
  readonly leftOut: string;
  /** One for each of `levels`: how often it stands in the training rows, and its standard deviation. */
  readonly means: readonly number[];
  readonly scales: readonly number[];
}

export type Feature = NumericFeature | CategoryFeature;

/** What is learned: a number as it is, a date as days since 1970-01-01 UTC, or the number of a class from 0 on. */
export type Target =
  | { readonly name: string; readonly kind: 'number' | 'date'; readonly levels?: undefined }
  | { readonly name: string; readonly kind: 'number'; readonly levels: readonly number[] }
  | { readonly name: string; readonly kind: 'boolean' | 'category'; readonly levels: readonly string[] };

/** What a missing value does: the row is left out, the training mean takes its place, or it is an error. */
export type MissingPolicy = 'drop' | 'mean' | 'error';

/** How the columns of a table become rows of X and targets y; training settles it once. */
export interface Encoder {
  readonly features: readonly Feature[];
  readonly target: Target;
  readonly missing: MissingPolicy;
}

/** The names of the columns of X that a feature becomes: `distance`, or `carrier=AA`, `carrier=DL`, … */
export function columnNames(feature: Feature): string[] {
  return feature.kind === 'category'
    ? feature.levels.map((level) => `${feature.name}=${level}`)
    : [feature.name];
}

/** How many columns of X the features become. */
export function width(features: readonly Feature[]): number {
  return features.reduce(
    (sum, feature) => sum + (feature.kind === 'category' ? feature.levels.length : 1),
    0,
  );
}

/** Means and scales of the columns of X, in their order. */
export function scaling(features: readonly Feature[]): { means: Float64Array; scales: Float64Array } {
  const means = features.flatMap((feature) => (feature.kind === 'category' ? feature.means : [feature.mean]));
  const scales = features.flatMap((feature) =>
    feature.kind === 'category' ? feature.scales : [feature.scale],
  );
  return { means: Float64Array.from(means), scales: Float64Array.from(scales) };
}

/** A column's value of one kind, NULL where it is missing: a DOUBLE, or the text of a category. */
export function valueSql({ sql }: SourceColumn, kind: Kind): string {
  const values = { number: sql.number, boolean: sql.boolean, date: sql.date, category: sql.text };
  const value = values[kind] ?? 'NULL';
  return kind === 'boolean' ? `CAST(${value} AS DOUBLE)` : value;
}

/** A target's value as one DOUBLE, NULL where it is missing. */
export function encodedTargetSql(column: SourceColumn, target: Target): string {
  const value = valueSql(column, target.kind);
  if (target.kind === 'boolean' || target.levels === undefined) return value;
  return codeSql(target.kind === 'number' ? integerSql(value) : value, target.levels.map(String));
}

/** A whole number as text. */
function integerSql(value: string): string {
  return `TRY_CAST(TRY_CAST(${value} AS BIGINT) AS VARCHAR)`;
}

/** The place of a text among levels, from 0 on, as DOUBLE; NULL where it is none of them. */
export function codeSql(value: string, levels: readonly string[]): string {
  return `CAST(enum_code(TRY_CAST(${value} AS ENUM(${levels.map(literal).join(', ')}))) AS DOUBLE)`;
}

/** The kind of a profiled column that is known to have values. */
export function knownKind({ kind }: Profile): Kind {
  return kind ?? 'number';
}
