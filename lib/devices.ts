import type { Dtype, MatrixChunks, MatrixLike } from './data-types';
import { integer, invalid, oneOf, refuseUnknown } from './check';
import { environment } from './environment';
import { ThalwegError, fromNative } from './errors';
import {
  addon,
  type NativeDevice,
  type NativeDeviceSettings,
  type NativeMatrix,
  type NativeSurvey,
} from './native';
import { type Floats, type RowSource, checkShape, chunkedBlocks, matrixRows } from './rows';

/** What is known of a device. */
export interface DeviceInfo {
  /** 'cpu', 'hip:0', 'opencl:0', … */
  readonly id: string;
  readonly backend: 'cpu' | 'opencl' | 'hip';
  readonly name: string;
  readonly type: 'cpu' | 'gpu' | 'accelerator';
  readonly vendor: string;
  /** Version of the driver; for the CPU device, the instruction-set level in use. */
  readonly driver: string;
  /** The compiler's name of the processor, as 'gfx1030', where the driver tells. */
  readonly isa?: string;
  readonly computeUnits: number;
  readonly memoryBytes: number;
  /** Whether the device computes in float64. */
  readonly float64: boolean;
}

const kernelShapes = ['wide', 'rows'] as const;

/** What the environment variables ask of every device. */
function commonSettings(): NativeDeviceSettings {
  const { threads, cpuLevel, openclLibrary, kernelShape, maxAllocation } = environment();
  return {
    ...(threads === undefined ? {} : { threads: integer('THALWEG_THREADS', Number(threads), 1, 1024) }),
    ...(cpuLevel === undefined ? {} : { cpuLevel }),
    ...(openclLibrary === undefined ? {} : { openclLibrary }),
    ...(kernelShape === undefined
      ? {}
      : { kernelShape: oneOf('THALWEG_KERNEL_SHAPE', kernelShape, kernelShapes) }),
    ...(maxAllocation === undefined
      ? {}
      : {
          maxAllocationBytes: integer(
            'THALWEG_MAX_ALLOCATION',
            Number(maxAllocation),
            4096,
            Number.MAX_SAFE_INTEGER,
          ),
        }),
  };
}

/** What the drivers of this machine offer; asks them anew. */
export async function survey(): Promise<NativeSurvey> {
  return await translated(addon().listDevices(commonSettings()));
}

/** Awaits a promise of the addon and turns what it rejects with into a ThalwegError. */
export async function translated<Result>(promise: Promise<Result>): Promise<Result> {
  try {
    return await promise;
  } catch (error) {
    throw fromNative(error);
  }
}

/**
 * Every device of this machine: always 'cpu', then 'hip:0', …, 'opencl:0', ….
 *
 * @throws ThalwegError ERR_ADDON_NOT_FOUND
 */
export async function devices(): Promise<DeviceInfo[]> {
  return [...(await survey()).devices];
}

/** Whether a GPU can be used. */
export async function isGpuAvailable(): Promise<boolean> {
  return (await devices()).some((device) => device.type === 'gpu');
}

/** Rows in a device's memory, until they are disposed of. */
export class Matrix {
  #native: NativeMatrix | undefined;

  /** @internal Made by {@link Device.matrix}. */
  constructor(
    native: NativeMatrix,
    /** The device that holds it. */
    readonly device: Device,
    /** [rows, columns] */
    readonly shape: readonly [rows: number, columns: number],
    readonly dtype: Dtype,
  ) {
    this.#native = native;
  }

  /** @internal */
  get native(): NativeMatrix {
    if (this.#native === undefined || this.device.closed) {
      const what =
        this.#native === undefined ? 'this matrix is disposed of' : `the device ${this.device.id} is closed`;
      throw new ThalwegError('ERR_DISPOSED', `${what}: make it again with device.matrix()`, {
        device: this.device.id,
      });
    }
    return this.#native;
  }

  /** Frees the device's memory when what runs on it is done. A second call does nothing. */
  dispose(): void {
    this.#native?.dispose();
    this.#native = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** A device that is open: it holds matrices and computes on them. */
export class Device {
  readonly #native: NativeDevice;
  #closing: Promise<void> | undefined;

  /** @internal Made by {@link openDevice}. */
  constructor(native: NativeDevice) {
    this.#native = native;
  }

  get info(): DeviceInfo {
    return this.#native.info;
  }

  get id(): string {
    return this.info.id;
  }

  /** @internal */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** @internal */
  get native(): NativeDevice {
    if (this.closed) {
      throw new ThalwegError(
        'ERR_DISPOSED',
        `the device ${this.id} is closed: open it again with openDevice()`,
        {
          device: this.id,
        },
      );
    }
    return this.#native;
  }

  /**
   * Copies rows to the device, where they stay until `dispose()`.
   *
   * @param X m×n in JavaScript memory, or { shape, dtype, chunks }: row blocks in order, as typed arrays of whole rows.
   *   It must not be changed until the promise settles.
   * @throws ThalwegError ERR_SHAPE, ERR_NOT_FINITE, ERR_INVALID_ARGUMENT, ERR_OUT_OF_MEMORY, ERR_DTYPE_UNSUPPORTED,
   *   ERR_DEVICE_LOST, ERR_DISPOSED
   */
  async matrix(
    X: Exclude<MatrixLike, Matrix> | MatrixChunks,
    options: { dtype?: Dtype } = {},
  ): Promise<Matrix> {
    refuseUnknown(options, ['dtype'], 'device.matrix');
    if (X instanceof Matrix) {
      throw new ThalwegError('ERR_INVALID_ARGUMENT', 'X is a Matrix already', { option: 'X' });
    }
    const source = isChunks(X) ? chunkRows(X) : matrixRows('X', X);
    return await this.upload('X', source, options.dtype ?? source.dtype);
  }

  /** @internal Copies a source's rows here; `option` names it in errors. */
  async upload(option: string, source: RowSource, dtype: Dtype, signal?: AbortSignal): Promise<Matrix> {
    oneOf('dtype', dtype, ['float32', 'float64'] as const);
    this.#checkDtype(dtype);
    const native = await translated(this.native.createMatrix(source.rows, source.columns, dtype));
    try {
      await appendAll(native, option, source, signal);
    } catch (error) {
      native.dispose();
      throw error;
    }
    return new Matrix(native, this, [source.rows, source.columns], dtype);
  }

  #checkDtype(dtype: Dtype): void {
    if (dtype === 'float32' || this.info.float64) return;
    throw new ThalwegError(
      'ERR_DTYPE_UNSUPPORTED',
      `${this.id} (${this.info.name}) has no float64: pass dtype: 'float32', or Float32Array data`,
      { option: 'dtype', device: this.id },
    );
  }

  /** Waits for what runs, then frees the device and its matrices. */
  async close(): Promise<void> {
    this.#closing ??= this.#native.close();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function isChunks(X: unknown): X is MatrixChunks {
  return typeof X === 'object' && X !== null && 'chunks' in X;
}

function chunkRows(X: MatrixChunks): RowSource {
  refuseUnknown(X, ['shape', 'dtype', 'chunks'], 'device.matrix');
  const [rows, columns] = checkShape('X', X.shape);
  const { chunks } = X as { chunks: unknown };
  if (
    typeof chunks !== 'object' ||
    chunks === null ||
    !(Symbol.asyncIterator in chunks || Symbol.iterator in chunks)
  ) {
    throw invalid('chunks', 'an iterable of typed arrays', chunks);
  }
  return { rows, columns, dtype: X.dtype ?? 'float64', blocks: () => chunkedBlocks('X', X.chunks, columns) };
}

/** Copies the block before it returns; what the rows' own iterable throws never comes by here. */
async function appendBlock(native: NativeMatrix, option: string, block: Floats): Promise<void> {
  try {
    await native.append(block);
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
  // One block is checked on the device's thread while the next is copied here.
  let previous: Promise<void> = Promise.resolve();
  try {
    for await (const block of source.blocks()) {
      signal?.throwIfAborted();
      appended += block.length / source.columns;
      if (appended > source.rows) break;
      const next = appendBlock(native, option, block);
      next.catch(() => undefined);
      await previous;
      previous = next;
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

const deviceNames = "'auto', 'cpu', 'gpu', 'opencl', 'hip', 'opencl:0', 'hip:0', …";

/** Checks the name of a device, without looking for it. */
export function checkDeviceName(option: string, name: unknown): string {
  if (typeof name === 'string' && /^(auto|cpu|gpu|(opencl|hip)(:\d+)?)$/.test(name)) return name;
  throw invalid(option, `one of ${deviceNames}`, name);
}

/** What 'auto' stands for; 'auto' where THALWEG_DEVICE is not set. */
export function autoDevice(): string {
  return checkDeviceName('THALWEG_DEVICE', environment().device ?? 'auto');
}

function notFound(name: string, found: NativeSurvey): ThalwegError {
  const wantsOpencl = name.startsWith('opencl');
  if (wantsOpencl && found.opencl.version === undefined) {
    const why = found.opencl.findings.map((finding) => finding.what).join('; ');
    return new ThalwegError(
      'ERR_DRIVER_MISSING',
      `there is no device '${name}': ${why}. Run \`npx thalweg doctor\` for what to install`,
      { option: 'device', device: name },
    );
  }
  const there = found.devices.map((device) => `${device.id} (${device.name})`).join(', ');
  return new ThalwegError(
    'ERR_DEVICE_NOT_FOUND',
    `there is no device '${name}'; this machine has ${there}. Run \`npx thalweg doctor\` for why`,
    { option: 'device', device: name },
  );
}

/** The id of the device that a name stands for. */
function resolve(name: string, found: NativeSurvey): string {
  const gpu = found.devices.find((device) => device.type === 'gpu');
  const ofBackend = found.devices.filter((device) => device.backend === name);
  const chosen =
    name === 'auto'
      ? (gpu?.id ?? 'cpu')
      : name === 'gpu'
        ? gpu?.id
        : name === 'opencl' || name === 'hip'
          ? (ofBackend.find((device) => device.type === 'gpu') ?? ofBackend[0])?.id
          : found.devices.find((device) => device.id === name)?.id;
  if (chosen === undefined) throw notFound(name, found);
  return chosen;
}

async function openById(id: string): Promise<Device> {
  const [backend, index = '0'] = id.split(':');
  const settings = { ...commonSettings(), backend: backend as 'cpu' | 'opencl', index: Number(index) };
  return new Device(await translated(addon().openDevice(settings)));
}

/**
 * Opens a device. 'auto' is what THALWEG_DEVICE names; unset, a GPU where there is one, otherwise the CPU.
 *
 * @param id 'auto', 'cpu', 'gpu', 'opencl', 'hip', or one device as 'opencl:1'
 * @throws ThalwegError ERR_DEVICE_NOT_FOUND, ERR_DRIVER_MISSING: a device named is never replaced by another;
 *   ERR_OUT_OF_MEMORY, ERR_DEVICE_LOST, ERR_KERNEL_BUILD
 */
export async function openDevice(id = 'auto'): Promise<Device> {
  const name = checkDeviceName('id', id) === 'auto' ? autoDevice() : id;
  return await openById(name === 'cpu' ? 'cpu' : resolve(name, await survey()));
}

/** Devices that calls opened for themselves, by what was asked for; they stay open. */
const shared = new Map<string, Promise<Device>>();

/** The device for a call that names one: opened once, then shared. */
export async function sharedDevice(name: string): Promise<Device> {
  const key = JSON.stringify([name, environment()]);
  const known = shared.get(key);
  if (known !== undefined) return await known;
  const opening = openDevice(name);
  shared.set(key, opening);
  // A failure is not kept: a driver may be installed meanwhile.
  opening.catch(() => shared.delete(key));
  return await opening;
}
