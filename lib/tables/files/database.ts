import type * as DuckDB from '@duckdb/node-api';
import { type Cell, type Chunk, Connection, loadDuckDB } from './duckdb';
import { type ReadFile, fileError } from './file-error';
import { fileLiteral, literal } from './sql';

export type { Cell };

/** One text, which takes as long as one statement does. The last two close the door on everything but the files. */
const settings = (paths: readonly string[]): string =>
  [
    "SET TimeZone = 'UTC'",
    "SET temp_directory = ''",
    // Told of by `connection.progress`, from the first moment on.
    'SET enable_progress_bar = true',
    'SET enable_progress_bar_print = false',
    'SET progress_bar_time = 0',
    // The paths as they are written in queries are asked for as well.
    `SET allowed_paths = [${paths.flatMap((path) => [literal(path), fileLiteral(path)]).join(', ')}]`,
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ].join('; ');

/** What a database may reach. */
export interface Reach {
  /** The files that queries may read, told of in errors. */
  readonly files: readonly ReadFile[];
  /** A DuckDB file whose tables queries may read. */
  readonly attached?: string;
  /** Told now and then how much of a statement is done, in percent. */
  readonly onProgress?: ((percent: number) => void) | undefined;
}

/** Rows of a chunk. */
const CHUNK = 2048;

/** Milliseconds between two looks at how much is done. */
const LOOK_EVERY = 100;

/** An in-memory DuckDB that can read some files and reach nothing else: no network, no extensions, no other path. */
export class Database {
  private closed: (() => void) | undefined;

  private constructor(
    private readonly files: readonly ReadFile[],
    private readonly onProgress: Reach['onProgress'],
    private readonly connection: Connection,
    private readonly signal: AbortSignal | undefined,
    private readonly isAttached: boolean,
  ) {
    signal?.addEventListener('abort', this.interrupt);
  }

  /** @throws ThalwegError `ERR_FILE` where DuckDB is not installed, or what is to be attached cannot be read. */
  static async open({ files, attached, onProgress }: Reach, signal?: AbortSignal): Promise<Database> {
    signal?.throwIfAborted();
    const connection = await Connection.open();
    const database = new Database(files, onProgress, connection, signal, attached !== undefined);
    try {
      if (attached !== undefined) {
        await database.run(`ATTACH ${literal(attached)} AS attached (READ_ONLY)`);
        // Tables that are made go where they are said to go.
        await database.run("SET search_path = 'attached.main,memory.main'");
      }
      await connection.run(settings(files.map(({ readPath }) => readPath)));
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Runs a statement without a result. */
  async run(sql: string): Promise<void> {
    const { onProgress } = this;
    const looks = setInterval(() => {
      const percentage = this.connection.progress;
      if (percentage >= 0) onProgress?.(percentage);
    }, LOOK_EVERY);
    try {
      await this.guard(() => this.connection.run(sql));
    } finally {
      clearInterval(looks);
    }
  }

  /** Adds rows to a table in memory, given column by column. */
  async append(table: string, columns: readonly (readonly DuckDB.DuckDBValue[])[]): Promise<void> {
    const { DuckDBDataChunk } = loadDuckDB();
    await this.guard(async () => {
      const appender = await this.connection.packaged.createAppender(table, 'main', 'memory');
      const types = columns.map((_, index) => appender.columnType(index));
      const rows = columns[0]?.length ?? 0;
      for (let start = 0; start < rows; start += CHUNK) {
        const part = columns.map((column) => column.slice(start, start + CHUNK));
        const chunk = DuckDBDataChunk.create(types, Math.min(CHUNK, rows - start));
        chunk.setColumns(part);
        appender.appendDataChunk(chunk);
      }
      appender.closeSync();
    });
  }

  /** All rows of a small result. */
  async rows(sql: string): Promise<Cell[][]> {
    return this.guard(() => this.connection.rows(sql));
  }

  /** The columns of a query, without running it. */
  async columnsOf(sql: string): Promise<{ readonly name: string; readonly type: DuckDB.DuckDBType }[]> {
    return this.guard(async () => {
      const result = await this.connection.packaged.run(`SELECT * FROM ${sql} LIMIT 0`);
      return result.columnNames().map((name, index) => ({ name, type: result.columnType(index) }));
    });
  }

  /** The same with types as SQL has them. */
  async described(sql: string): Promise<{ readonly name: string; readonly type: string }[]> {
    const found = await this.rows(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${sql})`);
    return found.map(([name, type]) => ({ name: String(name), type: String(type) }));
  }

  /** The names of columns of an SQL text as it gives them; undefined where it is not one statement, which reads and changes nothing. */
  async namesOfSelect(sql: string): Promise<string[] | undefined> {
    return this.guard(async () => {
      // With one more behind it: of a text without any DuckDB says nothing that could be told.
      const { packaged } = this.connection;
      const statements = await packaged
        .extractStatements(`${sql}\n;SELECT 1`)
        .catch(async (error: unknown) => {
          // What is wrong with the text, DuckDB says of that alone.
          await packaged.extractStatements(sql);
          throw error;
        });
      if (statements.count !== 2) return undefined;
      const prepared = await statements.prepare(0);
      try {
        if (prepared.statementType !== loadDuckDB().StatementType.SELECT) return undefined;
        return Array.from({ length: prepared.columnCount }, (_, index) => prepared.columnName(index));
      } finally {
        prepared.destroySync();
      }
    });
  }

  /** A result as columnar chunks of up to 2048 rows, in the order of the rows. DuckDB makes the next while one is used. */
  async *chunks(sql: string): AsyncGenerator<Chunk> {
    const chunks = this.connection.chunks(sql);
    try {
      for (;;) {
        const next = await this.guard(() => chunks.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await chunks.return(undefined);
    }
  }

  /** Something to do once it is closed. */
  onClose(done: () => void): void {
    this.closed = done;
  }

  close(): void {
    this.signal?.removeEventListener('abort', this.interrupt);
    this.connection.close();
    this.closed?.();
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
      throw fileError(this.files, cause, this.isAttached);
    }
  }
}

/** Has DuckDB start up meanwhile, for who is about to open data. */
export function startDuckDB(): void {
  Connection.openAhead();
}

/** What DuckDB says before data are opened: of names and of heads, by SQL of our own. */
export async function withDuckDB<T>(
  ask: (rows: (sql: string) => Promise<Cell[][]>) => Promise<T>,
): Promise<T> {
  const connection = await Connection.open();
  try {
    return await ask((sql) => connection.rows(sql));
  } finally {
    connection.close();
  }
}
