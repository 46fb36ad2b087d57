import { ThalwegError } from './errors';
import type { Dtype, VectorLike } from './data-types';
import { Device, Matrix, type MatrixLike } from './device';
import { autoDevice, sharedDevice } from './devices';
import { type RowSource, matrixRows, vectorRows } from './rows';

/** X and y on one device, and who frees them. */
export interface Operands {
  readonly device: Device;
  readonly X: Matrix;
  readonly y: Matrix | undefined;
  readonly dtype: Dtype;
  /** Frees what was copied for this call. */
  dispose(): void;
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

/**
 * Brings X, and y where there is one, to the device that the call names, or finds them there.
 *
 * @param source rows to copy instead of those of `X`, as when they are scaled on the way
 */
export async function operandsOn(
  placement: Placement,
  X: MatrixLike,
  y: VectorLike | Matrix | undefined,
  source?: RowSource,
): Promise<Operands> {
  placement.signal?.throwIfAborted();
  const rows = X instanceof Matrix && source === undefined ? undefined : (source ?? matrixRows('X', X));
  if (X instanceof Matrix) checkResident('X', X, placement);
  const targets = y === undefined || y instanceof Matrix ? y : vectorRows('y', y);
  if (targets !== undefined) checkTargets(targets, rows?.rows ?? (X as Matrix).shape[0]);

  const owned: Matrix[] = [];
  const dispose = (): void => {
    for (const matrix of owned) matrix.dispose();
  };
  try {
    let resident = X as Matrix;
    if (rows !== undefined) {
      const device = X instanceof Matrix ? X.device : await deviceFor(placement, rows);
      const dtype = placement.dtype ?? rows.dtype;
      resident = await device.upload('X', rows, dtype, placement.signal);
      owned.push(resident);
    }
    const residentTargets =
      targets === undefined ? undefined : await targetsOn(resident, targets, placement.signal);
    if (residentTargets !== undefined && residentTargets !== y) owned.push(residentTargets);
    return { device: resident.device, X: resident, y: residentTargets, dtype: resident.dtype, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}
