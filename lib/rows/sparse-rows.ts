import type { Dtype } from '../base/data-types';
import { breathe } from '../base/event-loop';
import { chosenBefore } from './chosen';
import {
  type Codes,
  type CompressedBlock,
  type Floats,
  NOWHERE,
  type RowSource,
  type Scaling,
  type SparseBlock,
  type SparseLayout,
  type SparseSource,
} from './row-source';
import { rowsPerBlock, zeros } from './rows';

// Columns of mostly zeros behind dense ones, of which only what is not 0 is held: codes, and compressed rows (CSR).

/** The bytes of a code, as few as can be: native/device/layout.h. */
export function codeBytes(levels: number): 1 | 2 | 4 {
  if (levels <= 2 ** 8) return 1;
  return levels <= 2 ** 16 ? 2 : 4;
}

/** Room for codes of so many levels. */
export function codesFor(levels: number, rows: number): Codes {
  return new { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array }[codeBytes(levels)](rows);
}

/** How many columns sparse ones are held as. */
export function sparseColumns({ levels, compressed }: SparseLayout): number {
  return levels.reduce((sum, count) => sum + count, compressed);
}

/** How many columns X has. */
export function columnsOf(layout: SparseLayout): number {
  const { dense, places } = layout;
  const held = dense + sparseColumns(layout);
  return places === undefined ? held : places.filter((place) => place !== NOWHERE).length;
}

/** Which column of X one as it is held is, or NOWHERE. */
export function placeOf({ places }: SparseLayout, column: number): number {
  return places === undefined ? column : (places[column] as number);
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
  { columns, dtype }: Pick<RowSource, 'columns' | 'dtype'>,
): AsyncIterable<Floats> {
  const { layout } = source;
  const { dense, levels, scaling } = layout;
  const step = rowsPerBlock(columns);
  const room = zeros(dtype, step * columns);
  const places = Uint32Array.from({ length: dense + sparseColumns(layout) }, (_, j) => placeOf(layout, j));
  const empty = zeros(dtype, columns);
  const write = (into: Floats, at: number, column: number, value: number): void => {
    const place = places[dense + column] as number;
    if (place !== NOWHERE)
      into[at + place] = scaling === undefined ? value : scaledBy(scaling, column, value);
  };
  for (let j = 0; scaling !== undefined && j < places.length - dense; j += 1) write(empty, 0, j, 0);
  let held = 0;
  for await (const block of source.blocks(step * columns)) {
    let firstEntry = 0;
    for (let row = 0; row < block.rows; row += 1) {
      const at = held * columns;
      room.set(empty, at);
      for (let j = 0; j < dense; j += 1)
        room[at + (places[j] as number)] = block.dense?.[row * dense + j] as number;
      eachEntry(block, levels, { row, firstEntry }, (column, value) => {
        write(room, at, column, value);
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
  const columns = columnsOf(sparse.layout);
  return { rows, columns, dtype, sparse, blocks: () => writtenOut(sparse, { columns, dtype }) };
}

/** Some rows of sparse columns, in their order. @param chosen their numbers */
export function sparseAt(source: SparseSource, chosen: Uint32Array): SparseSource {
  const { dense } = source.layout;
  async function* blocks(bytes?: number): AsyncIterable<SparseBlock> {
    let first = 0;
    let next = 0;
    for await (const block of source.blocks(bytes)) {
      const begun = first;
      first += block.rows;
      const some = chosenBefore(chosen, next, first).map((row) => row - begun);
      next += some.length;
      if (some.length > 0) yield picked(block, some, dense);
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
  const held = (values: Float64Array, none: number): Float64Array =>
    Float64Array.from(
      { length: sparseColumns(layout) },
      (_, j) => values[placeOf(layout, layout.dense + j)] ?? none,
    );
  const scaling = { means: held(means, 0), scales: held(scales, 1) };
  async function* blocks(bytes?: number): AsyncIterable<SparseBlock> {
    for await (const block of source.blocks(bytes))
      yield block.dense === undefined ? block : { ...block, dense: scaleDense(block.dense) };
  }
  return { layout: { ...layout, scaling }, blocks };
}
