import type { Dtype } from '../../base/data-types';
import type { SparseBlock, SparseLayout, SparseSource } from '../../rows/row-source';
import type { RowSource, Scaling } from '../../rows/rows';
import type { Source } from '../files/source';
import { blocks } from './blocks';
import { columnNames, scaling, width } from './encoding';
import { heldLayout } from './held-layout';
import type { KeptRows } from './kept-rows';
import type { Block, Reading } from './reading';

/** How a table is read, and who follows it. */
export interface TableOptions {
  /** Whether its columns are to be measured anew, since rows count otherwise than `reading` knows. */
  readonly unscaled?: boolean;
  /** Values of the rows that were read already. */
  readonly kept?: KeptRows | undefined;
  /** Told how many rows of the file were read so far. */
  readonly onRows?: (read: number) => void;
  /** Told that all were. */
  readonly onEnd?: () => void;
}

/** The rows of a table that are learned from, as X, and their targets. */
export class TableRows implements RowSource {
  readonly columns: number;
  readonly scaling?: Scaling;
  readonly nameOf: (column: number) => string;
  readonly sparse?: SparseSource;
  readonly #targets: Float64Array;
  readonly #weights: Float64Array;
  /** Whether targets and weights were read, which come with the rows. */
  #complete: boolean;

  /**
   * @param rows how many `reading` selects, which `statistics` has counted
   * @param dtype what they are to be computed in; the values are float64
   */
  constructor(
    private readonly source: Source,
    private readonly reading: Reading,
    readonly rows: number,
    readonly dtype: Dtype,
    private readonly options: TableOptions = {},
  ) {
    const features = reading.features.map(({ encoding }) => encoding);
    this.columns = width(features);
    if (options.unscaled !== true) this.scaling = scaling(features);
    this.nameOf = (column) => `"${features.flatMap(columnNames)[column] ?? ''}"`;
    const layout = heldLayout(reading);
    if (layout !== undefined) this.sparse = { layout, blocks: () => this.#codedBlocks(layout) };
    const { kept } = options;
    this.#targets = kept?.targets ?? new Float64Array(rows);
    this.#weights = kept?.weights ?? new Float64Array(reading.weight === undefined ? 0 : rows);
    this.#complete = kept !== undefined;
  }

  async *blocks(): AsyncGenerator<Float64Array> {
    for await (const { X } of this.#read(false)) yield X;
  }

  async *scaledBlocks(by: Scaling): AsyncGenerator<Float64Array> {
    for await (const { X } of this.#read(false, by)) yield X;
  }

  async *#codedBlocks({ dense: columns }: SparseLayout): AsyncGenerator<SparseBlock> {
    for await (const { X: dense, codes = [], rows } of this.#read(true))
      yield { rows, codes, ...(columns === 0 ? {} : { dense }) };
  }

  async *#read(holdsCodes: boolean, by?: Scaling): AsyncGenerator<Block> {
    let filled = 0;
    let read = 0;
    const kept = this.options.kept?.take(this.reading, holdsCodes, by);
    for await (const block of kept ?? blocks(this.source, this.reading, holdsCodes, by)) {
      if (!this.#complete) this.#takeColumns(block, filled);
      filled += block.rows;
      if (block.rows > 0) yield block;
      this.options.onRows?.((read += block.used.length));
    }
    this.#complete = true;
    this.options.onEnd?.();
  }

  /** y, m×1: read with the rows, or on its own where they were not read yet. */
  get y(): RowSource {
    return this.#column(this.#targets);
  }

  /** How much each row counts, m×1, likewise; undefined: 1. */
  get weights(): RowSource | undefined {
    return this.reading.weight === undefined ? undefined : this.#column(this.#weights);
  }

  #takeColumns({ y, weights }: Block, filled: number): void {
    const room = Math.max(0, this.rows - filled);
    this.#targets.set(y.subarray(0, room), filled);
    if (weights !== undefined) this.#weights.set(weights.subarray(0, room), filled);
  }

  #column(values: Float64Array): RowSource {
    const { rows, dtype } = this;
    return { rows, columns: 1, dtype, blocks: () => this.#readColumn(values) };
  }

  async #readAll(): Promise<void> {
    const rows = this.blocks();
    while ((await rows.next()).done !== true);
  }

  async *#readColumn(values: Float64Array): AsyncGenerator<Float64Array> {
    if (!this.#complete) await this.#readAll();
    yield values;
  }
}
