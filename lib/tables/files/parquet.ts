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
  const described = await describedIn(database, first);
  for (const other of others) requireSame(first, described, other, await describedIn(database, other));
  const names = await namesIn(database, first);
  const columns = described.map(
    ({ name, type }, index) =>
      new FileColumn(names.length === described.length ? names[index] || name : name, index, ofType(type)),
  );
  const read = new Map(columns.map(({ alias }, index) => [alias, described[index]?.name ?? '']));
  const opened = await Relation.load(
    database,
    {
      bytes: Infinity,
      asText: ofType('VARCHAR'),
      hasQuotes: false,
      scans: (asked) => {
        const values = asked
          .map(({ alias }) => `${identifier(read.get(alias) ?? '')} AS ${alias}`)
          .join(', ');
        return inputs.map((input) => `(SELECT ${values} FROM ${tableOf(input)})`);
      },
    },
    columns,
  );
  const files = inputs.map(({ readPath }) => fileLiteral(readPath)).join(', ');
  const ranges: Ranges = (asked) => parquetRanges(database, `parquet_metadata([${files}])`, asked);
  return { opened, notes: [], ranges };
}

/** The names of columns as the file has them: DuckDB gives others to those that another has, be it in other letters. */
async function namesIn(database: Database, { readPath }: Input): Promise<string[]> {
  const schema = await database.rows(
    `SELECT name, coalesce(num_children, 0)::DOUBLE FROM parquet_schema(${fileLiteral(readPath)})`,
  );
  const names: string[] = [];
  // Each is followed by what is in it; the first is all.
  let within = 0;
  for (const [name, children] of schema.slice(1)) {
    if (within === 0) names.push(String(name));
    else within -= 1;
    within += Number(children);
  }
  return names;
}

/** A column by its name, and its type as far as it matters. */
export interface Described {
  readonly name: string;
  readonly type: string;
}

/** Of a decimal; of more DuckDB makes doubles of other values. */
const MOST_DIGITS = 38;

async function describedIn(database: Database, input: Input): Promise<Described[]> {
  const described = await database.described(tableOf(input));
  if (described.every(({ type }) => type !== 'DOUBLE')) return described;
  const wide = new Map(
    (
      await database.rows(
        `SELECT name, 'DECIMAL of ' || precision || ' digits' FROM parquet_schema(${fileLiteral(input.readPath)}) WHERE precision > ${MOST_DIGITS}`,
      )
    ).map(([name, type]) => [String(name), String(type)]),
  );
  return wide.size === 0
    ? described
    : described.map(({ name, type }) => ({ name, type: (type === 'DOUBLE' && wide.get(name)) || type }));
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
