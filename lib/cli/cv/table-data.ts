import type { CompressedRows, Dtype, HostMatrix } from '../../base/data-types';
import { columnValues } from '../../rows/rows';
import type { FitRows } from '../fit/fit-source';
import type { Prepared } from '../fit/prepare';
import type { Progress } from '../terminal/progress';

/** A table as rows of numbers in memory, which each fold takes its own of. */
export interface TableData {
  readonly X: HostMatrix | CompressedRows;
  readonly y: Float64Array;
  readonly sampleWeight: Float64Array | undefined;
}

/** Reads the rows of a table that are learned from. */
export async function tableData(prepared: Prepared, dtype: Dtype, bar: Progress): Promise<TableData> {
  const rows = prepared.source.rows(dtype, { onRows: bar.update });
  const { weights } = rows;
  try {
    return {
      X: prepared.source.isCompressed ? await compressedData(rows) : await writtenData(rows, dtype),
      y: await columnValues(rows.y),
      sampleWeight: weights && (await columnValues(weights)),
    };
  } finally {
    bar.stop();
  }
}

async function writtenData(rows: FitRows, dtype: Dtype): Promise<HostMatrix> {
  const length = rows.rows * rows.columns;
  const data = dtype === 'float32' ? new Float32Array(length) : new Float64Array(length);
  let filled = 0;
  for await (const block of rows.blocks()) {
    data.set(block, filled);
    filled += block.length;
  }
  return { data, shape: [rows.rows, rows.columns] };
}

async function compressedData({ rows, columns, sparse }: FitRows): Promise<CompressedRows> {
  const entries = sparse?.layout.entries ?? 0;
  const [data, indices] = [new Float64Array(entries), new Uint32Array(entries)];
  const indptr = new Uint32Array(rows + 1);
  let [row, filled] = [0, 0];
  for await (const { compressed } of sparse?.blocks() ?? []) {
    if (compressed === undefined) continue;
    data.set(compressed.values, filled);
    indices.set(compressed.columns, filled);
    filled += compressed.values.length;
    for (const length of compressed.lengths) {
      row += 1;
      indptr[row] = (indptr[row - 1] as number) + length;
    }
  }
  return { data, indices, indptr, shape: [rows, columns] };
}
