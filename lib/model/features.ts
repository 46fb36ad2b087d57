import type { Form } from '../tables/columns/form';

/** Mean and standard deviation of a column of X over the training rows; the scale of a constant column is 1. */
export interface Scale {
  readonly mean: number;
  readonly scale: number;
}

/** A number, a boolean (0 and 1) or a date (days since 1970-01-01 UTC): one column of X. */
export interface NumericFeature extends Scale {
  readonly name: string;
  readonly kind: 'number' | 'boolean' | 'date';
  /** How its texts read, where not plainly. */
  readonly form?: Form | undefined;
  /** What takes the place of a missing value; left out: `mean`, where anything does. */
  readonly fill?: number | undefined;
  /** Of a second column of X, which is 1 where the value is missing and 0 elsewhere. */
  readonly indicator?: Scale | undefined;
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
  /** The level that a missing value is taken for; left out: `means` take the place of its columns, where anything does. */
  readonly fill?: string | undefined;
  /** The level that stands for all that are rare, and for those that training did not see. */
  readonly other?: string | undefined;
  /** Whether words such as None are levels of it rather than missing. */
  readonly keepsWords?: true | undefined;
}

export type Feature = NumericFeature | CategoryFeature;

/** Of a model: of more its file would be larger than what is read. */
export const MOST_FEATURES = 2 ** 21;

/** What is learned: a number as it is, a date as days since 1970-01-01 UTC, or the number of a class from 0 on. */
export type Target =
  | {
      readonly name: string;
      readonly kind: 'number' | 'date';
      readonly levels?: undefined;
      readonly form?: Form | undefined;
    }
  | {
      readonly name: string;
      readonly kind: 'number';
      readonly levels: readonly number[];
      readonly form?: Form | undefined;
    }
  | { readonly name: string; readonly kind: 'boolean' | 'category'; readonly levels: readonly string[] };

export const missingPolicies = ['drop', 'mean', 'median', 'mode', 'indicator', 'error'] as const;

/**
 * What a missing value of a feature does: the row is left out; the mean, the median or the commonest value of the training
 * rows takes its place, or the mean and a column of X beside it that says so; or it is an error.
 */
export type MissingPolicy = (typeof missingPolicies)[number];

/** Whether something takes the place of a missing value. */
export function fills(policy: MissingPolicy): boolean {
  return policy !== 'drop' && policy !== 'error';
}

/** How the columns of a table become rows of X and targets y; training settles it once. */
export interface Encoder {
  readonly features: readonly Feature[];
  readonly target: Target;
  readonly missing: MissingPolicy;
  /**
   * What a level that training did not see does where no level stands for it: `other` takes it for the average of the levels; left
   * out: it counts as missing.
   */
  readonly unknown?: 'error' | 'other' | undefined;
  /** The words that stand for a missing value where they are not in quotes; left out: the usual ones. */
  readonly nulls?: readonly string[] | undefined;
}

/** What a level that training did not see is: the name of a level that stands for it, or what the encoder says of all. */
export function unknownLevel(
  { other }: CategoryFeature,
  unknown: Encoder['unknown'],
): { readonly level: string } | 'average' | 'error' | 'missing' {
  if (other !== undefined) return { level: other };
  return unknown === 'other' ? 'average' : (unknown ?? 'missing');
}

/** The names of the columns of X that a feature becomes: `distance`, or `carrier=AA`, `carrier=DL`, … */
export function columnNames(feature: Feature): string[] {
  const { name } = feature;
  if (feature.kind === 'category') return feature.levels.map((level) => `${name}=${level}`);
  return feature.indicator === undefined ? [name] : [name, `${name}=${MISSING_LEVEL}`];
}

/** The level of what is missing. */
export const MISSING_LEVEL = '(missing)';

/** How many columns of X the features become. */
export function width(features: readonly Feature[]): number {
  return features.reduce((sum, feature) => sum + columnsOf(feature), 0);
}

function columnsOf(feature: Feature): number {
  if (feature.kind === 'category') return feature.levels.length;
  return feature.indicator === undefined ? 1 : 2;
}

/** Means and scales of the columns of X, in their order. */
export function scaling(features: readonly Feature[]): { means: Float64Array; scales: Float64Array } {
  const means = features.flatMap((feature) =>
    feature.kind === 'category' ? feature.means : scalesOf(feature).map(({ mean }) => mean),
  );
  const scales = features.flatMap((feature) =>
    feature.kind === 'category' ? feature.scales : scalesOf(feature).map(({ scale }) => scale),
  );
  return { means: Float64Array.from(means), scales: Float64Array.from(scales) };
}

function scalesOf(feature: NumericFeature): Scale[] {
  return feature.indicator === undefined ? [feature] : [feature, feature.indicator];
}
