import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { kindOf } from '../../base/file-kind';
import { ThalwegError } from '../../base/errors';
import { withDuckDB } from './database';
import { literal } from './sql';
import type { FormatName, Note, SourceOptions } from './source-options';
import type { Copies } from './copies';

export type Compression = 'none' | 'gzip' | 'zstd';

/** A file to read. */
export interface Input {
  /** What it is called to people. */
  readonly name: string;
  /** What it was given as, absolute. */
  readonly path: string;
  /** Where it is read, which may be a copy. */
  readonly readPath: string;
  readonly bytes: number;
  readonly format: FormatName;
  readonly compression: Compression;
}

const ENDINGS: Record<string, FormatName> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.json': 'json',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.parquet': 'parquet',
  '.arrow': 'arrow',
  '.arrows': 'arrow',
  '.feather': 'arrow',
  '.ipc': 'arrow',
  '.svm': 'svmlight',
  '.svmlight': 'svmlight',
  '.libsvm': 'svmlight',
};

/** Names of DuckDB and SQLite files. */
const DATABASE = /\.(?:db|db3|ddb|duckdb|sqlite|sqlite3)$/i;

const COMPRESSED: Record<string, Compression> = { '.gz': 'gzip', '.zst': 'zstd' };

/** What of DATA becomes files: globs where no file has that name, addresses and standard input as copies. */
export async function inputsOf(
  data: readonly string[],
  options: SourceOptions,
  copies: Copies,
  signal?: AbortSignal,
): Promise<Input[]> {
  if (data.length === 0)
    throw new ThalwegError('ERR_FILE', 'No data are given. Name a file, or - for standard input.');
  const inputs: Input[] = [];
  for (const given of data) {
    if (given === '-') inputs.push(await standardInput(options, copies, signal));
    else if (isAddress(given)) inputs.push(await download(given, options, copies, signal));
    else for (const file of await filesOf(given)) inputs.push(await inputOf(file, options));
  }
  const [first] = inputs;
  const other = inputs.find(({ format }) => format !== first?.format);
  if (first !== undefined && other !== undefined) {
    throw new ThalwegError(
      'ERR_FILE',
      `${first.name} is ${first.format} and ${other.name} is ${other.format}. Give files of one format, or say which with --format.`,
      { path: other.path },
    );
  }
  return inputs;
}

/** Of files that are given more than once: a glob may hold one that is named besides. */
export function twiceNotes(inputs: readonly Input[]): Note[] {
  const seen = new Set<string>();
  const again = inputs.filter(({ path }) => seen.size === seen.add(path).size);
  return again.map(({ name }) => ({
    code: 'FILE_TWICE',
    text: `${name} is given more than once: its rows count as often`,
  }));
}

/** The paths of DATA that are files, those that globs match among them; of what is not there none. */
export async function pathsOf(data: readonly string[]): Promise<string[]> {
  const paths: string[] = [];
  for (const given of data)
    if (given !== '-' && !isAddress(given)) paths.push(...(await filesOf(given).catch(() => [])));
  return paths;
}

const isAddress = (given: string): boolean => /^[a-z][a-z0-9+.-]+:\/\//i.test(given);

/** A file that is there is meant literally. */
async function filesOf(given: string): Promise<string[]> {
  if (!/[*?[]/.test(given) || (await exists(given))) return [given];
  const found = await withDuckDB((rows) => rows(`SELECT file FROM glob(${literal(given)}) ORDER BY file`));
  if (found.length > 0) return found.map(([file]) => String(file));
  throw new ThalwegError('ERR_FILE', `No file matches ${given}. Check the path.`, { path: resolve(given) });
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

/** Whether DATA are SVMlight files, which have no columns: by what is said of them, or by their names. */
export function areSvmlight(data: readonly string[], { format }: SourceOptions): boolean {
  if (format !== undefined) return format === 'svmlight';
  return data.some((given) => endingOf(given).format === 'svmlight');
}

/** A file by what its name ends in. */
async function inputOf(given: string, options: SourceOptions): Promise<Input> {
  const path = resolve(given);
  const bytes = await sizeOf(path, given);
  const { format, compression } = kindOfName(given, options);
  return { name: basename(given), path, readPath: path, bytes, format, compression };
}

function kindOfName(
  name: string,
  { format }: SourceOptions,
): { format: FormatName; compression: Compression } {
  const { format: ofEnding, compression } = endingOf(name);
  const found = format ?? ofEnding;
  if (found !== undefined) return { format: found, compression };
  if (DATABASE.test(name)) {
    throw new ThalwegError(
      'ERR_FILE',
      `${basename(name)} is called like a database. Say what of it is read, as in --database ${basename(name)} --sql 'SELECT * FROM t', or what else it is with --format.`,
      { path: resolve(name) },
    );
  }
  throw new ThalwegError(
    'ERR_FILE',
    `${basename(name)} is of no known format. Give a file that ends in ${Object.keys(ENDINGS).join(', ')}, ` +
      'with .gz or .zst after it where it is compressed, or say what it is with --format.',
    { path: resolve(name) },
  );
}

function endingOf(name: string): { format: FormatName | undefined; compression: Compression } {
  const lower = name.toLowerCase();
  const packed = Object.keys(COMPRESSED).find((ending) => lower.endsWith(ending)) ?? '';
  const bare = lower.slice(0, lower.length - packed.length);
  const ending = Object.keys(ENDINGS).find((known) => bare.endsWith(known));
  const format = ending === undefined ? undefined : ENDINGS[ending];
  return { format, compression: COMPRESSED[packed] ?? 'none' };
}

async function standardInput(options: SourceOptions, copies: Copies, signal?: AbortSignal): Promise<Input> {
  if (options.format === undefined) {
    throw new ThalwegError(
      'ERR_FILE',
      'What standard input holds is not known. Say so, as in --format csv.',
      {
        path: '-',
      },
    );
  }
  const readPath = await copies.of(process.stdin, [], signal);
  const bytes = await sizeOf(readPath, 'Standard input');
  return { name: 'standard input', path: '-', readPath, bytes, format: options.format, compression: 'none' };
}

async function download(
  given: string,
  options: SourceOptions,
  copies: Copies,
  signal?: AbortSignal,
): Promise<Input> {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const address = url === undefined ? given : withoutSecrets(url);
  if (options.allowNetwork !== true) {
    throw new ThalwegError(
      'ERR_FILE',
      `${address} is on the network, from which nothing is read unless --allow-network says so.`,
      { path: address },
    );
  }
  const failed = (why: string, cause?: unknown): ThalwegError =>
    new ThalwegError('ERR_FILE', `${address} could not be fetched: ${why}.`, { path: address, cause });
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw failed('only http and https are known');
  const name = basename(url.pathname) || url.hostname;
  const kind = kindOfName(name, options);
  try {
    const answer = await fetch(url, signal === undefined ? {} : { signal });
    if (!answer.ok || answer.body === null) throw failed(`the server answered ${answer.status}`);
    const readPath = await copies.of(Readable.fromWeb(answer.body as never), [], signal);
    return { name, path: address, readPath, bytes: await sizeOf(readPath, address), ...kind };
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof ThalwegError) throw cause;
    const { message, cause: why } = cause as Error;
    throw failed(why instanceof Error ? why.message : message, cause);
  }
}

/** Messages stand in logs. */
function withoutSecrets(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Of a file that can be read, in bytes. */
export async function sizeOf(path: string, given: string): Promise<number> {
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
