/** What a cell of SQLite holds: an integer beyond 2⁵³ is a bigint, bytes are `true`. */
export type SqliteCell = number | bigint | string | true | null;

/** What kinds of values stand in a column, which in SQLite each cell has by itself. */
export interface Kinds {
  /** Whole numbers up to 2⁵³, stored as whole or not: SQLite takes 1 and 1.0 for the same. */
  whole: boolean;
  /** Those beyond. */
  large: boolean;
  real: boolean;
  text: boolean;
  bytes: boolean;
}

/** Some rows, column by column. */
export interface Batch {
  readonly columns: readonly { readonly cells: readonly SqliteCell[]; readonly kinds: Kinds }[];
}

/** What the worker is started with. */
export interface Asked {
  readonly path: string;
  readonly sql: string;
}

/** What the worker says: first the names, then on each message a batch, at last that it is done. */
export type Said =
  | { readonly names: readonly string[] }
  | { readonly batch: Batch }
  | { readonly done: true }
  | { readonly failed: string; readonly why: 'not installed' | 'changing' | 'no select' | 'unreadable' };
