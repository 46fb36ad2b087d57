import type * as Bindings from '@duckdb/node-bindings';
import type * as DuckDB from '@duckdb/node-api';
import { ThalwegError } from '../../base/errors';

// What every reading of data takes of DuckDB, by the bindings that its package stands on: the package itself is 181 files that
// a process would load to read a number, and wraps each vector of each chunk in several objects. What is rarer is asked of it.

const PACKAGE = '@duckdb/node-api';
const BINDINGS = '@duckdb/node-bindings';

/** What DuckDB gives for the SQL types used here: VARCHAR, DOUBLE and BOOLEAN. */
export type Cell = string | number | boolean | null;

/** @throws ThalwegError `ERR_FILE` where it is not installed */
export function loadDuckDB(): typeof DuckDB {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- optional, and loaded at its first use
  return orMissing(() => require(PACKAGE) as typeof DuckDB);
}

let loaded: typeof Bindings | undefined;

/** Those that the package itself has. */
function bindings(): typeof Bindings {
  loaded ??= orMissing(() => {
    const path = require.resolve(BINDINGS, { paths: [require.resolve(PACKAGE)] });
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- optional, and loaded at its first use
    return require(path) as typeof Bindings;
  });
  return loaded;
}

function orMissing<Found>(load: () => Found): Found {
  try {
    return load();
  } catch (cause) {
    throw new ThalwegError(
      'ERR_FILE',
      `Data files are read with the package ${PACKAGE}, which could not be loaded ` +
        `(${cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)}). Install it: npm install ${PACKAGE}`,
      { cause },
    );
  }
}

/** An in-memory database of its own, without extensions from elsewhere. */
export class Connection {
  private constructor(
    private readonly database: Bindings.Database,
    private readonly connection: Bindings.Connection,
  ) {}

  /** One that is being opened for whoever asks for one next. */
  static #ahead: Promise<Connection> | undefined;

  /**
   * Begins to open one, for who knows that one will be asked for: DuckDB starts up on another thread, while this one loads
   * modules and looks at files. What goes wrong is told where it is asked for.
   */
  static openAhead(): void {
    this.#ahead ??= this.#opened();
    this.#ahead.catch(() => undefined);
  }

  static async open(): Promise<Connection> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    return await (ahead ?? this.#opened());
  }

  static async #opened(): Promise<Connection> {
    const duckdb = bindings();
    const config = duckdb.create_config();
    duckdb.set_config(config, 'autoinstall_known_extensions', 'false');
    duckdb.set_config(config, 'autoload_known_extensions', 'false');
    const database = await duckdb.open(':memory:', config);
    return new Connection(database, await duckdb.connect(database));
  }

  /** Runs statements, and keeps what the last one gives. */
  async run(sql: string): Promise<Bindings.Result> {
    return await bindings().query(this.connection, sql);
  }

  /** All rows of a small result. */
  async rows(sql: string): Promise<Cell[][]> {
    const result = await this.run(sql);
    return (await rowsOf(result)) ?? (await otherRows(result));
  }

  /** The chunks of a result, in the order of its rows. DuckDB makes the next while one is used. */
  async *chunks(sql: string): AsyncGenerator<Chunk> {
    const result = await this.#streamed(sql);
    const types = typesOf(result);
    let next: Promise<Bindings.DataChunk | null> | undefined;
    try {
      for (;;) {
        const chunk = await (next ?? bindings().fetch_chunk(result));
        next = undefined;
        if (chunk === null) return;
        const read = new Chunk(chunk, types);
        if (read.rowCount === 0) return;
        next = bindings().fetch_chunk(result);
        // Told of when it is asked for.
        next.catch(() => undefined);
        yield read;
      }
    } finally {
      // Who stops early may close the connection.
      await next?.catch(() => undefined);
    }
  }

  async #streamed(sql: string): Promise<Bindings.Result> {
    const duckdb = bindings();
    const { extracted_statements: statements, statement_count: count } = await duckdb.extract_statements(
      this.connection,
      sql,
    );
    if (count !== 1) throw new Error(duckdb.extract_statements_error(statements));
    const prepared = await duckdb.prepare_extracted_statement(this.connection, statements, 0);
    try {
      return await duckdb.execute_prepared_streaming(prepared);
    } finally {
      duckdb.destroy_prepare_sync(prepared);
    }
  }

  /** How much of a statement is done, in percent; below 0 where that is not known. */
  get progress(): number {
    return bindings().query_progress(this.connection).percentage;
  }

  /** The same connection as the package has it, which must not close it. */
  get packaged(): DuckDB.DuckDBConnection {
    return new (loadDuckDB().DuckDBConnection)(this.connection);
  }

  interrupt(): void {
    bindings().interrupt(this.connection);
  }

  close(): void {
    bindings().disconnect_sync(this.connection);
    bindings().close_sync(this.database);
  }
}

/** Some rows of a result. */
export class Chunk {
  readonly rowCount: number;

  constructor(
    private readonly chunk: Bindings.DataChunk,
    private readonly types: readonly Bindings.Type[],
  ) {
    this.rowCount = bindings().data_chunk_get_size(chunk);
  }

  /** A column of DOUBLE, in memory of the caller's; NaN for NULL. */
  doubles(column: number): Float64Array {
    return doublesIn(this.#vector(column, 'DOUBLE'), this.rowCount);
  }

  /** A column of lists of DOUBLE, of which none is NULL: the items of all, and where those of each row begin. */
  lists(column: number): { readonly items: Float64Array; readonly starts: Float64Array } {
    const duckdb = bindings();
    const vector = this.#vector(column, 'LIST');
    const { buffer, byteOffset } = duckdb.vector_get_data(vector, 16 * this.rowCount);
    const entries = new BigUint64Array(buffer, byteOffset, 2 * this.rowCount);
    const starts = Float64Array.from({ length: this.rowCount }, (_, row) => Number(entries[2 * row]));
    const child = duckdb.list_vector_get_child(vector);
    requireType(duckdb.get_type_id(duckdb.vector_get_column_type(child)), 'DOUBLE');
    return { items: doublesIn(child, duckdb.list_vector_get_size(vector)), starts };
  }

  texts(column: number): (string | null)[] {
    const vector = this.#vector(column, 'VARCHAR');
    const { buffer, byteOffset } = bindings().vector_get_data(vector, BYTES_OF_TEXT * this.rowCount);
    const entries = new DataView(buffer, byteOffset);
    const isThere = presenceIn(vector, this.rowCount);
    return Array.from({ length: this.rowCount }, (_, row) =>
      isThere(row) ? textAt(entries, BYTES_OF_TEXT * row) : null,
    );
  }

  booleans(column: number): (boolean | null)[] {
    const vector = this.#vector(column, 'BOOLEAN');
    const values = bindings().vector_get_data(vector, this.rowCount);
    const isThere = presenceIn(vector, this.rowCount);
    return Array.from(values, (value, row) => (isThere(row) ? value !== 0 : null));
  }

  /** A column of DOUBLE with null for NULL, which is not NaN. */
  numbers(column: number): (number | null)[] {
    const values = this.doubles(column);
    const isThere = presenceIn(this.#vector(column, 'DOUBLE'), this.rowCount);
    return Array.from(values, (value, row) => (isThere(row) ? value : null));
  }

  #vector(column: number, type: keyof typeof Bindings.Type): Bindings.Vector {
    requireType(this.types[column], type);
    return bindings().data_chunk_get_vector(this.chunk, column);
  }
}

/** Bytes are read as what they are of. */
function requireType(type: Bindings.Type | undefined, expected: keyof typeof Bindings.Type): void {
  const { Type } = bindings();
  if (type !== Type[expected])
    throw new TypeError(
      `a query gives ${type === undefined ? 'no column' : Type[type]} where ${expected} is read`,
    );
}

/** A length, and twelve bytes: of the text, or of its beginning and a pointer to it. */
const BYTES_OF_TEXT = 16;
const LONGEST_WITHIN = 12;

/** As the package has it: without a byte order mark. */
const utf8 = new TextDecoder();

function textAt(entries: DataView, at: number): string {
  const length = entries.getUint32(at, true);
  const start = entries.byteOffset + at;
  if (length <= LONGEST_WITHIN) return utf8.decode(new Uint8Array(entries.buffer, start + 4, length));
  return utf8.decode(bindings().get_data_from_pointer(entries.buffer as ArrayBuffer, start + 8, length));
}

function doublesIn(vector: Bindings.Vector, count: number): Float64Array {
  const { buffer, byteOffset } = bindings().vector_get_data(vector, count * Float64Array.BYTES_PER_ELEMENT);
  const values = new Float64Array(buffer, byteOffset, count);
  const bits = validityIn(vector, count);
  if (bits === null) return values;
  for (let row = 0; row < count; row += 1) if (!isSet(bits, row)) values[row] = NaN;
  return values;
}

function presenceIn(vector: Bindings.Vector, count: number): (row: number) => boolean {
  const bits = validityIn(vector, count);
  return (row) => bits === null || isSet(bits, row);
}

/** A bit for each value, whether it is there, in words of 64, which on every machine that DuckDB is built for begin with the lowest byte; null: all are. */
function validityIn(vector: Bindings.Vector, count: number): Uint8Array | null {
  return bindings().vector_get_validity(vector, 8 * Math.ceil(count / 64));
}

function isSet(bits: Uint8Array, row: number): boolean {
  return (((bits[row >>> 3] as number) >>> (row & 7)) & 1) === 1;
}

function typesOf(result: Bindings.Result): Bindings.Type[] {
  const duckdb = bindings();
  return Array.from({ length: duckdb.column_count(result) }, (_, at) => duckdb.column_type(result, at));
}

/** The rows of a result whose columns are of the types used here; undefined of another. */
async function rowsOf(result: Bindings.Result): Promise<Cell[][] | undefined> {
  const duckdb = bindings();
  const { BOOLEAN, DOUBLE, VARCHAR } = duckdb.Type;
  const types = typesOf(result);
  if (types.some((type) => type !== BOOLEAN && type !== DOUBLE && type !== VARCHAR)) return undefined;
  const rows: Cell[][] = [];
  for (;;) {
    const fetched = await duckdb.fetch_chunk(result);
    const chunk = fetched && new Chunk(fetched, types);
    if (chunk === null || chunk.rowCount === 0) return rows;
    const columns = types.map((type, at): Cell[] =>
      type === VARCHAR ? chunk.texts(at) : type === DOUBLE ? chunk.numbers(at) : chunk.booleans(at),
    );
    for (let row = 0; row < chunk.rowCount; row += 1) rows.push(columns.map((column) => column[row] as Cell));
  }
}

async function otherRows(result: Bindings.Result): Promise<Cell[][]> {
  return (await new (loadDuckDB().DuckDBMaterializedResult)(result).getRowsJS()) as Cell[][];
}
