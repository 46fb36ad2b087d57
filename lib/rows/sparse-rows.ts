import type { Dtype } from '../base/data-types';
import { breathe } from '../base/event-loop';
import type {
  Codes,
  CompressedBlock,
  Floats,
  RowSource,
  Scaling,
  SparseBlock,
  SparseLayout,
  SparseSource,
} from './row-source';
import { rowsPerBlock, zeros } from './rows';

// Columns of mostly zeros behind dense ones, of which only what is not 0 is held: codes, and compressed rows (CSR).

/** As short as codes of so many levels can be: native/device/layout.h, codeBytes. */
export function codesFor(levels: number, rows: number): Codes {
  if (levels <= 2 ** 8) return new Uint8Array(rows);
  return levels <= 2 ** 16 ? new Uint16Array(rows) : new Uint32Array(rows);
}

/** How many columns sparse ones are. */
export function sparseColumns({ levels, compressed }: SparseLayout): number {
  return levels.reduce((sum, count) => sum + count, compressed);
}

/** Calls `see` for what is not 0 in the sparse columns of row i of a block, the first of which is column 0. */
export function eachEntry(
  block: SparseBlock,
  levels: readonly number[],
  at: { readonly row: number; readonly firstEntry: number },
  see: (column: number, value: number) => void,
): void {
  let first = 0;
  for (const [c, codes] of block.codes.entries()) {
    see(first + (codes[at.row] as number), 1);
    first += levels[c] as number;
  }
  const { compressed } = block;
  if (compressed === undefined) return;
  const end = at.firstEntry + (compressed.lengths[at.row] as number);
  for (let e = at.firstEntry; e < end; e += 1)
    see(first + (compressed.columns[e] as number), compressed.values[e] as number);
}

/** The same rows with a place for every column, in blocks. */
async function* writtenOut(
  source: SparseSource,
  shape: Pick<RowSource, 'columns' | 'dtype'>,
): AsyncIterable<Floats> {
  const { columns, dtype } = shape;
  const { dense, levels, scaling } = source.layout;
  const step = rowsPerBlock(columns);
  const room = zeros(dtype, step * columns);
  const empty = zeros(dtype, columns - dense);
  if (scaling !== undefined) empty.forEach((_, j) => (empty[j] = scaledBy(scaling, j, 0)));
  let held = 0;
  for await (const block of source.blocks(step * columns)) {
    let firstEntry = 0;
    for (let row = 0; row < block.rows; row += 1) {
      const at = held * columns;
      if (block.dense !== undefined) room.set(block.dense.subarray(row * dense, (row + 1) * dense), at);
      room.set(empty, at + dense);
      eachEntry(block, levels, { row, firstEntry }, (column, value) => {
        room[at + dense + column] = scaling === undefined ? value : scaledBy(scaling, column, value);
      });
      firstEntry += block.compressed?.lengths[row] ?? 0;
      held += 1;
      if (held < step) continue;
      yield room;
      held = 0;
    }
    await breathe();
  }
  if (held > 0) yield room.subarray(0, held * columns);
}

function scaledBy({ means, scales }: Scaling, column: number, value: number): number {
  return (value - (means[column] as number)) / (scales[column] as number);
}

/** Rows of sparse columns, which who cannot hold them reads written out. */
export function sparseRows(rows: number, dtype: Dtype, sparse: SparseSource): RowSource {
  const columns = sparse.layout.dense + sparseColumns(sparse.layout);
  return { rows, columns, dtype, sparse, blocks: () => writtenOut(sparse, { columns, dtype }) };
}

/** Some rows of sparse columns, in their order. */
export function sparseWhere(source: SparseSource, isChosen: (row: number) => boolean): SparseSource {
  const { dense } = source.layout;
  async function* blocks(bytes?: number): AsyncIterable<SparseBlock> {
    let first = 0;
    for await (const block of source.blocks(bytes)) {
      const chosen = Uint32Array.from({ length: block.rows }, (_, i) => i).filter((i) => isChosen(first + i));
      first += block.rows;
      if (chosen.length > 0) yield picked(block, chosen, dense);
    }
  }
  return { layout: source.layout, blocks };
}

function picked(block: SparseBlock, chosen: Uint32Array, width: number): SparseBlock {
  const { dense, codes, compressed } = block;
  const rows = chosen.length;
  const kept: { rows: number; codes: Codes[]; dense?: Floats; compressed?: CompressedBlock } = {
    rows,
    codes: codes.map((column) => {
      const some = column.slice(0, rows);
      chosen.forEach((row, i) => (some[i] = column[row] as number));
      return some;
    }),
  };
  if (dense !== undefined) {
    kept.dense = dense.slice(0, rows * width);
    for (const [i, row] of chosen.entries())
      kept.dense.set(dense.subarray(row * width, (row + 1) * width), i * width);
  }
  if (compressed !== undefined) kept.compressed = pickedEntries(compressed, chosen);
  return kept;
}

function pickedEntries({ lengths, columns, values }: CompressedBlock, chosen: Uint32Array): CompressedBlock {
  const begins = new Uint32Array(lengths.length + 1);
  for (const [i, length] of lengths.entries()) begins[i + 1] = (begins[i] as number) + length;
  const keptLengths = chosen.map((row) => lengths[row] as number);
  const count = keptLengths.reduce((sum, length) => sum + length, 0);
  const kept = { lengths: keptLengths, columns: new Uint32Array(count), values: values.slice(0, count) };
  let at = 0;
  for (const row of chosen) {
    const [begin, end] = [begins[row] as number, begins[row + 1] as number];
    kept.columns.set(columns.subarray(begin, end), at);
    kept.values.set(values.subarray(begin, end), at);
    at += end - begin;
  }
  return kept;
}

/** The same rows, standardized: dense columns on their way, sparse ones where they are computed with. */
export function sparseScaled(
  source: SparseSource,
  { means, scales }: Scaling,
  scaleDense: (block: Floats) => Floats,
): SparseSource {
  const { layout } = source;
  const scaling = { means: means.slice(layout.dense), scales: scales.slice(layout.dense) };
  async function* blocks(bytes?: number): AsyncIterable<SparseBlock> {
    for await (const block of source.blocks(bytes))
      yield block.dense === undefined ? block : { ...block, dense: scaleDense(block.dense) };
  }
  return { layout: { ...layout, scaling }, blocks };
}
