/** The arithmetic of a computation. */
export type Dtype = 'float32' | 'float64';

/** Bytes of one value. */
export const bytesPerValue = { float32: 4, float64: 8 } as const satisfies Record<Dtype, number>;

/** n values. */
export type VectorLike = readonly number[] | Float32Array | Float64Array;

/**
 * m rows of n values in JavaScript memory, row-major. The type decides the arithmetic: `Float32Array` is float32,
 * `Float64Array` and `number[]` are float64.
 */
export type HostMatrix =
  | readonly VectorLike[]
  | { readonly data: Float32Array | Float64Array; readonly shape: readonly [rows: number, columns: number] };

/** Rows that arrive in blocks, in order, so that X is never whole in JavaScript. */
export interface MatrixChunks {
  readonly shape: readonly [rows: number, columns: number];
  readonly dtype?: Dtype;
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
