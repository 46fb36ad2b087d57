import { once } from 'node:events';
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ThalwegError } from '../../../base/errors';
import { packageFolder } from '../../../base/package-folder';
import { asText } from '../csv';
import type { Database } from '../database';
import { type ReadFile, fileError } from '../file-error';
import { ofType } from '../parquet';
import { NOT_ONE_SELECT } from '../query';
import type { Opening, ReadAs } from '../source';
import { Staged, opaque } from '../staged';
import type { Asked, Batch, Kinds, Said, SqliteCell } from './cells';

const PACKAGE = 'sql.js';

/** More than Node reads of a file at once. */
const MOST_BYTES = 2 ** 31;

/** The built file, also where the TypeScript sources run. */
const program = join(packageFolder, 'dist', 'tables', 'files', 'sqlite', 'worker.js');

/** What a column is held as, from the narrowest on. */
type Held = 'nothing' | 'whole' | 'real' | 'text' | 'bytes';

const STORED: Record<Held, string> = {
  nothing: 'BIGINT',
  whole: 'BIGINT',
  real: 'DOUBLE',
  text: 'VARCHAR',
  bytes: 'BOOLEAN',
};

/** Text says not what it is, dates above all: it reads as that of CSV. Of bytes nothing is kept but that they are there. */
const READ_AS: Record<Held, ReadAs> = {
  nothing: ofType('BIGINT'),
  whole: ofType('BIGINT'),
  real: ofType('DOUBLE'),
  text: asText,
  bytes: opaque,
};

/** What all values of a column can be held as, in the digits that they have. */
function heldOf({ whole, large, real, text, bytes }: Kinds): Held {
  if (bytes) return 'bytes';
  if (text || (large && real)) return 'text';
  if (real) return 'real';
  return whole || large ? 'whole' : 'nothing';
}

/** Values that are held already, held otherwise. */
function changedSql(alias: string, from: Held, to: Held): string {
  if (to === 'bytes') return `CASE WHEN ${alias} IS NOT NULL THEN true END`;
  if (from === 'real' && to === 'text')
    return `CASE WHEN ${alias} = trunc(${alias}) AND abs(${alias}) < 2 ** 53 THEN CAST(CAST(${alias} AS BIGINT) AS VARCHAR) ELSE CAST(${alias} AS VARCHAR) END`;
  return `CAST(${alias} AS ${STORED[to]})`;
}

const CONVERT: Record<Held, (cell: Exclude<SqliteCell, null>) => bigint | number | string | boolean> = {
  nothing: BigInt,
  whole: BigInt,
  real: Number,
  text: String,
  bytes: () => true,
};

/** The rows of a SELECT, as its worker gives them. */
class Rows {
  private constructor(
    private readonly worker: Worker,
    private readonly file: ReadFile,
    private readonly signal: AbortSignal | undefined,
    readonly names: readonly string[],
  ) {}

  static async of(file: ReadFile, sql: string, signal: AbortSignal | undefined): Promise<Rows> {
    signal?.throwIfAborted();
    const worker = new Worker(program, {
      workerData: { path: file.readPath, sql } satisfies Asked,
      // Not this process's options, which may be a debugger's port or a program.
      execArgv: [],
    });
    try {
      const said = await Rows.#hear(worker, file, signal);
      return new Rows(worker, file, signal, 'names' in said ? said.names : []);
    } catch (error) {
      await worker.terminate();
      throw error;
    }
  }

  /** The next of them; undefined where there are none. */
  async next(): Promise<Batch | undefined> {
    this.worker.postMessage('next');
    const said = await Rows.#hear(this.worker, this.file, this.signal);
    return 'batch' in said ? said.batch : undefined;
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  static async #hear(
    worker: Worker,
    file: ReadFile,
    signal: AbortSignal | undefined,
  ): Promise<Exclude<Said, { why: unknown }>> {
    const [said] = (await once(worker, 'message', signal === undefined ? {} : { signal }).catch(
      (cause: unknown) => {
        signal?.throwIfAborted();
        throw fileError([file], cause);
      },
    )) as [Said];
    if ('why' in said) throw refusal(file, said);
    return said;
  }
}

function refusal(file: ReadFile, { why, failed }: Extract<Said, { why: unknown }>): ThalwegError {
  const { path, name } = file;
  switch (why) {
    case 'no select':
      return new ThalwegError('ERR_FILE', NOT_ONE_SELECT, { option: 'sql' });
    case 'not installed':
      return new ThalwegError(
        'ERR_FILE',
        `${name} is an SQLite file, which is read with the package ${PACKAGE}, which could not be loaded (${failed}). Install it: npm install ${PACKAGE}`,
        { path },
      );
    case 'changing':
      return new ThalwegError(
        'ERR_FILE',
        `${name} was written while it was read. Read a copy: sqlite3 ${name} ".backup copy.sqlite"`,
        { path },
      );
    case 'unreadable':
      return fileError([file], new Error(failed));
  }
}

/**
 * Runs a SELECT over the tables of an SQLite file, once, and keeps its rows in DuckDB's memory, in the order in which they
 * come. The file and its folder are read alone.
 *
 * @throws ThalwegError `ERR_FILE` where it is anything else, or fails, or where parts of the file stand in another
 */
export async function openSqlite(
  database: Database,
  file: ReadFile,
  sql: string,
  signal: AbortSignal | undefined,
): Promise<Opening> {
  requireWhole(file);
  const rows = await Rows.of(file, sql, signal);
  try {
    const held = rows.names.map((): Held => 'nothing');
    const kinds = rows.names.map((): Kinds => ({
      whole: false,
      large: false,
      real: false,
      text: false,
      bytes: false,
    }));
    const staged = await Staged.of(
      database,
      held.map((as) => STORED[as]),
    );
    for (let batch = await rows.next(); batch !== undefined; batch = await rows.next()) {
      for (const [index, column] of batch.columns.entries()) {
        const all = kinds[index] as Kinds;
        for (const kind of Object.keys(all) as (keyof Kinds)[]) all[kind] ||= column.kinds[kind];
        const [before, now] = [held[index] as Held, heldOf(all)];
        if (before === now) continue;
        held[index] = now;
        await staged.change(index, STORED[now], (alias) => changedSql(alias, before, now));
      }
      await staged.append(
        batch.columns.map(({ cells }, index) => {
          const convert = CONVERT[held[index] as Held];
          return cells.map((cell) => (cell === null ? null : convert(cell)));
        }),
      );
    }
    const columns = rows.names.map((name, index) => ({ name, readAs: READ_AS[held[index] as Held] }));
    return { opened: await staged.relation(columns), notes: [] };
  } finally {
    await rows.end();
  }
}

/** What stands in other files beside it is not read, and would be missed. */
function requireWhole({ path, name }: ReadFile): void {
  const { size } = statSync(path);
  if (size >= MOST_BYTES)
    throw new ThalwegError(
      'ERR_FILE',
      `${name} is an SQLite file of ${(size / 2 ** 30).toFixed(1)} GiB; those of 2 GiB and more are not read. Write what you need as CSV: sqlite3 -csv -header ${name} 'SELECT …' > data.csv`,
      { path },
    );
  for (const ending of ['-wal', '-journal']) {
    if (!holdsChanges(path + ending)) continue;
    throw new ThalwegError(
      'ERR_FILE',
      `${name} is not all of its database: ${basename(path)}${ending} holds changes to it, of a program that has it open or that did not end well. Read a copy: sqlite3 ${name} ".backup copy.sqlite"`,
      { path },
    );
  }
}

/** One that was made empty, or whose first byte was, is of no transaction. */
function holdsChanges(path: string): boolean {
  if (!existsSync(path)) return false;
  // It may be as large as the database.
  const file = openSync(path, 'r');
  try {
    const first = Buffer.alloc(1);
    return readSync(file, first) === 1 && first[0] !== 0;
  } finally {
    closeSync(file);
  }
}
