import { ThalwegError } from '../../base/errors';
import type { Scaling } from '../../rows/row-source';
import type { Chunk } from '../files/duckdb';
import type { Source } from '../files/source';
import { valueSql } from '../columns/read-column';
import { type Feature, encodedTargetSql, fills, width } from './encoding';
import { type FeatureGroup, UNKNOWN, featureGroups, groupCodeSql, readChunk, selectGroups } from './groups';
import type { Block, Reading } from './reading';
import { RowEncoder } from './row-encoder';

const BLOCK_BYTES = 4 << 20;

/** How many rows of X of these features a block has, whose categories may stay codes. */
export function blockRows(features: readonly Feature[], holdsCodes: boolean): number {
  const columns = holdsCodes ? features.length : width(features);
  const bytes = Float64Array.BYTES_PER_ELEMENT * Math.max(1, columns);
  return Math.max(1, Math.floor(BLOCK_BYTES / bytes));
}

/**
 * Streams the file as row-major blocks of a few megabytes. A level that was not seen in training counts as missing, but where
 * `unknown` says otherwise.
 *
 * @param holdsCodes whether categories stay codes, as `heldLayout` has them
 * @param scaling by which X is scaled, where they do not
 * @throws ThalwegError `ERR_COLUMN` at a missing value where the policy is `error`, and likewise at an unknown level, with its
 *   row.
 */
export async function* blocks(
  source: Source,
  reading: Reading,
  holdsCodes = false,
  scaling?: Scaling,
): AsyncGenerator<Block> {
  const encodings = reading.features.map(({ encoding }) => encoding);
  const encoder = new RowEncoder(reading, { holdsCodes, scaling });
  const capacity = blockRows(encodings, holdsCodes);
  const groups = featureGroups(reading.features);
  const columns = { groups, features: encodings.length, others: 3 };
  let block = encoder.block(capacity);
  const blamed = encodings.length + (reading.target === undefined ? 0 : 1);
  let beside = besides(blamed);
  for await (const chunk of source.database.chunks(selectSql(source, reading, groups))) {
    const values = readChunk(chunk, columns);
    const { rowCount } = chunk;
    const kept = reading.carried && textsOf(chunk, groups.length + 3, reading.carried.count);
    for (let from = 0, to: number; from < rowCount; from = to) {
      to = Math.min(rowCount, from + capacity - block.read);
      const used = block.used.subarray(block.read);
      const leftOut = encoder.append(block, values, from, to);
      for (let row = from; row < to && (leftOut > 0 || reading.unknown === 'error'); row += 1) {
        if (reading.unknown === 'error') refuseUnknown(source, reading, values, row);
        if (used[row - from] === 1) continue;
        if (reading.missing === 'error') throw missingValue(source, reading, values, row);
        countLacking(reading, values, row, beside.lacking);
      }
      if (kept !== undefined) beside.carried.push(...kept.slice(from, to));
      if (block.read === capacity) {
        yield { ...encoder.finish(block), ...beside };
        block = encoder.block(capacity);
        beside = besides(blamed);
      }
    }
  }
  if (block.read > 0) {
    yield { ...encoder.finish(block), ...beside };
  }
}

type Cells = (string | null)[];

function besides(columns: number): { carried: Cells[]; lacking: Uint32Array } {
  return { carried: [], lacking: new Uint32Array(columns) };
}

/** The texts in `count` columns from `first` on, row by row. */
function textsOf(chunk: Chunk, first: number, count: number): Cells[] {
  const columns = Array.from({ length: count }, (_, at) => chunk.texts(first + at));
  return Array.from({ length: chunk.rowCount }, (_, row) => columns.map((texts) => texts[row] ?? null));
}

/** Counts the features for want of which a row was left out, and behind them the target. */
function countLacking(
  { features, missing }: Reading,
  values: readonly Float64Array[],
  row: number,
  into: Uint32Array,
): void {
  for (let feature = 0; feature < into.length; feature += 1) {
    const value = values[feature]?.[row] ?? NaN;
    // What is missing of a feature is filled; what does not read is not.
    if (fills(missing) && feature < features.length ? value === Infinity : !Number.isFinite(value))
      into[feature] = (into[feature] ?? 0) + 1;
  }
}

/** The first feature for want of which a row, counted from 1, is left out, and what stands there. */
export async function lackingAt(
  source: Source,
  reading: Reading,
  row: number,
): Promise<{ readonly name: string; readonly text: string | undefined }> {
  const { features } = reading;
  const groups = featureGroups(features);
  const lacking = new Uint32Array(features.length);
  const names = [...groups.map((_, at) => `g${at}`), 'y', 'w', 'r'];
  const query = selectSql(source, { ...reading, missing: 'error', carried: undefined }, groups);
  for await (const chunk of source.database.chunks(
    `SELECT * FROM (${query}) AS t(${names.join(', ')}) WHERE r = ${row}`,
  )) {
    const values = readChunk(chunk, { groups, features: features.length, others: 0 });
    countLacking(reading, values, 0, lacking);
  }
  const column = features[lacking.findIndex((count) => count > 0)]?.column ?? features[0]?.column;
  if (column === undefined) return { name: '', text: undefined };
  const [cells] = await source.database.rows(
    `SELECT ${column.sql.text ?? 'NULL'} FROM ${source.select([column], { rowNumber: true })} WHERE r = ${row}`,
  );
  return { name: column.name, text: typeof cells?.[0] === 'string' ? cells[0] : undefined };
}

/** The groups of features, then y (0 without a target), the weight (1 without), the row number where it is needed (0 elsewhere). */
function selectSql(source: Source, reading: Reading, groups: readonly FeatureGroup[]): string {
  const { features, target, weight, missing, part, range } = reading;
  const rowNumber = part !== undefined || missing === 'error' || reading.unknown === 'error';
  const encodings = features.map(({ encoding }) => encoding);
  const values = groups.map((group) => groupCodeSql(group, encodings, reading.unknown));
  const y = target === undefined ? '0::DOUBLE' : encodedTargetSql(target, target.encoding);
  const w = weight === undefined ? '1::DOUBLE' : valueSql({ column: weight, kind: 'number' });
  const rows = selectGroups(source, { groups, others: [target?.column, weight], part, range, rowNumber });
  const columns = [...values, y, w, rowNumber ? 'r::DOUBLE' : '0::DOUBLE'];
  const beside = reading.carried && Array.from({ length: reading.carried.count }, (_, at) => `k${at}`);
  const from = reading.carried === undefined ? rows : `${rows} POSITIONAL JOIN ${reading.carried.sql}`;
  const all = [...columns, ...(beside ?? [])];
  return `SELECT ${all.join(', ')} FROM ${from}${weight === undefined ? '' : ` WHERE ${w} > 0`}`;
}

function refuseUnknown(
  source: Source,
  { features }: Reading,
  values: readonly Float64Array[],
  at: number,
): void {
  const index = features.findIndex(
    ({ kind }, feature) => kind === 'category' && values[feature]?.[at] === UNKNOWN,
  );
  const unknown = features[index];
  if (unknown === undefined) return;
  const { name } = unknown.column;
  const row = values[features.length + 2]?.[at] ?? 0;
  throw new ThalwegError(
    'ERR_COLUMN',
    `${source.name}, row ${row}: the column "${name}" holds a level that training did not see. Correct the file, or train with --unknown other.`,
    { path: source.path, column: name, row: row - 1 },
  );
}

function missingValue(
  source: Source,
  { features, target }: Reading,
  values: readonly Float64Array[],
  at: number,
): ThalwegError {
  const index = values.findIndex((column) => !Number.isFinite(column[at]));
  const lacking = features[index];
  const name = lacking?.column.name ?? target?.column.name ?? '';
  const row = values[features.length + 2]?.[at] ?? 0;
  const what =
    lacking?.encoding.kind === 'category' ? 'no value, or a level that was not seen in training' : 'no value';
  return new ThalwegError(
    'ERR_COLUMN',
    `${source.name}, row ${row}: the column "${name}" holds ${what}. Correct the file, or train with --missing drop, or mean, median, mode or indicator to fill it.`,
    {
      path: source.path,
      column: name,
      row: row - 1,
    },
  );
}
