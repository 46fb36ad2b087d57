import type { Dtype } from '../../base/data-types';
import type { RowSource, Scaling } from '../../rows/rows';
import type { Source } from '../files/source';
import { blocks } from './blocks';
import { columnNames, scaling, width } from './encoding';
import type { Reading } from './reading';

/** Who follows the reading of a table. */
export interface TableWatch {
  /** Told how many rows of the file were read so far. */
  readonly onRows?: (read: number) => void;
  /** Told that all were. */
  readonly onEnd?: () => void;
}

/** The rows of a table that are learned from, as X, and their targets. */
export class TableRows implements RowSource {
  readonly columns: number;
  readonly scaling: Scaling;
  readonly nameOf: (column: number) => string;
  readonly #targets: Float64Array;
  /** Whether the targets were read, which come with the rows. */
  #complete = false;

  /**
   * @param rows how many `reading` selects, which `statistics` has counted
   * @param dtype what they are to be computed in; the values are float64
   */
  constructor(
    private readonly source: Source,
    private readonly reading: Reading,
    readonly rows: number,
    readonly dtype: Dtype,
    private readonly watch: TableWatch = {},
  ) {
    const features = reading.features.map(({ encoding }) => encoding);
    this.columns = width(features);
    this.scaling = scaling(features);
    this.nameOf = (column) => `"${features.flatMap(columnNames)[column] ?? ''}"`;
    this.#targets = new Float64Array(rows);
  }

  async *blocks(): AsyncGenerator<Float64Array> {
    let filled = 0;
    let read = 0;
    for await (const block of blocks(this.source, this.reading)) {
      this.#targets.set(block.y.subarray(0, Math.max(0, this.rows - filled)), filled);
      filled += block.rows;
      if (block.rows > 0) yield block.X;
      this.watch.onRows?.((read += block.used.length));
    }
    this.#complete = true;
    this.watch.onEnd?.();
  }

  /** y, m×1: read with the rows, or on its own where they were not read yet. */
  get y(): RowSource {
    const { rows, dtype } = this;
    return { rows, columns: 1, dtype, blocks: () => this.#targetBlocks() };
  }

  async #readAll(): Promise<void> {
    const rows = this.blocks();
    while ((await rows.next()).done !== true);
  }

  async *#targetBlocks(): AsyncGenerator<Float64Array> {
    if (!this.#complete) await this.#readAll();
    yield this.#targets;
  }
}
