import { type ReadColumn, valueSql } from '../columns/read-column';
import type { Chunk } from '../files/duckdb';
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
  for (const [
    index,
    { column, kind, form, words, isAsWritten, marksUnread, takesText },
  ] of features.entries()) {
    const how = { kind, form, words, isAsWritten, marksUnread, takesText };
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
  const { kind, form, words, isAsWritten, marksUnread, takesText } = group;
  const column = group.columns[0] as SourceColumn;
  const how = { kind, form, words, isAsWritten, marksUnread, takesText };
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
  const codes = transformed(
    group,
    (read) => {
      const value = valueSql(read);
      const code = `CAST(nullif(list_position(levels[i], ${value}), 0) - 1 AS DOUBLE)`;
      return known(code, value, 'others[i]');
    },
    'x, i',
  );
  const all = `[${levels.map((names) => `[${names.map(literal).join(', ')}]`).join(', ')}]`;
  return bound('levels', all, bound('others', `[${others.join(', ')}]::DOUBLE[]`, codes));
}

/** An expression in which a name stands for a constant, of which DuckDB would make a copy for each element of a list otherwise. */
function bound(name: string, constant: string, expression: string): string {
  return `list_transform([${constant}], lambda ${name}: ${expression})[1]`;
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

/** Columns of values of one chunk. */
export type Values = Float64Array[];

/** What of a chunk's columns is read: groups of features, which come first and in their order, and columns of one value after them. */
export interface ChunkColumns {
  readonly groups: readonly FeatureGroup[];
  /** How many features there are, of which those of no group have no values. */
  readonly features: number;
  readonly others: number;
}

/**
 * The values of a chunk, feature by feature and then those of the other columns, in memory that is the caller's; NaN for a missing
 * value: nothing in the file that is NaN gets this far.
 */
export function readChunk(chunk: Chunk, { groups, features, others }: ChunkColumns): Values {
  const values: Values = new Array<Float64Array>(features + others).fill(NONE);
  for (const [at, group] of groups.entries()) readGroup(chunk, at, group, values);
  for (let index = 0; index < others; index += 1)
    values[features + index] = chunk.doubles(groups.length + index);
  return values;
}

const NONE = new Float64Array(0);

function readGroup(chunk: Chunk, at: number, { isList, indices }: FeatureGroup, values: Values): void {
  if (!isList) {
    values[indices[0] as number] = chunk.doubles(at);
    return;
  }
  const { items, starts } = chunk.lists(at);
  for (const [k, index] of indices.entries())
    values[index] = starts.map((start) => items[start + k] as number);
}
