import { ThalwegError } from '../../base/errors';
import { typed } from './column-sql';
import type { Database } from './database';
import type { Input } from './inputs';
import { FileColumn, Relation } from './relation';
import { parquetRanges } from './parquet-ranges';
import type { Opening, Ranges, ReadAs } from './source';
import { fileLiteral, identifier } from './sql';

const tableOf = ({ readPath }: Input): string =>
  `read_parquet(${fileLiteral(readPath)}, hive_partitioning = false)`;

/** How a value is read whose type is known. */
export function ofType(type: string): ReadAs {
  return { type, sqlType: type, read: (alias) => typed(alias, type) };
}

/** Opens Parquet, which stays where it is: only the columns that are asked for are read. */
export async function openParquet(database: Database, inputs: readonly Input[]): Promise<Opening> {
  const [first, ...others] = inputs as readonly [Input, ...Input[]];
  const held = await columnsIn(database, first);
  const columns = held.map(({ name, type }, index) => new FileColumn(name, index, ofType(type)));
  const files = [{ input: first, names: namesOf(held) }];
  for (const input of others) {
    const here = await columnsIn(database, input);
    requireSame(first, held, input, here);
    files.push({ input, names: namesOf(here) });
  }
  const opened = await Relation.load(
    database,
    {
      bytes: Infinity,
      asText: ofType('VARCHAR'),
      hasQuotes: false,
      scans: (asked) =>
        files.map(({ input, names }) => {
          const values = asked.map(({ name, alias }) => `${identifier(names.get(name) ?? name)} AS ${alias}`);
          return `(SELECT ${values.join(', ')} FROM ${tableOf(input)})`;
        }),
    },
    columns,
  );
  const paths = inputs.map(({ readPath }) => fileLiteral(readPath)).join(', ');
  const ranges: Ranges = (asked) => parquetRanges(database, `parquet_metadata([${paths}])`, asked);
  return { opened, notes: [], ranges };
}

/** A column by its name, and its type as far as it matters. */
export interface Described {
  readonly name: string;
  readonly type: string;
}

/** One of a file. */
interface ParquetColumn extends Described {
  /** By DuckDB, which gives another name to what is called as another is, be it in other letters. */
  readonly given: string;
}

/** Of each column by its name in the file that which DuckDB gives it. */
function namesOf(columns: readonly ParquetColumn[]): ReadonlyMap<string, string> {
  return new Map(columns.map(({ name, given }) => [name, given]));
}

/** Of a decimal; of more DuckDB makes doubles of other values. */
const MOST_DIGITS = 38;

async function columnsIn(database: Database, input: Input): Promise<ParquetColumn[]> {
  const described = await database.described(tableOf(input));
  const inFile = await schemaOf(database, input);
  const isKnown = inFile.length === described.length;
  return described.map(({ name, type }, index) => {
    const { called = '', digits = 0 } = (isKnown ? inFile[index] : undefined) ?? {};
    const isWide = type === 'DOUBLE' && digits > MOST_DIGITS;
    return { name: called || name, given: name, type: isWide ? `DECIMAL of ${digits} digits` : type };
  });
}

/** What the file says of its columns, in their order. */
async function schemaOf(
  database: Database,
  { readPath }: Input,
): Promise<{ readonly called: string; readonly digits: number }[]> {
  const schema = await database.rows(
    `SELECT name, coalesce(precision, 0)::DOUBLE, coalesce(num_children, 0)::DOUBLE FROM parquet_schema(${fileLiteral(readPath)})`,
  );
  const columns = [];
  // Each is followed by what is in it; the first is all.
  let within = 0;
  for (const [name, digits, children] of schema.slice(1)) {
    if (within === 0) columns.push({ called: String(name), digits: Number(digits) });
    else within -= 1;
    within += Number(children);
  }
  return columns;
}

/** @throws ThalwegError `ERR_FILE` where a file has other columns than the first */
export function requireSame(
  first: Input,
  expected: readonly Described[],
  input: Input,
  found: readonly Described[],
): void {
  const types = new Map(found.map(({ name, type }) => [name, type]));
  const known = new Set(expected.map(({ name }) => name));
  const other =
    expected.find(({ name, type }) => types.get(name) !== type) ?? found.find(({ name }) => !known.has(name));
  if (other === undefined) return;
  const [here, there] = [types.get(other.name), expected.find(({ name }) => name === other.name)?.type];
  throw new ThalwegError(
    'ERR_FILE',
    `${input.name} has ${here === undefined ? 'no' : 'a'} column "${other.name}"${here === undefined ? '' : ` of ${here}`}, and ${first.name} has ${there === undefined ? 'none' : `one of ${there}`}. ` +
      'Give files of the same columns.',
    { path: input.path, column: other.name },
  );
}
