import { endianness } from 'node:os';
import type { DuckDBDataChunk, DuckDBVector } from '@duckdb/node-api';
import { type ReadColumn, valueSql } from '../columns/read-column';
import type { Source, SourceColumn } from '../files/source';
import { literal } from '../files/sql';
import { type Encoder, type Feature, codeSql, unknownLevel } from './encoding';
import type { RowRange } from './reading';
import { type Split, withSplit } from './split';

/** Up to so many features a query has an expression for each, which reads faster than lists do. */
const MOST_BY_THEMSELVES = 64;

/**
 * Features as queries read them: one by itself, or, where there are many, all of a type and kind as one list, so that a
 * query has few expressions however many columns there are.
 */
export interface FeatureGroup extends Omit<ReadColumn, 'column'> {
  /** Of the subquery's column. */
  readonly alias: string;
  readonly isList: boolean;
  /** Which features these are. */
  readonly indices: readonly number[];
  readonly columns: readonly SourceColumn[];
}

/** The groups of features, in which each is once. */
export function featureGroups(features: readonly ReadColumn[]): FeatureGroup[] {
  const isList = features.length > MOST_BY_THEMSELVES;
  const groups = new Map<
    string,
    Omit<ReadColumn, 'column'> & { indices: number[]; columns: SourceColumn[] }
  >();
  for (const [index, { column, kind, form, words, isAsWritten, marksUnread }] of features.entries()) {
    const how = { kind, form, words, isAsWritten, marksUnread };
    const key = isList ? JSON.stringify([column.type, how]) : String(index);
    const group = groups.get(key) ?? { ...how, indices: [], columns: [] };
    group.indices.push(index);
    group.columns.push(column);
    groups.set(key, group);
  }
  return [...groups.values()].map((group, index) => ({
    ...group,
    isList,
    alias: isList ? `g${index}` : (group.columns[0] as SourceColumn).alias,
  }));
}

/** What of the file's rows is selected. */
export interface Selection {
  readonly groups: readonly FeatureGroup[];
  /** Columns besides the features. */
  readonly others?: readonly (SourceColumn | undefined)[];
  readonly part?: { readonly split: Split; readonly held: boolean } | undefined;
  readonly range?: RowRange | undefined;
  readonly rowNumber?: boolean;
}

/** A subquery of the raw groups and the other columns. */
export function selectGroups(
  source: Source,
  { groups, others = [], part, range, rowNumber = false }: Selection,
): string {
  const lists = groups.filter(({ isList }) => isList);
  const columns = new Set(groups.flatMap((group) => (group.isList ? [] : group.columns)));
  for (const other of others) if (other !== undefined) columns.add(other);
  const isNumbered = rowNumber || part !== undefined || range !== undefined;
  const all = source.select([...columns], { rowNumber: isNumbered, lists });
  const some = range === undefined ? all : `(SELECT * FROM ${all} WHERE ${inRangeSql(range)})`;
  if (part === undefined) return some;
  return `(SELECT * FROM ${withSplit(some, part.split)} WHERE ${part.held ? '' : 'NOT '}held)`;
}

/** Whether the row with the number `r` is one of a range. */
export function inRangeSql({ after, upTo }: RowRange): string {
  return `(r > ${after} AND r <= ${upTo})`;
}

function transformed(group: FeatureGroup, value: (read: ReadColumn) => string, parameters = 'x'): string {
  const { kind, form, words, isAsWritten, marksUnread } = group;
  const column = group.columns[0] as SourceColumn;
  const how = { kind, form, words, isAsWritten, marksUnread };
  if (!group.isList) return value({ column, ...how });
  const { name, type, read } = column;
  const element = { name, type, read, alias: 'x', sql: read('x') };
  const transformed = value({ column: element, ...how });
  return transformed === 'x'
    ? group.alias
    : `list_transform(${group.alias}, lambda ${parameters}: ${transformed})`;
}

/** A group's values: DOUBLE, or the text of categories; NULL where one is missing. */
export function groupValueSql(group: FeatureGroup): string {
  return transformed(group, (read) => valueSql(read));
}

/** Whether the values `value` of a group are all there. */
export function completeSql(group: FeatureGroup, value: string): string {
  return group.isList ? `list_count(${value}) = len(${value})` : `${value} IS NOT NULL`;
}

/** The code of a level that training did not see, where that is not a missing value. */
export const UNKNOWN = -1;

/**
 * A group's values as DOUBLE: for a category 0 for the level left out, then 1, 2, … For a level that is not known, that of the
 * others where there is one, or `UNKNOWN` or NULL, as `unknown` has it.
 */
export function groupCodeSql(
  group: FeatureGroup,
  encodings: readonly Feature[],
  unknown: Encoder['unknown'],
): string {
  if (group.kind !== 'category') return groupValueSql(group);
  const features = group.indices.map((index) => encodings[index]);
  const levels = features.map(levelsOf);
  const others = features.map((feature, at) => otherCode(feature, levels[at] ?? [], unknown));
  const known = (code: string, value: string, other: string): string =>
    others.every((one) => one === 'NULL')
      ? code
      : `coalesce(${code}, CASE WHEN ${value} IS NOT NULL THEN ${other} END)`;
  if (!group.isList) {
    const value = groupValueSql(group);
    return known(codeSql(value, levels[0] ?? []), value, others[0] ?? 'NULL');
  }
  const all = `[${levels.map((names) => `[${names.map(literal).join(', ')}]`).join(', ')}]`;
  return transformed(
    group,
    (read) => {
      const value = valueSql(read);
      const code = `CAST(nullif(list_position((${all})[i], ${value}), 0) - 1 AS DOUBLE)`;
      return known(code, value, `([${others.join(', ')}]::DOUBLE[])[i]`);
    },
    'x, i',
  );
}

function otherCode(
  feature: Feature | undefined,
  levels: readonly string[],
  unknown: Encoder['unknown'],
): string {
  const is = feature?.kind === 'category' ? unknownLevel(feature, unknown) : 'missing';
  if (is === 'missing') return 'NULL';
  return `${typeof is === 'string' ? UNKNOWN : levels.indexOf(is.level)}::DOUBLE`;
}

/** All of a category, that left out first; none of what is no category. */
export function levelsOf(feature: Feature | undefined): readonly string[] {
  return feature?.kind === 'category' ? [feature.leftOut, ...feature.levels] : [];
}

/** Columns of values, each with room for a chunk. */
export type Values = Float64Array[];

/**
 * Copies the groups of a chunk, whose columns come first and in their order, and of the columns after them as many as
 * `values` has room for; NaN for a missing value: nothing in the file that is NaN gets this far.
 *
 * @param features how many of `values` come before those
 */
export function readChunk(
  chunk: DuckDBDataChunk,
  groups: readonly FeatureGroup[],
  values: Values,
  features = groups.reduce((sum, { indices }) => sum + indices.length, 0),
): void {
  // A property of DuckDB's that costs a call: read once.
  const { rowCount } = chunk;
  for (let index = 0; index < values.length; index += 1) {
    if ((values[index] as Float64Array).length < rowCount) values[index] = new Float64Array(rowCount);
  }
  for (const [at, group] of groups.entries()) readGroup(chunk, at, group, values, rowCount);
  for (let index = features; index < values.length; index += 1)
    readColumn(chunk, groups.length + index - features, values[index] as Float64Array, rowCount);
}

/** What of DuckDB's vector of lists is needed, whose class is loaded by whoever opened the file. */
interface Lists {
  /** The items of all lists. */
  readonly childVector: DuckDBVector;
  /** Where those of a row begin. */
  getEntryOffset(row: number): number;
}

function readGroup(
  chunk: DuckDBDataChunk,
  at: number,
  { isList, indices }: FeatureGroup,
  values: Values,
  rows: number,
): void {
  if (!isList) {
    readColumn(chunk, at, values[indices[0] as number] as Float64Array, rows);
    return;
  }
  // No list is missing: items are.
  const lists = chunk.getColumnVector(at) as unknown as Lists;
  const starts = Float64Array.from({ length: rows }, (_, row) => lists.getEntryOffset(row));
  const { childVector } = lists;
  const items = doublesOf(childVector);
  for (const [k, index] of indices.entries()) {
    const into = values[index] as Float64Array;
    for (let row = 0; row < rows; row += 1) {
      const place = (starts[row] as number) + k;
      into[row] = items?.[place] ?? (childVector.getItem(place) as number | null) ?? NaN;
    }
  }
}

/** A vector of doubles as DuckDB's package holds it, which its own functions read one by one, by bits of big integers. */
interface Doubles {
  readonly items: Float64Array;
  /** Of 64 values each, from the bit `offset` on, whether they are there; null: all are. */
  readonly validity: { readonly data: BigUint64Array | null; readonly offset: number };
}

/** The values of a vector of doubles, NaN where one is missing; undefined of any other vector. */
function doublesOf(vector: DuckDBVector): Float64Array | undefined {
  const { items, validity } = vector as unknown as Partial<Doubles>;
  if (!(items instanceof Float64Array) || validity === undefined) return undefined;
  const { data, offset } = validity;
  if (data === null) return items;
  if (!(data instanceof BigUint64Array) || !isLittleEndian) return undefined;
  const bits = new Uint32Array(data.buffer, data.byteOffset, 2 * data.length);
  return items.map((value, index) => {
    const bit = offset + index;
    return (((bits[bit >>> 5] as number) >>> (bit & 31)) & 1) === 1 ? value : NaN;
  });
}

const isLittleEndian = endianness() === 'LE';

function readColumn(chunk: DuckDBDataChunk, at: number, into: Float64Array, rows: number): void {
  const vector = chunk.getColumnVector(at);
  const doubles = doublesOf(vector);
  if (doubles !== undefined) {
    into.set(doubles);
    return;
  }
  for (let row = 0; row < rows; row += 1) into[row] = (vector.getItem(row) as number | null) ?? NaN;
}
