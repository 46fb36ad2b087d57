import type { Codes } from '../../rows/row-source';
import type { ReadColumn } from '../columns/read-column';
import type { SourceColumn } from '../files/source';
import type { Carried } from './carried';
import type { Encoder, Feature, MissingPolicy, Target } from './encoding';
import type { Split } from './split';

/** Rows of the file that follow each other: those with the numbers `after` + 1 to `upTo`. */
export interface RowRange {
  readonly after: number;
  readonly upTo: number;
}

/** What to read, and how its rows become rows of X. */
export interface Reading {
  readonly features: readonly (ReadColumn & { readonly encoding: Feature })[];
  readonly target?: ReadColumn & { readonly encoding: Target };
  /** How much each row counts; rows that count 0 are left out. Undefined: 1. */
  readonly weight?: SourceColumn;
  readonly missing: MissingPolicy;
  /** What a level that training did not see does. */
  readonly unknown?: Encoder['unknown'];
  /** Only the rows held out, or only those that are not. */
  readonly part?: { readonly split: Split; readonly held: boolean };
  /** Only these rows of the file. */
  readonly range?: RowRange | undefined;
  /** What is read beside all rows of the file. */
  readonly carried?: Carried | undefined;
}

/** Some rows of the file in their order: X has `rows` of them, `used` says which of the rows read they are. */
export interface Block {
  readonly X: Float64Array;
  /** The codes of each category, where they are held as such; X has the other columns then. */
  readonly codes?: readonly Codes[];
  readonly y: Float64Array;
  /** How much each row of X counts, where a column says so. */
  readonly weights?: Float64Array;
  readonly rows: number;
  /** One for each row read: 1 where it is in X, 0 where it was left out because a value is missing. */
  readonly used: Uint8Array;
  /** The texts carried of each row read. */
  readonly carried?: readonly (readonly (string | null)[])[];
  /** Of each feature in how many of the rows left out it lacks a value. */
  readonly lacking: Uint32Array;
}
