import { open, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { kindOf } from '../../base/file-kind';
import { ThalwegError } from '../../base/errors';
import { type ColumnSql, MISSING_SPELLINGS, json, typed, untyped } from './column-sql';
import { Database } from './database';
import { firstRecord, likeliestDelimiter } from './delimited';
import { fileLiteral, identifier, literal } from './sql';

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

/** An open data file: what can be selected from it. */
export interface Source {
  readonly path: string;
  readonly name: string;
  readonly database: Database;
  readonly columns: readonly SourceColumn[];
  readonly columnsNamed: ReadonlyMap<string, readonly SourceColumn[]>;
  /**
   * A subquery with the aliases of `columns`, and what the options ask for. DuckDB's planning grows with the square of
   * the expressions in a query: hundreds of columns are better had as lists.
   */
  select(columns: readonly SourceColumn[], options?: SelectOptions): string;
}

type Opened = Pick<Source, 'columns' | 'select'>;
type Reader = (database: Database) => Promise<Opened>;

const readers: Record<string, Reader> = {
  '.csv': (database) => openDelimited(database, [',', ';', '\t', '|']),
  '.tsv': (database) => openDelimited(database, ['\t']),
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
  await requireFile(path, file);
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
    const { columns, select } = await reader(database);
    return { path, name, database, columns, columnsNamed: byName(columns), select };
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

async function requireFile(path: string, given: string): Promise<void> {
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
}

/** DuckDB makes a column of each folder on the way that is named like `year=2020`. */
const noPartitions = 'hive_partitioning = false';

async function openDelimited(database: Database, delimiters: readonly string[]): Promise<Opened> {
  const head = await readHead(database.path);
  const delimiter = likeliestDelimiter(head, delimiters);
  const names = headerNames(database.path, head, delimiter);
  const columns = names.map((name, index) => columnOf(name, index, 'text', untyped));
  const types = columns.map(({ alias }) => `'${alias}': 'VARCHAR'`).join(', ');
  const table =
    `read_csv(${fileLiteral(database.path)}, ${noPartitions}, auto_detect = false, header = true, delim = ${literal(delimiter)}, ` +
    `quote = '"', escape = '"', strict_mode = true, null_padding = false, nullstr = [${MISSING_SPELLINGS.map(literal).join(', ')}], columns = {${types}})`;
  return { columns, select: selectFrom(table, ({ alias }) => alias) };
}

const HEAD_BYTES = 1 << 20;

async function readHead(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(HEAD_BYTES) });
    const bytes = buffer.subarray(0, bytesRead);
    if (bytes.includes(0)) {
      throw new ThalwegError('ERR_FILE', `${basename(path)} is not UTF-8 text. Save it as CSV in UTF-8.`, {
        path,
      });
    }
    return bytes.toString('utf8').replace(/^\ufeff/, '');
  } finally {
    await file.close();
  }
}

/** The names in the first line; DuckDB's own detection would skip lines until the rest looks regular. */
function headerNames(path: string, head: string, delimiter: string): string[] {
  const { fields, complete } = firstRecord(head, delimiter);
  if (!complete && head.length >= HEAD_BYTES) {
    throw new ThalwegError(
      'ERR_FILE',
      `${basename(path)}, line 1: no end within ${HEAD_BYTES} characters. The first line must hold the column names.`,
      { path },
    );
  }
  const broken = fields.find((field) => /[\r\n]/.test(field));
  if (broken !== undefined) {
    throw new ThalwegError(
      'ERR_FILE',
      `${basename(path)}, line 1: a line break in the column name ${JSON.stringify(broken.slice(0, 80))}. Remove it.`,
      { path },
    );
  }
  // R and pandas write their row numbers under an empty name.
  return fields.map((field, index) => field.trim() || `column${index + 1}`);
}

async function openJsonLines(database: Database): Promise<Opened> {
  const path = fileLiteral(database.path);
  const described = await database.rows(
    `DESCRIBE SELECT * FROM read_json(${path}, ${noPartitions}, format = 'newline_delimited', records = true, sample_size = -1, maximum_depth = 1)`,
  );
  const columns = described.map(([name], index) => columnOf(String(name), index, 'json', json));
  const select: Source['select'] = (selected, options) => {
    const read = [...selected, ...(options?.lists ?? []).flatMap((list) => list.columns)];
    const types = read.map(({ name }) => `${literal(name)}: 'JSON'`).join(', ');
    const table = `read_json(${path}, ${noPartitions}, format = 'newline_delimited', records = true, columns = {${types}})`;
    return selectFrom(table, ({ name }) => identifier(name))(selected, options);
  };
  return { columns, select };
}

async function openParquet(database: Database): Promise<Opened> {
  const table = `read_parquet(${fileLiteral(database.path)}, ${noPartitions})`;
  const described = await database.rows(`DESCRIBE SELECT * FROM ${table}`);
  const columns = described.map(([name, type], index) =>
    columnOf(String(name), index, String(type), (alias) => typed(alias, String(type))),
  );
  return { columns, select: selectFrom(table, ({ name }) => identifier(name)) };
}

function columnOf(name: string, index: number, type: string, read: SourceColumn['read']): SourceColumn {
  const alias = `c${index}`;
  return { name, alias, type, read, sql: read(alias) };
}

function selectFrom(table: string, expression: (column: SourceColumn) => string): Source['select'] {
  return (columns, { rowNumber = false, lists = [] } = {}) => {
    const all = [
      ...columns.map((column) => `${expression(column)} AS ${column.alias}`),
      ...lists.map((list) => `list_value(${list.columns.map(expression).join(', ')}) AS ${list.alias}`),
      ...(rowNumber ? ['row_number() OVER () AS r'] : []),
    ];
    return `(SELECT ${all.join(', ')} FROM ${table})`;
  };
}
