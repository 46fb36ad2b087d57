/** The arithmetic of a computation: IEEE 754 numbers of 32 or 64 bits. Results are handed over as float64 in either. */
export type Dtype = 'float32' | 'float64';

/** @internal All of them. */
export const dtypes = ['float32', 'float64'] as const satisfies readonly Dtype[];

/** @internal Those that a device computes in. */
export const dtypesOf = ({ float64 }: { readonly float64: boolean }): readonly Dtype[] =>
  float64 ? dtypes : ['float32'];

/** @internal Bytes of one value. */
export const bytesPerValue = { float32: 4, float64: 8 } as const satisfies Record<Dtype, number>;

/** @internal What a neuron has learned: z = xθ + b. */
export interface Parameters {
  /** θ, n values. */
  readonly theta: Float64Array;
  /** b */
  readonly intercept: number;
}

/** @internal */
export function layerOfOne({ theta, intercept }: Parameters): LayerParameters {
  return { theta, intercepts: Float64Array.of(intercept) };
}

/** @internal What a layer of K neurons has learned: z = xΘ + b. */
export interface LayerParameters {
  /** Θ, n·K values, feature by feature. */
  readonly theta: Float64Array;
  /** b, K values. */
  readonly intercepts: Float64Array;
}

/** The name of a class. A number has to be finite. */
export type Label = string | boolean | number;

/** @internal Whether a value can name a class: NaN is equal to nothing, itself included. */
export function isLabel(value: unknown): value is Label {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

/** n values, all finite. Holes and other types are refused. */
export type VectorLike = readonly number[] | Float32Array | Float64Array;

/**
 * m rows of n values in JavaScript memory: an array of rows, or all values in one typed array. The type decides the
 * arithmetic: `Float32Array` is float32, `Float64Array` and `number[]` are float64. Every value has to be finite, and m and
 * n at least 1.
 */
export type HostMatrix =
  | readonly VectorLike[]
  | {
      /** m·n values, row-major: those of row 0, then those of row 1, …. */
      readonly data: Float32Array | Float64Array;
      /** [m, n] */
      readonly shape: readonly [rows: number, columns: number];
    };

/**
 * Rows of mostly zeros, compressed by row (CSR), in SciPy's words: the values of row i are `data[k]` in the columns
 * `indices[k]`, for `indptr[i]` ≤ k < `indptr[i + 1]`. In any order; those of one place in a row are added up, as SciPy does.
 */
export interface CompressedRows {
  /** The values: float32 or float64, which decides the arithmetic. */
  readonly data: Float32Array | Float64Array;
  /** The column of each value, from 0 on. */
  readonly indices: NumericArray;
  /** m + 1 places in `data`, from 0 to its length. */
  readonly indptr: NumericArray;
  /** [m, n] */
  readonly shape: readonly [rows: number, columns: number];
}

/** A column of names, as codes: a column of 0 and 1 for each level. */
export interface CodeColumn {
  /** m codes from 0 on, each below `levels`. */
  readonly codes: Uint8Array | Uint16Array | Uint32Array;
  /** How many columns of X it stands for. */
  readonly levels: number;
}

/** Numbers beside columns of names, which need not be written out as 0 and 1: n is the columns of `dense` and all levels. */
export interface CodedRows {
  /** The first columns of X, m rows; none if left out. */
  readonly dense?: HostMatrix;
  /** The columns behind them, one after the other. */
  readonly categories: readonly CodeColumn[];
}

/** Rows that are given block by block whenever they are wanted, so that X is never whole in JavaScript. */
export interface BlockRows {
  /** m; left out of X, its rows are counted first, in a reading of their own. */
  readonly rows?: number;
  /** n */
  readonly columns: number;
  /** The arithmetic, whatever type the blocks have. */
  readonly dtype: Dtype;
  /** Blocks of whole rows, row-major and in order: the same values each time. Each is read before the next is asked for. */
  readonly blocks: () => AsyncIterable<NumericArray> | Iterable<NumericArray>;
}

/** Rows that arrive in blocks, so that X is never whole in JavaScript. */
export interface MatrixChunks {
  /** [m, n] of all blocks together. */
  readonly shape: readonly [rows: number, columns: number];
  /** The dtype of the matrix, whatever type the blocks have; default float64. */
  readonly dtype?: Dtype;
  /** Blocks of whole rows, row-major and in order; each is read before the next is asked for. */
  readonly chunks: AsyncIterable<NumericArray> | Iterable<NumericArray>;
}

/** Any typed array of numbers (not of bigints). */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;
