/// <reference lib="esnext.disposable" preserve="true" />
import type {
  BlockRows,
  CodedRows,
  CompressedRows,
  Dtype,
  HostMatrix,
  MatrixChunks,
} from '../base/data-types';
import type { DeviceInfo } from '../addon/device-info';
import { checkObject, invalid, oneOf, refuseUnknown } from '../base/arguments';
import { bytesPerValue, dtypes } from '../base/data-types';
import { ThalwegError, toldMore } from '../base/errors';
import { fromNative, translated } from '../base/native-errors';
import { breathe } from '../base/event-loop';
import {
  type NativeDevice,
  type NativeLayout,
  type NativeMatrix,
  type NativeSparseRows,
  addon,
} from '../addon/native';
import { type PlaceOfRows, type Residency, placesFor, placingOf, residencies } from './residency';
import { whenCounted } from '../rows/block-rows';
import { matrixRows } from '../rows/matrix-rows';
import {
  type Floats,
  type RowSource,
  checkShape,
  chunkedBlocks,
  isIterable,
  rowsPerBlock,
} from '../rows/rows';
import type { SparseLayout } from '../rows/row-source';

/** m rows of n values: in JavaScript memory, or on a device already. */
export type MatrixLike = HostMatrix | CompressedRows | CodedRows | BlockRows | Matrix;

/** How rows are copied to a device. */
interface UploadWays {
  readonly signal?: AbortSignal | undefined;
  readonly residency?: Residency | undefined;
}

/** Options of {@link Device.matrix}. */
interface MatrixOptions {
  /** The dtype of the matrix; default by the type of X, float64 of chunks. */
  readonly dtype?: Dtype;
  /** Where its rows are; default 'device'. */
  readonly residency?: Residency;
}

/**
 * Rows in a device's memory, until they are disposed of: for several calls on the same data. {@link Device.matrix} makes
 * them. What is given an X or y of this kind computes where it is, and a disposed one is ERR_DISPOSED.
 *
 * @example
 * ```ts
 * import { openDevice } from 'thalweg';
 *
 * const device = await openDevice('cpu');
 * const X = await device.matrix([[1, 2], [3, 4], [5, 6]]);
 * console.log(X.shape, X.dtype, X.device.id); // [ 3, 2 ] float64 cpu
 * X.dispose();
 * await device.close();
 * ```
 */
export class Matrix {
  #native: NativeMatrix | undefined;

  private constructor(
    native: NativeMatrix,
    /** The device that holds it. */
    readonly device: Device,
    /** [m, n] */
    readonly shape: readonly [rows: number, columns: number],
    /** What its values are kept as, and computed in. */
    readonly dtype: Dtype,
  ) {
    this.#native = native;
  }

  /** @internal What `Device.matrix` makes. */
  static of(
    native: NativeMatrix,
    device: Device,
    shape: readonly [rows: number, columns: number],
    dtype: Dtype,
  ): Matrix {
    return new Matrix(native, device, shape, dtype);
  }

  /** @internal */
  get native(): NativeMatrix {
    this.device.expectOpen();
    if (this.#native !== undefined) return this.#native;
    throw new ThalwegError('ERR_DISPOSED', 'this matrix is disposed of: make it again with device.matrix()', {
      device: this.device.id,
    });
  }

  /** @internal Some of its rows, back in JavaScript memory. */
  async read(firstRow: number, rows: number): Promise<Float32Array | Float64Array> {
    try {
      return await translated(this.native.read(firstRow, rows));
    } catch (error) {
      this.device.noteFailure(error);
      throw error;
    }
  }

  /** @internal All of its rows, back in JavaScript memory block by block. */
  rows(): RowSource {
    const [rows, columns] = this.shape;
    const step = rowsPerBlock(columns);
    const read = this.read.bind(this);
    async function* blocks(): AsyncIterable<Floats> {
      for (let from = 0; from < rows; from += step) yield await read(from, Math.min(step, rows - from));
    }
    return { rows, columns, dtype: this.dtype, blocks };
  }

  /** Where its rows are: in the device's memory, in the host's or in a file. */
  get residency(): PlaceOfRows {
    return this.native.residency;
  }

  /** Frees the device's memory when what runs on it is done. A second call does nothing. */
  dispose(): void {
    this.#native?.dispose();
    this.#native = undefined;
  }

  /** `dispose()`, by which `using` ends. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * A device that is open: it holds matrices and computes on them, one call after the other, on a thread of its own. While it
 * is idle it does not keep Node running. {@link openDevice} opens it.
 *
 * @example
 * ```ts
 * import { Neuron, openDevice } from 'thalweg';
 *
 * const device = await openDevice('cpu');
 * const outputs = await new Neuron({ weights: [2], bias: 1 }).predict([[1], [2]], { device });
 * console.log(device.id, outputs); // cpu Float64Array(2) [ 3, 5 ]
 * await device.close();
 * ```
 */
export class Device {
  readonly #native: NativeDevice;
  #closing: Promise<void> | undefined;
  /** Calls that use the device, which it stays open for. */
  #calls = 0;
  #whenIdle: (() => void) | undefined;

  private constructor(native: NativeDevice) {
    this.#native = native;
  }

  /** @internal What `openDevice` opens. */
  static of(native: NativeDevice): Device {
    return new Device(native);
  }

  /** What its driver tells of it, also after it is closed. */
  get info(): DeviceInfo {
    return this.#native.info;
  }

  /** 'cpu', 'hip:0', 'opencl:0', … */
  get id(): string {
    return this.info.id;
  }

  /** @internal */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** @internal For calls that hold the device. */
  get native(): NativeDevice {
    this.expectOpen();
    return this.#native;
  }

  /** @internal Throws where the device is closed, unless a call still holds it. */
  expectOpen(): void {
    if (this.#calls === 0) this.#refuseClosed();
  }

  #refuseClosed(): void {
    if (!this.closed) return;
    throw new ThalwegError(
      'ERR_DISPOSED',
      `the device ${this.id} is closed: open it again with openDevice()`,
      {
        device: this.id,
      },
    );
  }

  /**
   * @internal Keeps the device open for a call until the function returned is called: `close` waits for calls that
   * began before it, and refuses those that begin later.
   */
  hold(): () => void {
    this.#refuseClosed();
    this.#calls += 1;
    return () => {
      this.#calls -= 1;
      if (this.#calls === 0) this.#whenIdle?.();
    };
  }

  /**
   * Copies rows to the device, where they stay until `dispose()`.
   *
   * @param X m×n in JavaScript memory, or { shape, dtype, chunks }: row blocks in order, as typed arrays of whole rows.
   *   It must not be changed until the promise settles.
   * @throws {@link ThalwegError} ERR_SHAPE, ERR_NOT_FINITE, ERR_INVALID_ARGUMENT, ERR_OUT_OF_MEMORY,
   *   ERR_DTYPE_UNSUPPORTED, ERR_DEVICE_LOST, ERR_DISPOSED; and what `chunks` throw
   *
   * @example
   * ```ts
   * import { openDevice } from 'thalweg';
   *
   * async function* blocks() {
   *   for (let first = 0; first < 1000; first += 100) yield new Float32Array(100 * 2).fill(first);
   * }
   * const device = await openDevice('cpu');
   * const X = await device.matrix({ shape: [1000, 2], dtype: 'float32', chunks: blocks() });
   * console.log(X.shape, X.dtype); // [ 1000, 2 ] float32
   * await device.close();
   * ```
   */
  async matrix(X: Exclude<MatrixLike, Matrix> | MatrixChunks, options: MatrixOptions = {}): Promise<Matrix> {
    checkObject('options', options);
    refuseUnknown(options, ['dtype', 'residency'], 'device.matrix');
    const { residency = 'device' } = options;
    oneOf('residency', residency, residencies);
    if (X instanceof Matrix) {
      throw new ThalwegError('ERR_INVALID_ARGUMENT', 'X is a Matrix already', { option: 'X' });
    }
    const release = this.hold();
    try {
      return await whenCounted(X, options, async (counted) => {
        const source = isChunks(counted) ? chunkRows(counted) : matrixRows('X', counted);
        const { dtype = source.dtype } = options;
        return await this.upload('X', source, dtype, { residency });
      });
    } finally {
      release();
    }
  }

  /** @internal Copies a source's rows here; `option` names it in errors. */
  async upload(
    option: string,
    source: RowSource,
    dtype: Dtype,
    { signal, residency = 'device' }: UploadWays = {},
  ): Promise<Matrix> {
    oneOf('dtype', dtype, dtypes);
    this.#checkDtype(dtype);
    let native: NativeMatrix | undefined;
    let ended: (() => void) | undefined;
    const cancel = (): void => {
      ended ??= this.expectEnd();
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      native = await translated(this.#created(source, dtype, residency));
      await appendAll(native, option, source, signal);
      return Matrix.of(native, this, [source.rows, source.columns], dtype);
    } catch (error) {
      native?.dispose();
      this.noteFailure(error);
      signal?.throwIfAborted();
      throw residency === 'device' && option.endsWith('X') ? this.#withPlaces(error, source, dtype) : error;
    } finally {
      signal?.removeEventListener('abort', cancel);
      ended?.();
    }
  }

  /** @internal Where rows of dense columns would be. */
  async placeOf(
    { rows, columns }: Pick<RowSource, 'rows' | 'columns'>,
    dtype: Dtype,
    residency: Residency = 'device',
  ): Promise<PlaceOfRows> {
    if (residency === 'device') return residency;
    return await translated(this.native.placeOf(rows, columns, dtype, placingOf(residency)));
  }

  /** Says where X has room. */
  #withPlaces(error: unknown, { rows, columns }: RowSource, dtype: Dtype): unknown {
    if (!(error instanceof ThalwegError) || error.code !== 'ERR_OUT_OF_MEMORY') return error;
    return toldMore(error, placesFor(rows * columns * bytesPerValue[dtype], this.info.backend === 'cpu'));
  }

  async #created(
    { rows, columns, sparse }: RowSource,
    dtype: Dtype,
    residency: Residency,
  ): Promise<NativeMatrix> {
    const layout = this.native.holdsSparseColumns && sparse ? nativeLayout(sparse.layout) : undefined;
    const placing = residency === 'device' ? undefined : placingOf(residency);
    return await this.native.createMatrix(rows, columns, dtype, layout, placing);
  }

  #checkDtype(dtype: Dtype): void {
    if (dtype === 'float32' || this.info.float64) return;
    throw new ThalwegError(
      'ERR_DTYPE_UNSUPPORTED',
      `${this.id} (${this.info.name}) has no float64: pass dtype: 'float32', or Float32Array data`,
      { option: 'dtype', device: this.id },
    );
  }

  /** @internal A device that is lost is closed: whoever shares it opens it anew. */
  noteFailure(error: unknown): void {
    if (error instanceof ThalwegError && error.code === 'ERR_DEVICE_LOST')
      this.close().catch(() => undefined);
  }

  /**
   * @internal After a cancel: leaves the device behind with `giveUp` where it hangs, until the function returned is
   * called. What only waits for its turn goes on waiting.
   */
  expectEnd(giveUp = (): boolean => this.#native.giveUp()): () => void {
    const watch = setInterval(() => {
      if (giveUp()) this.close().catch(() => undefined);
    }, addon().patience);
    return () => {
      clearInterval(watch);
    };
  }

  /**
   * Waits for what runs on it, then frees the device and its matrices. What is asked of it later is ERR_DISPOSED; a second
   * call waits for the first.
   */
  async close(): Promise<void> {
    this.#closing ??= this.#finish();
    await this.#closing;
  }

  async #finish(): Promise<void> {
    if (this.#calls > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    await this.#native.close();
  }

  /** `close()`, by which `await using` ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function isChunks(X: unknown): X is MatrixChunks {
  return typeof X === 'object' && X !== null && 'chunks' in X;
}

function chunkRows(X: MatrixChunks): RowSource {
  refuseUnknown(X, ['shape', 'dtype', 'chunks'], 'device.matrix');
  const { dtype = 'float64' } = X;
  const [rows, columns] = checkShape('X', X.shape);
  if (!isIterable(X.chunks)) throw invalid('chunks', 'an iterable of typed arrays', X.chunks);
  return {
    rows,
    columns,
    dtype,
    blocks: (bytes) => chunkedBlocks('X', X.chunks, columns, bytes),
  };
}

/** How a matrix holds sparse columns. */
function nativeLayout({ levels, scaling, ...rest }: SparseLayout): NativeLayout {
  return { ...rest, levels: Float64Array.from(levels), ...scaling };
}

/** Rows on their way to a matrix. */
interface Chunk {
  readonly rows: number;
  readonly dense: Floats | undefined;
  readonly sparse?: NativeSparseRows;
}

async function* chunksOf(
  source: RowSource,
  { isSparse, sliceBytes: bytes }: NativeMatrix,
): AsyncIterable<Chunk> {
  if (isSparse && source.sparse !== undefined) {
    for await (const { rows, codes, dense, compressed } of source.sparse.blocks(bytes))
      yield { rows, dense, sparse: { rows, codes, ...compressed } };
    return;
  }
  for await (const block of source.blocks(bytes)) yield { rows: block.length / source.columns, dense: block };
}

/** Copies the block before it returns; what the rows' own iterable throws never comes by here. */
async function appendChunk(native: NativeMatrix, option: string, { dense, sparse }: Chunk): Promise<void> {
  try {
    await native.append(dense, sparse);
  } catch (error) {
    throw named(option, fromNative(error));
  }
}

async function appendAll(
  native: NativeMatrix,
  option: string,
  source: RowSource,
  signal?: AbortSignal,
): Promise<void> {
  let appended = 0;
  // One block is uploaded on the device's thread while the next is copied here.
  let previous: Promise<void> = Promise.resolve();
  try {
    for await (const chunk of chunksOf(source, native)) {
      signal?.throwIfAborted();
      appended += chunk.rows;
      if (appended > source.rows) break;
      const next = appendChunk(native, option, chunk);
      next.catch(() => undefined);
      await previous;
      previous = next;
      if (appended < source.rows) await breathe();
    }
  } finally {
    // Of two failures the block that came first counts, whatever its successor ran into.
    await previous;
  }
  if (appended !== source.rows) {
    const count =
      appended > source.rows ? `more than the ${source.rows}` : `${appended} of the ${source.rows}`;
    throw new ThalwegError('ERR_SHAPE', `${option}: the chunks held ${count} rows that its shape names`, {
      option,
    });
  }
}

/** Says which argument a bad value is in: the addon knows the row and the column only. */
function named(option: string, error: unknown): unknown {
  if (!(error instanceof ThalwegError) || error.code !== 'ERR_NOT_FINITE') return error;
  const { row = 0, column = 0 } = error;
  const message =
    option === 'X'
      ? `X: ${error.message}`
      : error.message.replace(`row ${row}, column ${column}`, `${option}[${row}]`);
  return new ThalwegError('ERR_NOT_FINITE', message, { row, column, option, cause: error });
}
