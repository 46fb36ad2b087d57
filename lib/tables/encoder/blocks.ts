import { ThalwegError } from '../../base/errors';
import type { Source } from '../files/source';
import { encodedTargetSql, valueSql, width } from './encoding';
import {
  type FeatureGroup,
  type Values,
  featureGroups,
  groupCodeSql,
  readChunk,
  selectGroups,
} from './groups';
import type { Block, Reading } from './reading';
import { RowEncoder } from './row-encoder';

const BLOCK_BYTES = 4 << 20;

/**
 * Streams the file as row-major blocks of a few megabytes. A level that was not seen in training counts as missing.
 *
 * @throws ThalwegError `ERR_COLUMN` at a missing value where the policy is `error`, with its row.
 */
export async function* blocks(source: Source, reading: Reading): AsyncGenerator<Block> {
  const encodings = reading.features.map(({ encoding }) => encoding);
  const encoder = new RowEncoder(encodings, reading.missing === 'mean', reading.weight !== undefined);
  const capacity = Math.max(1, Math.floor(BLOCK_BYTES / (8 * Math.max(1, width(encodings)))));
  const groups = featureGroups(reading.features.map(({ column, encoding: { kind } }) => ({ column, kind })));
  const values: Values = Array.from({ length: encodings.length + 3 }, () => new Float64Array(0));
  let block = encoder.block(capacity);
  for await (const chunk of source.database.chunks(selectSql(source, reading, groups))) {
    readChunk(chunk, groups, values);
    const { rowCount } = chunk;
    for (let row = 0; row < rowCount; row += 1) {
      if (!encoder.append(block, values, row) && reading.missing === 'error') {
        throw missingValue(source, reading, values, row);
      }
      if (block.read === capacity) {
        yield encoder.finish(block);
        block = encoder.block(capacity);
      }
    }
  }
  if (block.read > 0) {
    yield encoder.finish(block);
  }
}

/** The groups of features, then y (0 without a target), the weight (1 without), the row number where it is needed (0 elsewhere). */
function selectSql(source: Source, reading: Reading, groups: readonly FeatureGroup[]): string {
  const { features, target, weight, missing, part } = reading;
  const rowNumber = part !== undefined || missing === 'error';
  const encodings = features.map(({ encoding }) => encoding);
  const values = groups.map((group) => groupCodeSql(group, encodings));
  const y = target === undefined ? '0::DOUBLE' : encodedTargetSql(target.column, target.encoding);
  const w = weight === undefined ? '1::DOUBLE' : valueSql(weight, 'number');
  const rows = selectGroups(source, { groups, others: [target?.column, weight], part, rowNumber });
  const columns = [...values, y, w, rowNumber ? 'r::DOUBLE' : '0::DOUBLE'];
  return `SELECT ${columns.join(', ')} FROM ${rows}${weight === undefined ? '' : ` WHERE ${w} > 0`}`;
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
  const row = values[features.length + 2]?.[at] ?? 0;
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
