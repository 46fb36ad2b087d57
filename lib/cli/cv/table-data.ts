import type { Dtype, HostMatrix } from '../../base/data-types';
import { columnValues } from '../../rows/rows';
import { TableRows } from '../../tables/encoder/table-rows';
import { readingOf } from '../fit/train';
import type { Prepared } from '../fit/prepare';
import type { Progress } from '../terminal/progress';

/** A table as rows of numbers in memory, which each fold takes its own of. */
export interface TableData {
  readonly X: HostMatrix;
  readonly y: Float64Array;
  readonly sampleWeight: Float64Array | undefined;
}

/** Reads the rows of a table that are learned from. */
export async function tableData(prepared: Prepared, dtype: Dtype, bar: Progress): Promise<TableData> {
  const { source, found } = prepared;
  const rows = new TableRows(source, readingOf(prepared), found.rows, dtype, {
    kept: found.kept,
    onRows: bar.update,
  });
  const length = rows.rows * rows.columns;
  const data = dtype === 'float32' ? new Float32Array(length) : new Float64Array(length);
  let filled = 0;
  try {
    for await (const block of rows.blocks()) {
      data.set(block, filled);
      filled += block.length;
    }
  } finally {
    bar.stop();
  }
  const { weights } = rows;
  return {
    X: { data, shape: [rows.rows, rows.columns] },
    y: await columnValues(rows.y),
    sampleWeight: weights && (await columnValues(weights)),
  };
}
