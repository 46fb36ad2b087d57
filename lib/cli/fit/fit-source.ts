import type { Dtype } from '../../base/data-types';
import type { Device } from '../../devices/device';
import type { Evaluation } from '../../metrics/evaluation';
import type { Learned } from '../../model/learned';
import type { lossTable } from '../../objective/tables';
import type { RowSource } from '../../rows/row-source';
import type { Chosen } from '../../tables/encoder/choice';
import type { Target } from '../../tables/encoder/encoding';
import type { Statistics } from '../../tables/encoder/statistics';
import type { Source } from '../../tables/files/source';
import type { Progress } from '../terminal/progress';
import type { ScoredTable } from './score-table';

/** What is settled of data before anything is learned, as far as who tells of a fit has to know. */
export interface FitChoice extends Pick<
  Chosen,
  'missing' | 'unknown' | 'nulls' | 'fileRows' | 'lacking' | 'withoutTarget' | 'leftOut' | 'notes' | 'split'
> {
  readonly target: { readonly column: { readonly name: string }; readonly encoding: Target };
  readonly weight?: { readonly column: { readonly name: string }; readonly zeros: number };
}

/** What the rows that are learned from say. */
export type FitStatistics = Pick<Statistics, 'rows' | 'features' | 'target'>;

/** Which targets a loss takes. */
export type LabelRule = (typeof lossTable)[keyof typeof lossTable]['labels'];

/** X, and beside it targets and how much each row counts. */
export interface FitRows extends RowSource {
  readonly y: RowSource;
  readonly weights: RowSource | undefined;
}

/** How rows are read. */
export interface RowsAsked {
  /** Whether columns are to be measured anew, since rows count otherwise than was known. */
  readonly unscaled?: boolean;
  /** Told how many rows of the file were read so far. */
  readonly onRows?: (read: number) => void;
  /** Told that all were. */
  readonly onEnd?: () => void;
}

/** Data that a fit learns from, whatever they are. */
export interface FitSource extends Pick<Source, 'path' | 'name' | 'notes'> {
  /** Of X as it is held, in float64. */
  readonly bytes: number;
  /** Whether all of X is compressed rows. */
  readonly isCompressed: boolean;
  /** Rows that are learned from. @param dtype what they are computed in */
  rows(dtype: Dtype, asked: RowsAsked): FitRows;
  /** The first target that breaks a rule, and its row from 1 on; undefined where none does. */
  firstBroken(rule: LabelRule): Promise<{ readonly row: number; readonly value: string } | undefined>;
  /** Adds the score on the rows that are held out to `found`. */
  scoreHeldOut(learned: Learned, device: Device, bar: Progress, found: Evaluation): Promise<ScoredTable>;
  /** How many rows are held out, of those that lack nothing. */
  heldOut(): Promise<number>;
}
