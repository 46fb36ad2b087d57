import type { Note } from './files/source-options';

export type { Note } from './files/source-options';

/** A note of one column, which may be told together with others of its code. */
export interface ColumnNote extends Note {
  readonly column: string;
  /** What stands behind the column's name where several are told in one line. */
  readonly short: string;
  /** What can be done otherwise, behind the line. */
  readonly instead?: string | undefined;
}
