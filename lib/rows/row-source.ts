import type { Dtype } from '../base/data-types';

export type Floats = Float32Array | Float64Array;

/** How features are scaled: x̃ⱼ = (xⱼ − meansⱼ)/scalesⱼ. */
export interface Scaling {
  readonly means: Float64Array;
  /** Standard deviations over the m rows (divided by m); 1 for a column that never changes. */
  readonly scales: Float64Array;
}

/** Rows that can be read block by block, more than once. */
export interface RowSource {
  readonly rows: number;
  readonly columns: number;
  /** The dtype that the values' type stands for. */
  readonly dtype: Dtype;
  /** Of its columns, where it is known already, so that nobody need measure it. */
  readonly scaling?: Scaling;
  /** What messages call a column, where they have names. */
  readonly nameOf?: (column: number) => string;
  /** The same rows as they are held, where some columns are sparse: for who can compute with them so. */
  readonly sparse?: SparseSource;
  /**
   * Whole rows, in order. A block is valid until the next is asked for.
   *
   * @param bytes how large a block should be where it is memory that lies there; a mebibyte of float64 if left out
   */
  blocks(bytes?: number): AsyncIterable<Floats> | Iterable<Floats>;
  /** The same, each column scaled, of who has less to do where rows are scaled as they are written. */
  scaledBlocks?(by: Scaling): AsyncIterable<Floats> | Iterable<Floats>;
}

export type Codes = Uint8Array | Uint16Array | Uint32Array;

/** The place of a level that no column of X stands for. */
export const NOWHERE = 0xffff_ffff;

/** How rows are held: as native/device/layout.h has it. */
export interface SparseLayout {
  /** Columns before the sparse ones. */
  readonly dense: number;
  /** Of each column of codes. */
  readonly levels: readonly number[];
  /** Columns of compressed rows. */
  readonly compressed: number;
  /** What is held of these, at most. */
  readonly entries: number;
  /** By which sparse columns, as they are held, are computed with; left out: as they are. */
  readonly scaling?: Scaling;
  /** Of each column as it is held which column of X it is, or {@link NOWHERE}; left out: in this order. */
  readonly places?: Uint32Array;
}

/** Some rows, one after the other. */
export interface SparseBlock {
  readonly rows: number;
  /** Row-major; left out where there are no dense columns. */
  readonly dense?: Floats;
  /** Of each column of codes, in the type of `codesFor`. */
  readonly codes: readonly Codes[];
  readonly compressed?: CompressedBlock;
}

/** Of each row so many entries, by rising column. */
export interface CompressedBlock {
  readonly lengths: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Floats;
}

/** Rows as they are held, that can be read more than once. */
export interface SparseSource {
  readonly layout: SparseLayout;
  /** Whole rows, in order. A block is valid until the next is asked for. */
  blocks(bytes?: number): AsyncIterable<SparseBlock> | Iterable<SparseBlock>;
}
