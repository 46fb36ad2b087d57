import { ThalwegError } from './errors';
import type { Dtype, VectorLike } from './data-types';
import { Device, Matrix, type MatrixLike } from './device';
import { autoDevice, sharedDevice } from './devices';
import { type RowSource, matrixRows, vectorRows } from './rows';

/** X on a device. */
export interface Inputs {
  readonly device: Device;
  readonly X: Matrix;
  readonly dtype: Dtype;
  /** Frees what was copied for this call. */
  dispose(): void;
}

/** X and y on one device. */
export interface Operands extends Inputs {
  readonly y: Matrix;
}

/** What decides where a call computes and in which arithmetic. */
export interface Placement {
  readonly device: string | Device;
  readonly dtype: Dtype | undefined;
  readonly signal: AbortSignal | undefined;
  /** Whether steps depend on one another row by row. */
  readonly sequential: boolean;
}

/** Below these, launching kernels on a GPU costs more than the arithmetic on the CPU. */
const worthwhileBytes = 4 << 20;
const worthwhileColumns = 4096;

function isSmall(rows: number, columns: number, dtype: Dtype, sequential: boolean): boolean {
  if (sequential) return columns < worthwhileColumns;
  return rows * columns * (dtype === 'float32' ? 4 : 8) < worthwhileBytes;
}

async function deviceFor(placement: Placement, source: RowSource): Promise<Device> {
  const { device, dtype = source.dtype, sequential } = placement;
  if (device instanceof Device) return device;
  const name = device === 'auto' ? autoDevice() : device;
  if (name === 'auto' && isSmall(source.rows, source.columns, dtype, sequential))
    return await sharedDevice('cpu');
  return await sharedDevice(name);
}

/** Whether a matrix that is on `there` serves a call that asks for a device. */
function serves(asked: string | Device, there: Device): boolean {
  if (asked instanceof Device) return asked === there;
  const { id, backend, type } = there.info;
  return asked === 'auto' || asked === id || asked === backend || (asked === 'gpu' && type === 'gpu');
}

function checkResident(option: string, matrix: Matrix, placement: Placement): void {
  if (!serves(placement.device, matrix.device)) {
    const asked =
      placement.device instanceof Device
        ? `another device (${placement.device.id})`
        : `'${placement.device}'`;
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `${option} is on ${matrix.device.id}, and device is ${asked}`,
      {
        option: 'device',
        device: matrix.device.id,
      },
    );
  }
  if (placement.dtype !== undefined && placement.dtype !== matrix.dtype) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `${option} is a ${matrix.dtype} matrix, and dtype is '${placement.dtype}': leave dtype out`,
      { option: 'dtype' },
    );
  }
}

function checkTargets(y: Matrix | RowSource, rows: number): void {
  const [length, columns] = y instanceof Matrix ? y.shape : [y.rows, y.columns];
  if (columns !== 1)
    throw new ThalwegError('ERR_SHAPE', `y has ${columns} columns, and must have one`, { option: 'y' });
  if (length === rows) return;
  throw new ThalwegError(
    'ERR_SHAPE',
    `y has ${length} values, and X has ${rows} rows: they must be as many`,
    {
      option: 'y',
    },
  );
}

async function targetsOn(X: Matrix, y: Matrix | RowSource, signal: AbortSignal | undefined): Promise<Matrix> {
  if (!(y instanceof Matrix)) return await X.device.upload('y', y, X.dtype, signal);
  if (y.device !== X.device) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `y is on ${y.device.id}, and X is on another device (${X.device.id})`,
      {
        option: 'y',
        device: y.device.id,
      },
    );
  }
  if (y.dtype !== X.dtype) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `y is a ${y.dtype} matrix, and X is ${X.dtype}: make them alike`,
      {
        option: 'y',
      },
    );
  }
  return y;
}

/** Brings X to the device that the call names, or finds it there. `target` is where y is already. */
async function matrixOn(
  placement: Placement,
  X: MatrixLike,
  rows: RowSource | undefined,
  target?: Device,
): Promise<Matrix> {
  if (rows === undefined) return X as Matrix;
  const nearest = target !== undefined && serves(placement.device, target) ? target : undefined;
  const device = X instanceof Matrix ? X.device : (nearest ?? (await deviceFor(placement, rows)));
  return await device.upload('X', rows, placement.dtype ?? rows.dtype, placement.signal);
}

/** The rows to copy: those of `source`, where X is scaled on the way, or of X, unless it is on a device. */
function rowsToCopy(placement: Placement, X: MatrixLike, source?: RowSource): RowSource | undefined {
  placement.signal?.throwIfAborted();
  if (X instanceof Matrix) checkResident('X', X, placement);
  return source ?? (X instanceof Matrix ? undefined : matrixRows('X', X));
}

/** Brings X to the device that the call names, or finds it there. */
export async function inputsOn(placement: Placement, X: MatrixLike): Promise<Inputs> {
  const inputs = await matrixOn(placement, X, rowsToCopy(placement, X));
  const dispose = (): void => {
    if (inputs !== X) inputs.dispose();
  };
  return { device: inputs.device, X: inputs, dtype: inputs.dtype, dispose };
}

/**
 * Brings X and y to the device that the call names, or finds them there.
 *
 * @param source rows to copy instead of those of `X`, as when they are scaled on the way
 */
export async function operandsOn(
  placement: Placement,
  X: MatrixLike,
  y: VectorLike | Matrix,
  source?: RowSource,
): Promise<Operands> {
  const rows = rowsToCopy(placement, X, source);
  const targets = y instanceof Matrix ? y : vectorRows('y', y);
  checkTargets(targets, rows?.rows ?? (X as Matrix).shape[0]);

  const owned: Matrix[] = [];
  const dispose = (): void => {
    for (const matrix of owned) matrix.dispose();
  };
  try {
    const inputs = await matrixOn(placement, X, rows, y instanceof Matrix ? y.device : undefined);
    if (inputs !== X) owned.push(inputs);
    const outputs = await targetsOn(inputs, targets, placement.signal);
    if (outputs !== y) owned.push(outputs);
    return { device: inputs.device, X: inputs, y: outputs, dtype: inputs.dtype, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}
