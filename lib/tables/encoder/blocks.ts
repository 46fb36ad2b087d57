import type { DuckDBDataChunk } from '@duckdb/node-api';
import { ThalwegError } from '../../base/errors';
import { encodedSql, encodedTargetSql, width } from './encoding';
import type { Block, Reading } from './reading';
import { RowEncoder } from './row-encoder';
import type { Source } from '../files/source';
import { withSplit } from './split';

const BLOCK_BYTES = 4 << 20;
const VECTOR_ROWS = 2048;

/**
 * Streams the file as row-major blocks of a few megabytes. A level that was not seen in training counts as missing.
 *
 * @throws ThalwegError `ERR_COLUMN` at a missing value where the policy is `error`, with its row.
 */
export async function* blocks(source: Source, reading: Reading): AsyncGenerator<Block> {
  const columns = width(reading.features.map(({ encoding }) => encoding));
  const encoder = new RowEncoder(
    reading.features.map(({ encoding }) => encoding),
    reading,
  );
  const capacity =
    VECTOR_ROWS * Math.max(1, Math.floor(BLOCK_BYTES / (8 * Math.max(1, columns) * VECTOR_ROWS)));
  const values = Array.from({ length: reading.features.length + 2 }, () => new Float64Array(VECTOR_ROWS));
  let block = encoder.block(capacity);
  for await (const chunk of source.database.chunks(selectSql(source, reading))) {
    readChunk(chunk, values);
    // A property of DuckDB's that costs a call: read once.
    const { rowCount } = chunk;
    for (let row = 0; row < rowCount; row += 1) {
      if (!encoder.append(block, values, row) && reading.missing === 'error') {
        throw missingValue(source, reading, values, row);
      }
    }
    if (block.read + VECTOR_ROWS > capacity) {
      yield encoder.finish(block);
      block = encoder.block(capacity);
    }
  }
  if (block.read > 0) {
    yield encoder.finish(block);
  }
}

/** The features v0, v1, …, then y (0 without a target), then the row number where it is needed (0 elsewhere). */
function selectSql(source: Source, { features, target, missing, part }: Reading): string {
  const rowNumber = part !== undefined || missing === 'error';
  const columns = new Set(features.map(({ column }) => column));
  if (target !== undefined) {
    columns.add(target.column);
  }
  const all = source.select([...columns], { rowNumber });
  const rows =
    part === undefined
      ? all
      : `(SELECT * FROM ${withSplit(all, part.split)} WHERE ${part.held ? '' : 'NOT '}held)`;
  const values = features.map(({ column, encoding }) => encodedSql(column, encoding));
  const y = target === undefined ? '0::DOUBLE' : encodedTargetSql(target.column, target.encoding);
  return `SELECT ${[...values, y, rowNumber ? 'r::DOUBLE' : '0::DOUBLE'].join(', ')} FROM ${rows}`;
}

/** Copies a chunk's columns, NaN for a missing value: nothing in the file that is NaN gets this far. */
function readChunk(chunk: DuckDBDataChunk, values: readonly Float64Array[]): void {
  const { rowCount } = chunk;
  values.forEach((column, index) => {
    const vector = chunk.getColumnVector(index);
    for (let row = 0; row < rowCount; row += 1) {
      column[row] = (vector.getItem(row) as number | null) ?? NaN;
    }
  });
}

function missingValue(
  source: Source,
  { features, target }: Reading,
  values: readonly Float64Array[],
  at: number,
): ThalwegError {
  const index = values.findIndex((column) => Number.isNaN(column[at]));
  const lacking = features[index];
  const name = lacking?.column.name ?? target?.column.name ?? '';
  const row = values[features.length + 1]?.[at] ?? 0;
  const what =
    lacking?.encoding.kind === 'category' ? 'no value, or a level that was not seen in training' : 'no value';
  return new ThalwegError(
    'ERR_COLUMN',
    `${source.name}, row ${row}: the column "${name}" holds ${what}. Correct the file, or train with --missing drop or --missing mean.`,
    {
      path: source.path,
      column: name,
      row: row - 1,
    },
  );
}
