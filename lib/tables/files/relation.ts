import { availableMemory } from '../../base/memory';
import type { ColumnSql } from './column-sql';
import type { Database } from './database';
import { identifier } from './sql';
import type {
  ColumnList,
  Derived,
  Opened,
  Range,
  Ranges,
  ReadAs,
  SelectOptions,
  SourceColumn,
} from './source';

/** A column of a file, which may come to be read otherwise. */
export class FileColumn implements SourceColumn {
  readonly alias: string;

  constructor(
    readonly name: string,
    index: number,
    public readAs: ReadAs,
    readonly isNamed = true,
  ) {
    this.alias = `c${index}`;
  }

  get type(): string {
    return this.readAs.type;
  }

  get sql(): ColumnSql {
    return this.readAs.read(this.alias);
  }

  get read(): ReadAs['read'] {
    return this.readAs.read;
  }
}

/** What a format knows of its files. */
export interface Format {
  /** How big the values are in memory, about; more than there is room for stays in the files. */
  readonly bytes: number;
  /** How a column is read whose values are to be seen as they stand in the file. */
  readonly asText: ReadAs;
  /** Whether values may stand in quotes, which tell words from missing values. */
  readonly hasQuotes: boolean;
  /**
   * A query of each file, of the columns by their aliases.
   *
   * @param words which are missing without quotes around them; the empty value always is
   */
  scans(columns: readonly FileColumn[], words?: readonly string[]): string[];
}

/** Of the free memory, what a table may take. */
const SHARE = 0.25;

/** Up to so many columns a table has each by itself, and of more lists: each of its own would take up a block of memory. */
const MOST_BY_THEMSELVES = 64;

/** A DOUBLE, or what DuckDB holds of a text. */
const BYTES_OF_VALUE = 16;

/** From here on integers are further apart than 1. */
const EXACT = 2 ** 53;

/** A number as it is written everywhere, which a double holds: what a file says of it is known from the value. */
export const plainNumber: ReadAs = {
  type: 'DOUBLE',
  sqlType: 'DOUBLE',
  // What is no number, or NaN, is text by then.
  read: (alias) => ({
    present: `(${alias} IS NOT NULL)`,
    number: alias,
    text: `CAST(${alias} AS VARCHAR)`,
    isTyped: true,
    isFinite: true,
  }),
};

/** Where columns are: a table in memory, or the files. */
interface Part {
  readonly table: string | undefined;
  readonly columns: readonly FileColumn[];
  readonly words: readonly string[];
  /** By type the columns that are one list, whose place in it counts from 1; none where each is by itself. */
  readonly lists: ReadonlyMap<string, ReadonlyMap<SourceColumn, number>>;
}

/** The columns of one or more files, loaded into DuckDB's memory once where there is room. */
export class Relation implements Opened {
  readonly #parts = new Map<SourceColumn, Part>();
  /** Of columns of plain numbers, as they were looked at. */
  readonly #ranges = new Map<SourceColumn, Range>();
  /** Those that are given away. */
  columns: readonly FileColumn[];
  #inMemory: boolean;
  #tables = 0;
  #derived = 0;

  private constructor(
    private readonly database: Database,
    private readonly format: Format,
    private readonly all: readonly FileColumn[],
  ) {
    this.columns = all;
    this.#inMemory = format.bytes < SHARE * availableMemory();
  }

  /**
   * Loads the columns. One that is read as `plainNumber` becomes text where a value is no number, is one whose digits a
   * double may not hold (2⁵³ or more), NaN or infinite: whoever looks at kinds sees what the file says. What else may
   * be read as a number and is none by its dress (leading zeros, marks between digits), the head of the file tells.
   */
  static async load(database: Database, format: Format, columns: readonly FileColumn[]): Promise<Relation> {
    const relation = new Relation(database, format, columns);
    let numbers = columns.filter(({ readAs }) => readAs === plainNumber);
    for (;;) {
      if (await relation.#convertsAll()) {
        const odd = await relation.#unlike(numbers);
        if (odd.size === 0) return relation;
        for (const column of odd) column.readAs = format.asText;
        numbers = numbers.filter((column) => !odd.has(column));
      } else {
        for (const column of numbers) column.readAs = format.asText;
        await relation.#take(relation.all, []);
        const odd = await relation.#unlike(numbers);
        numbers = numbers.filter((column) => !odd.has(column));
        for (const column of numbers) column.readAs = plainNumber;
      }
    }
  }

  select(columns: readonly SourceColumn[], { rowNumber = false, lists = [] }: SelectOptions = {}): string {
    const read = new Set([...columns, ...lists.flatMap((list) => list.columns)]);
    const parts = [...new Set(Array.from(read.size === 0 ? this.all.slice(0, 1) : read, this.#partOf))];
    const prefixes = new Map(parts.map((part, index) => [part, `p${index}`]));
    const number = parts[0]?.table === undefined ? 'row_number() OVER ()' : 'p0.rowid + 1';
    const all = [
      ...columns.map((column) => `${this.#expression(column, prefixes)} AS ${column.alias}`),
      ...lists.map((list) => `${this.#list(list, prefixes)} AS ${list.alias}`),
      ...(rowNumber ? [`${number} AS r`] : []),
    ];
    const from = parts.map((part, index) => `${this.#from(part, read)} AS p${index}`);
    return `(SELECT ${all.join(', ') || '1'} FROM ${from.join(' POSITIONAL JOIN ')})`;
  }

  /** Of columns that are still read as plain numbers. */
  readonly ranges: Ranges = (columns) => {
    const known = this.#own(columns).flatMap((column) => {
      const range = column.readAs === plainNumber ? this.#ranges.get(column) : undefined;
      return range === undefined ? [] : [[column, range] as const];
    });
    return Promise.resolve(new Map(known));
  };

  /** Has a column that is none. */
  leaveOut(column: FileColumn): void {
    this.columns = this.columns.filter((other) => other !== column);
  }

  async takeAsText(columns: readonly SourceColumn[]): Promise<void> {
    const taken = this.#own(columns).filter(({ readAs }) => readAs === plainNumber);
    for (const column of taken) column.readAs = this.format.asText;
    if (taken.length > 0) await this.#take(taken, []);
  }

  async takeAsMissing(columns: readonly SourceColumn[], words: readonly string[]): Promise<void> {
    if (!this.format.hasQuotes || columns.length === 0) return;
    const taken = this.#own(columns);
    for (const column of taken) column.readAs = this.format.asText;
    await this.#take(taken, words);
  }

  async derive(values: readonly Derived[], rows: number): Promise<SourceColumn[] | undefined> {
    const bytes = rows * values.length * BYTES_OF_VALUE;
    if (values.length > MOST_BY_THEMSELVES || bytes > SHARE * availableMemory()) return undefined;
    const columns = values.map(
      ({ column, as }) => new FileColumn(column.name, this.all.length + this.#derived++, as),
    );
    const selected = values.map(({ sql }, index) => `${sql} AS ${columns[index]?.alias ?? ''}`);
    const from = this.select([...new Set(values.map(({ column }) => column))]);
    const table = this.#newTable();
    if (!(await this.#fits([`CREATE TABLE ${table} AS SELECT ${selected.join(', ')} FROM ${from}`], table)))
      return undefined;
    const part = { table, columns, words: [], lists: new Map<string, Map<FileColumn, number>>() };
    for (const column of columns) this.#parts.set(column, part);
    return columns;
  }

  #own(columns: readonly SourceColumn[]): FileColumn[] {
    const asked = new Set(columns);
    return this.all.filter((column) => asked.has(column));
  }

  /** Takes all columns; false where a value does not convert to its column's type. */
  async #convertsAll(): Promise<boolean> {
    try {
      await this.#take(this.all, []);
      // What stays in its files is converted as it is read.
      if (!this.#inMemory) await this.#unlike(this.all.filter(({ readAs }) => readAs === plainNumber));
      return true;
    } catch (error) {
      if (/convert|cast/i.test(causeOf(error)) && this.all.some(({ readAs }) => readAs === plainNumber))
        return false;
      throw error;
    }
  }

  /** Has `columns` read anew, as they are to be read now. */
  async #take(columns: readonly FileColumn[], words: readonly string[]): Promise<void> {
    if (columns === this.all) {
      for (const { table } of new Set(this.#parts.values()))
        if (table !== undefined) await this.database.run(`DROP TABLE ${table}`);
      this.#parts.clear();
    }
    const part = await this.#part(columns, words);
    for (const column of columns) this.#parts.set(column, part);
  }

  async #part(columns: readonly FileColumn[], words: readonly string[]): Promise<Part> {
    const inFiles = { table: undefined, columns, words, lists: new Map<string, Map<SourceColumn, number>>() };
    if (!this.#inMemory) return inFiles;
    const table = this.#newTable();
    const lists = columns.length > MOST_BY_THEMSELVES ? listsOf(columns) : inFiles.lists;
    const values =
      lists.size === 0
        ? columns.map(({ alias }) => alias)
        : Array.from(lists, ([type, list]) => `list_value(${aliases(list.keys())}) AS ${listName(type)}`);
    const statements = this.format
      .scans(columns, words)
      .map(
        (scan, index) =>
          `${index === 0 ? `CREATE TABLE ${table} AS` : `INSERT INTO ${table}`} SELECT ${values.join(', ')} FROM ${scan}`,
      );
    this.#inMemory = await this.#fits(statements, table);
    return this.#inMemory ? { table, columns, words, lists } : inFiles;
  }

  #newTable(): string {
    return `memory.main.loaded${this.#tables++}`;
  }

  /** Runs the statements that fill a table; false, and no table, where memory does not hold it. */
  async #fits(statements: readonly string[], table: string): Promise<boolean> {
    try {
      for (const statement of statements) await this.database.run(statement);
      return true;
    } catch (error) {
      await this.database.run(`DROP TABLE IF EXISTS ${table}`);
      if (!/out of memory/i.test(causeOf(error))) throw error;
      return false;
    }
  }

  /** Those of `columns` with a value that is not one of `plainNumber`. */
  async #unlike(columns: readonly FileColumn[]): Promise<Set<FileColumn>> {
    const [first] = columns;
    if (first === undefined) return new Set();
    const isTyped = first.readAs === plainNumber;
    const isUnlike = (alias: string): string =>
      `${alias} IS NOT NULL AND NOT coalesce(abs(${first.read(alias).number ?? 'NULL'}) < ${EXACT}, false)`;
    if (columns.length <= MOST_BY_THEMSELVES) {
      if (isTyped) return await this.#unlikeRanges(columns);
      const tests = columns.map(({ alias }) => `coalesce(bool_or(${isUnlike(alias)}), false)`);
      const [found = []] = await this.database.rows(
        `SELECT ${tests.join(', ')} FROM ${this.select(columns)}`,
      );
      return new Set(columns.filter((_, index) => found[index] === true));
    }
    const lists = this.select([], { lists: [{ alias: 'v', columns }] });
    if (isTyped) {
      const largest = `max(greatest(list_max(v), -list_min(v)))`;
      const [found = []] = await this.database.rows(
        `SELECT coalesce(${largest} < ${EXACT}, true) FROM ${lists}`,
      );
      if (found[0] === true) return new Set();
    }
    const found = await this.database.rows(
      `SELECT i::DOUBLE FROM (SELECT generate_subscripts(v, 1) AS i, unnest(v) AS c0 FROM ${lists}) WHERE ${isUnlike('c0')} GROUP BY i`,
    );
    const places = new Set(found.map(([place]) => Number(place)));
    return new Set(columns.filter((_, index) => places.has(index + 1)));
  }

  /** Those of `columns`, which are typed, and the ranges of the others. */
  async #unlikeRanges(columns: readonly FileColumn[]): Promise<Set<FileColumn>> {
    const ranges = columns.map(({ alias }) => `count(${alias})::DOUBLE, min(${alias}), max(${alias})`);
    const [[rows, ...found] = []] = await this.database.rows(
      `SELECT count(*)::DOUBLE, ${ranges.join(', ')} FROM ${this.select(columns)}`,
    );
    const odd = new Set<FileColumn>();
    for (const [index, column] of columns.entries()) {
      const [present, least, greatest] = found
        .slice(3 * index)
        .map((cell) => (cell === null ? NaN : Number(cell)));
      const range = {
        ...{ rows: Number(rows), present: present ?? NaN },
        ...{ least: least ?? NaN, greatest: greatest ?? NaN },
      };
      // NaN is the greatest of all.
      const isPlain = range.least > -EXACT && range.greatest < EXACT;
      if (range.present === 0 || isPlain) this.#ranges.set(column, range);
      else odd.add(column);
    }
    return odd;
  }

  readonly #partOf = (column: SourceColumn): Part => this.#parts.get(column) as Part;

  #from({ table, columns, words }: Part, read: ReadonlySet<SourceColumn>): string {
    if (table !== undefined) return table;
    const needed = columns.filter((column) => read.has(column));
    return `(${this.format.scans(needed.length === 0 ? columns.slice(0, 1) : needed, words).join(' UNION ALL ')})`;
  }

  #expression(column: SourceColumn, prefixes: ReadonlyMap<Part, string>): string {
    const part = this.#partOf(column);
    const place = part.lists.get(column.type)?.get(column);
    const name = place === undefined ? column.alias : `${listName(column.type)}[${place}]`;
    return `${prefixes.get(part) ?? ''}.${name}`;
  }

  #list({ columns }: ColumnList, prefixes: ReadonlyMap<Part, string>): string {
    const part = this.#partOf(columns[0] as SourceColumn);
    const type = columns[0]?.type ?? '';
    const list = part.lists.get(type);
    if (list === undefined || columns.some((column) => this.#partOf(column) !== part))
      return `list_value(${columns.map((column) => this.#expression(column, prefixes)).join(', ')})`;
    const whole = `${prefixes.get(part) ?? ''}.${listName(type)}`;
    const places = columns.map((column) => list.get(column) ?? 0);
    const runs = runsOf(places);
    const [[start, end] = [0, 0], ...more] = runs;
    if (more.length === 0 && start === 1 && end === list.size) return whole;
    if (runs.length > MOST_RUNS) return `list_select(${whole}, [${places.join(', ')}])`;
    return runs.map(([from, to]) => `${whole}[${from}:${to}]`).join(' || ');
  }
}

/** Parts of lists, which are copied a hundred times faster than values one by one. */
const MOST_RUNS = 16;

/** The first and last of numbers that follow each other. */
function runsOf(places: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const place of places) {
    const last = runs.at(-1);
    if (last?.[1] === place - 1) last[1] = place;
    else runs.push([place, place]);
  }
  return runs;
}

const aliases = (columns: Iterable<SourceColumn>): string =>
  Array.from(columns, ({ alias }) => alias).join(', ');

const listName = (type: string): string => identifier(`list of ${type}`);

function listsOf(columns: readonly FileColumn[]): Map<string, Map<SourceColumn, number>> {
  const lists = new Map<string, Map<SourceColumn, number>>();
  for (const column of columns) {
    const list = lists.get(column.type) ?? new Map<SourceColumn, number>();
    lists.set(column.type, list.set(column, list.size + 1));
  }
  return lists;
}

/** What DuckDB said. */
function causeOf(error: unknown): string {
  const { cause } = error as Error;
  return String(cause ?? error);
}
