import type { ColumnSql } from './column-sql';
import type { Database } from './database';
import type { Note } from './source-options';

/** A column of a data file: its name there, its name in queries, and how its values read. */
export interface SourceColumn {
  readonly name: string;
  /** False where the file has no name for it. */
  readonly isNamed?: boolean;
  readonly alias: string;
  readonly sql: ColumnSql;
  /** Columns of one type have values that read alike: what `sql` says holds for any of them. */
  readonly type: string;
  /** `sql` of a value that has another name than `alias`. */
  readonly read: (alias: string) => ColumnSql;
}

/** How the values of a column are read . */
export interface ReadAs {
  /** Columns of one type read alike. */
  readonly type: string;
  /** What DuckDB reads it as. */
  readonly sqlType: string;
  readonly read: (alias: string) => ColumnSql;
}

/** Columns of one type as one list, in their order. */
export interface ColumnList {
  readonly alias: string;
  readonly columns: readonly SourceColumn[];
}

/** Values of a column that are computed once, and how they are read from then on. */
export interface Derived {
  readonly column: SourceColumn;
  /** Speaks of the column's alias. */
  readonly sql: string;
  readonly as: ReadAs;
}

/** What is selected besides columns. */
export interface SelectOptions {
  /** `r`, the number of the row from 1 on. */
  readonly rowNumber?: boolean;
  readonly lists?: readonly ColumnList[];
}

/** What a file says of a column's values without their being read. */
export interface Range {
  readonly rows: number;
  /** How many are not missing. */
  readonly present: number;
  /** As a number, or as days; NaN where none is there. */
  readonly least: number;
  readonly greatest: number;
}

/** What files say of columns, of those alone of which they say all. */
export type Ranges = (columns: readonly SourceColumn[]) => Promise<ReadonlyMap<SourceColumn, Range>>;

/** What a reader of a format gives: what can be selected from the data. */
export interface Opened {
  readonly columns: readonly SourceColumn[];
  /**
   * A subquery with the aliases of `columns`, and what the options ask for. DuckDB's planning grows with the square of
   * the expressions in a query: hundreds of columns are better had as lists.
   */
  select(columns: readonly SourceColumn[], options?: SelectOptions): string;
  /** Reads the columns as the text that stands in the file, also where it is numbers; their `type` and `sql` change with it. */
  takeAsText(columns: readonly SourceColumn[]): Promise<void>;
  /**
   * Reads the columns as text in which each of `words` is missing where it stands without quotes; their `type` and `sql`
   * change with it. Nothing is done where the format has no quotes.
   */
  takeAsMissing(columns: readonly SourceColumn[], words: readonly string[]): Promise<void>;
  /**
   * Computes values of all `rows` once, as columns of their own; undefined where there is no room for them, or where they
   * are better read as lists.
   */
  derive(values: readonly Derived[], rows: number): Promise<readonly SourceColumn[] | undefined>;
}

/** An open data file, or several: what can be selected from them. */
export interface Source extends Opened {
  /** Of the first. */
  readonly path: string;
  /** What it is called to people. */
  readonly name: string;
  /** What was guessed or left out. */
  readonly notes: readonly Note[];
  readonly database: Database;
  readonly columnsNamed: ReadonlyMap<string, readonly SourceColumn[]>;
  /** Undefined where the format has none. */
  readonly ranges?: Ranges | undefined;
  /** Where the line taken for that of the names may be none: what to do. */
  readonly aboutNames?: string | undefined;
}

/** What a reader of a format gives. */
export interface Opening {
  readonly opened: Opened;
  readonly notes: readonly Note[];
  readonly ranges?: Ranges;
  readonly aboutNames?: string | undefined;
}
