import { readFileSync, statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { Asked, Batch, Kinds, Said, SqliteCell } from './cells';

// The program of a thread that answers a SELECT over an SQLite file, since SQLite computes without a pause: a thread can
// be ended. The file is read into memory, so that nothing that SQL says can change it, or reach another.

/** What is used here of sql.js. */
interface Statement {
  getColumnNames(): string[];
  step(): boolean;
  get(parameters?: null, options?: { useBigInt: boolean }): (SqliteCell | Uint8Array)[];
}

interface Statements extends Iterator<Statement> {
  getRemainingSQL(): string;
}

interface SqlJs {
  readonly Database: new (bytes: Uint8Array) => {
    run(sql: string): void;
    iterateStatements(sql: string): Statements;
  };
}

class Failure extends Error {
  constructor(
    readonly why: Extract<Said, { why: unknown }>['why'],
    message = '',
  ) {
    super(message);
  }
}

/** So many cells are handed over at once, and at least one of DuckDB's chunks of rows. */
const CELLS = 1 << 18;
const CHUNK = 2048;

const PASSED_OVER = String.raw`(?:\s|--[^\n]*(?:\n|$)|/\*[\s\S]*?\*/)*`;
const SELECT = new RegExp(`^${PASSED_OVER}(?:select|with|values)\\b`, 'i');
const NOTHING = new RegExp(String.raw`^(?:[\s;]|--[^\n]*(?:\n|$)|/\*[\s\S]*?\*/)*$`);

async function sqlJs(): Promise<SqlJs> {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- optional, and loaded at its first use
    return await (require('sql.js') as () => Promise<SqlJs>)();
  } catch (error) {
    throw new Failure('not installed', (error as Error).message.split('\n')[0]);
  }
}

/** The bytes of the file, which are those of one moment only where nobody writes it. */
function bytesOf(path: string): Uint8Array {
  const state = (): string => {
    const { size, mtimeNs, ino } = statSync(path, { bigint: true });
    return `${size} ${mtimeNs} ${ino}`;
  };
  const before = state();
  const bytes = readFileSync(path);
  if (state() !== before) throw new Failure('changing');
  return bytes;
}

async function statementOf({ path, sql }: Asked): Promise<Statement> {
  const { Database } = await sqlJs();
  const bytes = bytesOf(path);
  try {
    const database = new Database(bytes);
    database.run('PRAGMA query_only = true');
    // What comes behind the first statement is not even parsed otherwise.
    const statements = database.iterateStatements(sql);
    if (!SELECT.test(sql)) throw new Failure('no select');
    const { value } = statements.next() as IteratorYieldResult<Statement>;
    if (!NOTHING.test(statements.getRemainingSQL())) throw new Failure('no select');
    // As a WITH in front of something else gives none.
    if (value.getColumnNames().length === 0) throw new Failure('no select');
    return value;
  } catch (error) {
    throw error instanceof Failure ? error : new Failure('unreadable', (error as Error).message);
  }
}

function noted(kinds: Kinds, cell: SqliteCell): void {
  if (typeof cell === 'number') kinds[Number.isSafeInteger(cell) ? 'whole' : 'real'] = true;
  else if (typeof cell === 'bigint') kinds.large = true;
  else if (typeof cell === 'string') kinds.text = true;
  else if (cell === true) kinds.bytes = true;
}

/** As doubles, unless some are whole numbers that these do not hold. */
function rowOf(statement: Statement): SqliteCell[] {
  const cells = statement.get();
  const isLarge = (cell: unknown): boolean => Number.isInteger(cell) && !Number.isSafeInteger(cell);
  if (cells.some(isLarge))
    for (const [index, exact] of statement.get(null, { useBigInt: true }).entries())
      if (isLarge(cells[index])) cells[index] = exact;
  return cells.map((cell) => (cell instanceof Uint8Array ? true : cell));
}

/** The rows of a statement, some at a time. */
function* batchesOf(statement: Statement, width: number): Generator<Batch, void> {
  // A step behind the last row would begin anew.
  for (let isMore = true; isMore;) {
    const batch = batchOf(statement, width);
    isMore = batch.isMore;
    if (batch.columns[0]?.cells.length !== 0) yield batch;
  }
}

function batchOf(statement: Statement, width: number): Batch & { readonly isMore: boolean } {
  const columns = Array.from({ length: width }, () => ({
    cells: [] as SqliteCell[],
    kinds: { whole: false, large: false, real: false, text: false, bytes: false },
  }));
  const rows = Math.max(CHUNK, Math.floor(CELLS / width / CHUNK) * CHUNK);
  let isMore = true;
  for (let count = 0; count < rows && (isMore = statement.step()); count += 1) {
    const row = rowOf(statement);
    for (const [index, { cells, kinds }] of columns.entries()) {
      const cell = row[index] as SqliteCell;
      cells.push(cell);
      noted(kinds, cell);
    }
  }
  return { columns, isMore };
}

function say(said: Said): void {
  parentPort?.postMessage(said);
}

function fail(error: unknown): void {
  const { why, message } =
    error instanceof Failure ? error : { why: 'unreadable' as const, message: String(error) };
  say({ failed: message, why });
}

statementOf(workerData as Asked).then((statement) => {
  const names = statement.getColumnNames();
  const batches = batchesOf(statement, names.length);
  parentPort?.on('message', () => {
    try {
      const { done, value } = batches.next();
      say(done === true ? { done } : { batch: { columns: value.columns } });
    } catch (error) {
      fail(new Failure('unreadable', (error as Error).message));
    }
  });
  say({ names });
}, fail);
