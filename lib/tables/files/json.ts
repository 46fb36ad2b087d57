import type { DuckDBType } from '@duckdb/node-api';
import { ThalwegError } from '../../base/errors';
import { json } from './column-sql';
import type { Database } from './database';
import { FileColumn, type Format, Relation, plainNumber } from './relation';
import type { Opening, ReadAs } from './source';
import { fileLiteral, identifier, literal } from './sql';
import type { TextInput } from './text';

const asJson: ReadAs = { type: 'json', sqlType: 'JSON', read: json };

/** Types that DuckDB finds where every value of a key is a number or null. */
const NUMBERS = /^(U?BIGINT|HUGEINT|DOUBLE)$/;

/** The keys that lead to a value. */
type Path = readonly string[];

/** Values in memory take about as much again as their text. */
const BYTES_OF_TEXT = 2;

/** Opens JSON: objects one a line, or a list of them. What an object holds in a key becomes columns `key.inner`. */
export async function openJson(database: Database, inputs: readonly TextInput[]): Promise<Opening> {
  const leaves = new Map<string, { readonly path: Path; isNumber: boolean }>();
  for (const [index, input] of inputs.entries()) {
    const found = await database.columnsOf(
      `read_json(${optionsOf(input)}, sample_size = -1, map_inference_threshold = -1)`,
    );
    await refuseRenamed(
      database,
      input,
      found.map(({ name }) => name),
    );
    const here = found.flatMap(({ name, type }) => leavesOf([name], type));
    if (index > 0) requireSame(inputs[0] as TextInput, input, leaves, here);
    for (const { path, type } of here) {
      const key = JSON.stringify(path);
      const isNumber = NUMBERS.test(type);
      const before = leaves.get(key);
      if (before === undefined) leaves.set(key, { path, isNumber });
      else before.isNumber &&= isNumber;
    }
  }
  const paths = [...leaves.values()];
  const columns = paths.map(
    ({ path, isNumber }, index) => new FileColumn(path.join('.'), index, isNumber ? plainNumber : asJson),
  );
  const pathOf = new Map(columns.map((column, index) => [column, paths[index]?.path ?? []]));
  const format: Format = {
    bytes: inputs.reduce((sum, { bytes }) => sum + BYTES_OF_TEXT * bytes, 0),
    asText: asJson,
    hasQuotes: false,
    scans: (read) => inputs.map((input) => scan(input, read, pathOf)),
  };
  const notes = inputs.flatMap((input) => input.notes);
  return { opened: await Relation.load(database, format, columns), notes };
}

function optionsOf({ readPath, compression, head, format }: TextInput): string {
  const start = head.trimStart();
  const isLines = format === 'jsonl' || isObject(/^[^\r\n]*/.exec(start)?.[0] ?? '');
  const form = start.startsWith('[') ? 'array' : isLines ? 'newline_delimited' : 'unstructured';
  return `${fileLiteral(readPath)}, hive_partitioning = false, compression = '${compression === 'none' ? 'uncompressed' : compression}', format = '${form}', records = true`;
}

function isObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

/**
 * Keys that DuckDB gives other names, by which it reads nothing: those that differ in the case of letters alone are one to it, and
 * the second `key_1`; the empty one is `C3` in the fourth place.
 */
async function refuseRenamed(database: Database, input: TextInput, names: readonly string[]): Promise<void> {
  const known = new Set(names.map((name) => name.toLowerCase()));
  for (const [index, name] of names.entries()) {
    const [, base = ''] = /^(.*)_\d+$/s.exec(name) ?? [];
    const isEmpty = name === `C${index}`;
    if (!isEmpty && (base === '' || !known.has(base.toLowerCase()))) continue;
    const objects = `read_json(${optionsOf(input).replace('records = true', 'records = false')}, columns = {o: 'JSON'})`;
    const [found] = await database.rows(
      `SELECT 1 FROM ${objects} WHERE list_contains(json_keys(o), ${literal(name)}) LIMIT 1`,
    );
    if (found !== undefined) continue;
    if (isEmpty) {
      throw new ThalwegError('ERR_FILE', `${input.name} has a key without a name, "". Give it one.`, {
        path: input.path,
        column: '',
      });
    }
    throw new ThalwegError(
      'ERR_FILE',
      `${input.name} has keys that differ from "${base}" in the case of letters alone. Rename one.`,
      { path: input.path, column: base },
    );
  }
}

interface Leaf {
  readonly path: Path;
  readonly type: string;
}

function leavesOf(path: Path, type: DuckDBType): Leaf[] {
  if (!('entryNames' in type) || !String(type).startsWith('STRUCT')) return [{ path, type: String(type) }];
  return type.entryNames.flatMap((name, index) =>
    leavesOf([...path, name], type.entryTypes[index] as DuckDBType),
  );
}

function requireSame(
  first: TextInput,
  input: TextInput,
  known: ReadonlyMap<string, { readonly path: Path }>,
  here: readonly Leaf[],
): void {
  const keys = new Set(here.map(({ path }) => JSON.stringify(path)));
  const added = here.find(({ path }) => !known.has(JSON.stringify(path)))?.path;
  const gone = [...known].find(([key]) => !keys.has(key))?.[1].path;
  const path = added ?? gone;
  if (path === undefined) return;
  const column = path.join('.');
  throw new ThalwegError(
    'ERR_FILE',
    `${input.name} has ${added === undefined ? 'no' : 'a'} column "${column}", and ${first.name} has ${added === undefined ? 'one' : 'none'}. Give files of the same columns.`,
    { path: input.path, column },
  );
}

/** Types of the keys that are needed, those in objects within the type of these. */
type Tree = Map<string, Tree | string>;

function scan(input: TextInput, read: readonly FileColumn[], pathOf: ReadonlyMap<FileColumn, Path>): string {
  const tree: Tree = new Map();
  for (const column of read) put(tree, pathOf.get(column) ?? [], column.readAs.sqlType);
  const types = Array.from(tree, ([name, type]) => `${literal(name)}: ${literal(typeSql(type))}`);
  const values = read.map((column) => {
    const [first = '', ...inner] = pathOf.get(column) ?? [];
    const value = inner.reduce(
      (outer, key) => `struct_extract(${outer}, ${literal(key)})`,
      identifier(first),
    );
    return `${value} AS ${column.alias}`;
  });
  return `(SELECT ${values.join(', ')} FROM read_json(${optionsOf(input)}, columns = {${types.join(', ')}}))`;
}

function put(tree: Tree, [name = '', ...inner]: Path, type: string): void {
  if (inner.length === 0) {
    tree.set(name, type);
    return;
  }
  const found = tree.get(name);
  const below: Tree = found instanceof Map ? found : new Map<string, Tree | string>();
  tree.set(name, below);
  put(below, inner, type);
}

function typeSql(type: Tree | string): string {
  if (typeof type === 'string') return type;
  return `STRUCT(${Array.from(type, ([name, inner]) => `${identifier(name)} ${typeSql(inner)}`).join(', ')})`;
}
