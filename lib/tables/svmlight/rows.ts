import type { Dtype } from '../../base/data-types';
import { ThalwegError } from '../../base/errors';
import { MOST_FEATURES, type NumericFeature } from '../../model/features';
import type { CompressedBlock, RowSource, SparseBlock } from '../../rows/row-source';
import { SparseMoments } from '../../rows/sparse-moments';
import { sparseRows } from '../../rows/sparse-rows';
import type { FileBlock, SvmlightFiles } from './read';

/** All rows of SVMlight files in memory, as compressed rows. */
export interface SvmlightRows {
  /** Of one value in each row. */
  readonly labels: Float64Array;
  readonly columns: number;
  /** Which index of the files column 0 is. */
  readonly base: 0 | 1;
  readonly entries: number;
  readonly blocks: readonly CompressedBlock[];
}

/**
 * Reads all rows. An index 0 anywhere says that indices begin there, and they begin at 1 otherwise, as scikit-learn's `zero_based="auto"`
 * has it; the largest one is the last column.
 *
 * @throws ThalwegError as `SvmlightFiles.blocks`; `ERR_FILE` where there are no rows or no values, or too large an index
 */
export async function gathered(files: SvmlightFiles): Promise<SvmlightRows> {
  const blocks: FileBlock[] = [];
  let [least, greatest, rows, entries] = [Infinity, -1, 0, 0];
  for await (const block of files.blocks()) {
    blocks.push(block);
    rows += block.labels.length;
    entries += block.values.length;
    for (const index of block.columns) {
      if (index < least) least = index;
      if (index > greatest) greatest = index;
    }
  }
  if (rows === 0) throw refused(files, 'has no rows. Give a file with a line for each row');
  if (entries === 0) throw refused(files, 'has labels alone, and no index:value to learn from');
  const base = least === 0 ? 0 : 1;
  const columns = greatest + 1 - base;
  if (columns > MOST_FEATURES)
    throw refused(files, `has the index ${greatest}, and no model has more than ${MOST_FEATURES} features`);
  const labels = new Float64Array(rows);
  let filled = 0;
  for (const block of blocks) {
    labels.set(block.labels, filled);
    filled += block.labels.length;
    if (base === 1) block.columns.forEach((index, at) => (block.columns[at] = index - 1));
  }
  return { labels, columns, base, entries, blocks };
}

function refused({ name, path }: SvmlightFiles, what: string): ThalwegError {
  return new ThalwegError('ERR_FILE', `${name} ${what}.`, { path });
}

/** A block of them, as it is held. */
function held(compressed: CompressedBlock): SparseBlock {
  return { rows: compressed.lengths.length, codes: [], compressed };
}

/** What messages call a column. */
export const indexOf =
  ({ base }: Pick<SvmlightRows, 'base'>) =>
  (column: number): string =>
    String(column + base);

/**
 * They as rows of X.
 *
 * @param onEnd told that all were read, each time
 */
export function compressedSource(all: SvmlightRows, dtype: Dtype, onEnd?: () => void): RowSource {
  const { labels, columns, entries, blocks } = all;
  function* given(): Generator<SparseBlock> {
    for (const block of blocks) yield held(block);
    onEnd?.();
  }
  const layout = { dense: 0, levels: [], compressed: columns, entries };
  const nameOf = indexOf(all);
  return {
    ...sparseRows(labels.length, dtype, { layout, blocks: given }),
    nameOf: (column) => `"${nameOf(column)}"`,
  };
}

/** Some rows alone as rows of X. */
export function blockSource(compressed: CompressedBlock, columns: number): RowSource {
  const layout = { dense: 0, levels: [], compressed: columns, entries: compressed.values.length };
  const blocks = (): SparseBlock[] => [held(compressed)];
  return sparseRows(compressed.lengths.length, 'float64', { layout, blocks });
}

/** Each column as a feature that is called by its index, with mean and deviation over these rows. */
export async function featuresOf(source: RowSource, all: SvmlightRows): Promise<NumericFeature[]> {
  const { columns } = all;
  const moments = new SparseMoments({ dense: 0, levels: [], compressed: columns, entries: all.entries });
  for await (const block of source.sparse?.blocks() ?? []) moments.add(block);
  const nameOf = indexOf(all);
  return Array.from({ length: columns }, (_, j) => {
    const { mean, deviation } = moments.moment(j);
    return { name: nameOf(j), kind: 'number', mean, scale: deviation || 1 };
  });
}
