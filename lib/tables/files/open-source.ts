import { open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { ThalwegError } from '../../base/errors';
import { openArrow } from './arrow';
import { Copies } from './copies';
import { delimited, openDelimited } from './csv';
import { Database } from './database';
import type { ReadFile } from './file-error';
import { type Input, inputsOf, sizeOf, twiceNotes } from './inputs';
import { openJson } from './json';
import { openParquet } from './parquet';
import { openQuery } from './query';
import { openSqlite } from './sqlite/open-sqlite';
import type { Opening, Source, SourceColumn } from './source';
import type { SourceOptions } from './source-options';
import { type Corrections, OTHER_ENCODING, type TextInput, textInput } from './text';

/** Who follows how data are opened. */
export interface Watch {
  readonly signal?: AbortSignal | undefined;
  /** Told now and then how much is loaded, in percent. */
  readonly onProgress?: (percent: number) => void;
}

/**
 * Opens data: files that end in .csv, .tsv, .json, .jsonl, .ndjson, .parquet, .arrow, .arrows, .feather or .ipc, compressed or not, globs of them, standard
 * input, or what a query says of a database. `database.close()` removes copies that were made.
 *
 * @throws ThalwegError `ERR_FILE`: missing, empty, of another format, or unreadable, with the line where one is to blame.
 */
export async function openSource(
  data: string | readonly string[],
  options: SourceOptions = {},
  { signal, onProgress }: Watch = {},
): Promise<Source> {
  const copies = new Copies();
  try {
    if (options.sql !== undefined || options.database !== undefined)
      return await openDatabase([data].flat(), options, signal);
    const inputs = await inputsOf([data].flat(), options, copies, signal);
    refuseSvmlight(inputs);
    return await openFiles({ inputs, options, corrections: {}, copies, signal, onProgress });
  } catch (error) {
    copies.discard();
    throw error;
  }
}

/** They are no tables: lib/tables/svmlight reads them. */
function refuseSvmlight([first]: readonly Input[]): void {
  if (first?.format !== 'svmlight') return;
  throw new ThalwegError(
    'ERR_FILE',
    `${first.name} is an SVMlight file, which has no columns; the command line reads such files, and nothing else here does.`,
    { path: first.path },
  );
}

/** Files to open, and how. */
interface Files {
  readonly inputs: readonly Input[];
  readonly options: SourceOptions;
  readonly corrections: Corrections;
  readonly copies: Copies;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: Watch['onProgress'];
}

/** Again, with what reading has shown, where it has shown something. */
async function openFiles(files: Files): Promise<Source> {
  const { options, corrections } = files;
  try {
    return await openOnce(files);
  } catch (error) {
    const said = (error as { cause?: { message?: string } }).cause?.message ?? '';
    const correct = (more: Corrections): Promise<Source> =>
      openFiles({ ...files, corrections: { ...corrections, ...more } });
    if (said.includes('not utf-8 encoded') && (corrections.encoding ?? options.encoding) === undefined)
      return await correct({ encoding: OTHER_ENCODING });
    if (said.includes('state machine reached an invalid state') && corrections.lineEnds === undefined)
      return await correct({ lineEnds: true });
    throw error;
  }
}

async function openOnce(files: Files): Promise<Source> {
  const { inputs, copies, signal, onProgress } = files;
  const { read, open } = await reader(files);
  const database = await Database.open({ files: read, onProgress }, signal);
  const [first] = inputs as readonly [Input, ...Input[]];
  const name = inputs.length === 1 ? first.name : `${first.name} and ${inputs.length - 1} more`;
  const source = await sourceOf({ path: first.path, name, database }, async () => {
    const opening = await open(database);
    return { ...opening, notes: [...twiceNotes(inputs), ...opening.notes] };
  });
  database.onClose(() => {
    copies.discard();
  });
  return source;
}

interface Reader {
  readonly read: readonly ReadFile[];
  readonly open: (database: Database) => Promise<Opening>;
}

async function reader({ inputs, options, corrections, copies, signal }: Files): Promise<Reader> {
  const format = inputs[0]?.format;
  if (format === 'parquet') return { read: inputs, open: (database) => openParquet(database, inputs) };
  if (format === 'arrow') return { read: inputs, open: (database) => openArrow(database, inputs) };
  const texts: TextInput[] = [];
  for (const input of inputs) texts.push(await textInput(input, options, corrections, copies, signal));
  if (format === 'json' || format === 'jsonl')
    return { read: texts, open: (database) => openJson(database, texts) };
  const files = delimited(texts, options);
  const read = files.map(({ input, dialect }) => ({ ...input, skip: dialect.skip }));
  return { read, open: (database) => openDelimited(database, files) };
}

async function openDatabase(
  data: readonly string[],
  { sql, database: file }: SourceOptions,
  signal: AbortSignal | undefined,
): Promise<Source> {
  if (sql === undefined || file === undefined || data.length > 0) {
    const what = data.length > 0 ? 'with --sql no other data are given' : '--sql and --database go together';
    throw new ThalwegError('ERR_FILE', `${what}: --sql 'SELECT …' --database FILE.`, { option: 'sql' });
  }
  const path = resolve(file);
  const kind = await kindOfDatabase(path, file);
  const read = { name: basename(path), path, readPath: path };
  const isSqlite = kind === 'sqlite';
  const database = await Database.open({ files: [read], ...(!isSqlite && { attached: path }) }, signal);
  return await sourceOf({ path, name: read.name, database }, () =>
    isSqlite ? openSqlite(database, read, sql, signal) : openQuery(database, sql),
  );
}

async function sourceOf(
  { path, name, database }: Pick<Source, 'path' | 'name' | 'database'>,
  open: () => Promise<Opening>,
): Promise<Source> {
  try {
    const { opened, notes, ranges, aboutNames } = await open();
    const { columns } = opened;
    return {
      ...{ path, name, notes, database, columns, columnsNamed: byName(columns), ranges, aboutNames },
      select: (selected, asked) => opened.select(selected, asked),
      takeAsText: (taken) => opened.takeAsText(taken),
      takeAsMissing: (taken, words) => opened.takeAsMissing(taken, words),
      derive: (values, rows) => opened.derive(values, rows),
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

/** A DuckDB file has DUCK behind its checksum. */
async function kindOfDatabase(path: string, given: string): Promise<'duckdb' | 'sqlite'> {
  await sizeOf(path, given);
  const file = await open(path);
  try {
    const { buffer } = await file.read({ buffer: Buffer.alloc(16) });
    if (buffer.toString('latin1', 8, 12) === 'DUCK') return 'duckdb';
    if (buffer.toString('latin1', 0, 15) === 'SQLite format 3') return 'sqlite';
  } finally {
    await file.close();
  }
  throw new ThalwegError(
    'ERR_FILE',
    `${given} is no DuckDB or SQLite file. Give data files without --database.`,
    { path },
  );
}
