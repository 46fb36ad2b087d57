import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { kindOf } from '../../base/file-kind';
import { ThalwegError } from '../../base/errors';
import type { ColumnSql } from './column-sql';
import { Database } from './database';
import { openDelimited } from './csv';
import { openJsonLines } from './json-lines';
import { openParquet } from './parquet';

/** A column of a data file: its name there, its name in queries, and how its values read. */
export interface SourceColumn {
  readonly name: string;
  readonly alias: string;
  readonly sql: ColumnSql;
  /** Columns of one type have values that read alike: what `sql` says holds for any of them. */
  readonly type: string;
  /** `sql` of a value that has another name than `alias`. */
  readonly read: (alias: string) => ColumnSql;
}

/** Columns of one type as one list, in their order. */
export interface ColumnList {
  readonly alias: string;
  readonly columns: readonly SourceColumn[];
}

/** What is selected besides columns. */
export interface SelectOptions {
  /** `r`, the number of the row from 1 on. */
  readonly rowNumber?: boolean;
  readonly lists?: readonly ColumnList[];
}

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
}

/** An open data file: what can be selected from it. */
export interface Source extends Opened {
  readonly path: string;
  readonly name: string;
  readonly database: Database;
  readonly columnsNamed: ReadonlyMap<string, readonly SourceColumn[]>;
}

/** Reads a file of `bytes`. */
type Reader = (database: Database, bytes: number) => Promise<Opened>;

const readers: Record<string, Reader> = {
  '.csv': (database, bytes) => openDelimited(database, bytes, [',', ';', '\t', '|']),
  '.tsv': (database, bytes) => openDelimited(database, bytes, ['\t']),
  '.jsonl': openJsonLines,
  '.ndjson': openJsonLines,
  '.parquet': openParquet,
};

/**
 * Opens a CSV, TSV, JSON lines or Parquet file; what it is, its ending says.
 *
 * @throws ThalwegError `ERR_FILE`: missing, empty, of another format, or unreadable, with the line where one is to blame.
 */
export async function openSource(file: string, signal?: AbortSignal): Promise<Source> {
  const path = resolve(file);
  const name = basename(path);
  const bytes = await sizeOf(path, file);
  const ending = Object.keys(readers).find((known) => path.toLowerCase().endsWith(known));
  const reader = ending === undefined ? undefined : readers[ending];
  if (reader === undefined) {
    throw new ThalwegError(
      'ERR_FILE',
      `${name} is of no known format. Give a file that ends in ${Object.keys(readers).join(', ')}.`,
      { path },
    );
  }
  const database = await Database.open(path, signal);
  try {
    const opened = await reader(database, bytes);
    const { columns } = opened;
    return {
      ...{ path, name, database, columns, columnsNamed: byName(columns) },
      select: (selected, options) => opened.select(selected, options),
      takeAsText: (taken) => opened.takeAsText(taken),
      takeAsMissing: (taken, words) => opened.takeAsMissing(taken, words),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function byName(columns: readonly SourceColumn[]): Map<string, SourceColumn[]> {
  const named = new Map<string, SourceColumn[]>();
  for (const column of columns) {
    const alike = named.get(column.name);
    if (alike === undefined) named.set(column.name, [column]);
    else alike.push(column);
  }
  return named;
}

/** Of a file that can be read, in bytes. */
async function sizeOf(path: string, given: string): Promise<number> {
  const found = await stat(path).catch((cause: unknown) => {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const what = missing ? 'There is no file' : `Cannot read (${(cause as Error).message})`;
    throw new ThalwegError('ERR_FILE', `${what} ${given}. Check the path.`, { path, cause });
  });
  if (!found.isFile()) {
    throw new ThalwegError(
      'ERR_FILE',
      `${given} is not a file but ${kindOf(found)}. Give the path of a data file.`,
      { path },
    );
  }
  if (found.size === 0) {
    throw new ThalwegError(
      'ERR_FILE',
      `${given} is empty. Give a file with a row of column names and rows of data.`,
      { path },
    );
  }
  return found.size;
}
