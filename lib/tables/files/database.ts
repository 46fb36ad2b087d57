import type * as DuckDB from '@duckdb/node-api';
import { ThalwegError } from '../../base/errors';
import { fileError } from './file-error';
import { fileLiteral, literal } from './sql';

const PACKAGE = '@duckdb/node-api';

/** Set in the order given: the last two close the door on everything but the one file. */
const settings = (path: string): string[] => [
  "SET TimeZone = 'UTC'",
  "SET temp_directory = ''",
  // The path as it is written in queries is asked for as well.
  `SET allowed_paths = [${literal(path)}, ${fileLiteral(path)}]`,
  'SET enable_external_access = false',
  'SET lock_configuration = true',
];

/** What DuckDB gives for the SQL types used here: VARCHAR, DOUBLE and BOOLEAN. */
export type Cell = string | number | boolean | null;

/** An in-memory DuckDB that can read one file and reach nothing else: no network, no extensions, no other path. */
export class Database {
  private constructor(
    readonly path: string,
    private readonly instance: DuckDB.DuckDBInstance,
    private readonly connection: DuckDB.DuckDBConnection,
    private readonly signal: AbortSignal | undefined,
  ) {
    signal?.addEventListener('abort', this.interrupt);
  }

  /**
   * @param path Absolute path of the only file that queries may read.
   * @throws ThalwegError `ERR_FILE` where DuckDB is not installed.
   */
  static async open(path: string, signal?: AbortSignal): Promise<Database> {
    const duckdb = loadDuckDB();
    signal?.throwIfAborted();
    const instance = await duckdb.DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    for (const setting of settings(path)) {
      await connection.run(setting);
    }
    return new Database(path, instance, connection, signal);
  }

  /** Runs a statement without a result. */
  async run(sql: string): Promise<void> {
    await this.guard(() => this.connection.run(sql));
  }

  /** All rows of a small result. */
  async rows(sql: string): Promise<Cell[][]> {
    return this.guard(async () => {
      const reader = await this.connection.runAndReadAll(sql);
      return reader.getRowsJS() as Cell[][];
    });
  }

  /** A result as columnar chunks of up to 2048 rows, in the order of the rows. */
  async *chunks(sql: string): AsyncGenerator<DuckDB.DuckDBDataChunk> {
    const result = await this.guard(() => this.connection.stream(sql));
    for (;;) {
      const chunk = await this.guard(() => result.fetchChunk());
      if (chunk === null || chunk.rowCount === 0) {
        return;
      }
      yield chunk;
    }
  }

  close(): void {
    this.signal?.removeEventListener('abort', this.interrupt);
    this.connection.closeSync();
    this.instance.closeSync();
  }

  private readonly interrupt = (): void => {
    this.connection.interrupt();
  };

  private async guard<T>(query: () => Promise<T>): Promise<T> {
    this.signal?.throwIfAborted();
    try {
      return await query();
    } catch (cause) {
      this.signal?.throwIfAborted();
      throw fileError(this.path, cause);
    }
  }
}

function loadDuckDB(): typeof DuckDB {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- optional, and loaded at its first use
    return require('@duckdb/node-api') as typeof DuckDB;
  } catch (cause) {
    throw new ThalwegError(
      'ERR_FILE',
      `Data files are read with the package ${PACKAGE}, which could not be loaded ` +
        `(${cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)}). Install it: npm install ${PACKAGE}`,
      { cause },
    );
  }
}
