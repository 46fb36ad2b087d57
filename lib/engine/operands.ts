import { ThalwegError } from '../base/errors';
import { lazily } from '../base/lazily';
import type { Work } from '../devices/costs';
import type { Dtype, VectorLike } from '../base/data-types';
import { addon } from '../addon/native';
import { Device, Matrix, type MatrixLike } from '../devices/device';
import { autoDevice, sharedDevice } from '../devices/open';
import { survey } from '../drivers/survey';
import type * as AutoDevice from '../devices/auto-device';
import { type RowSource, matrixRows, vectorRows } from '../rows/rows';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const autoDevices = lazily(() => require('../devices/auto-device') as typeof AutoDevice);

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
  /** What is done with the rows, by which 'auto' chooses. */
  readonly work: (shape: Pick<Work, 'rows' | 'columns' | 'dtype'>) => Pick<Work, 'passes' | 'stepRows'>;
}

async function deviceFor(placement: Placement, source: RowSource): Promise<Device> {
  const { device, dtype = source.dtype, work } = placement;
  if (device instanceof Device) return device;
  const name = device === 'auto' ? autoDevice() : device;
  if (name !== 'auto') return await sharedDevice(name);
  const shape = { rows: source.rows, columns: source.columns, dtype };
  return await sharedDevice(await autoDevices().autoDeviceFor({ ...shape, ...work(shape) }, survey, addon()));
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

/** Refuses targets of another device or dtype. */
function checkSameKind(X: Matrix, y: Matrix): void {
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
}

/** The device that a call names as an object, or whose matrices it is given. */
export function deviceAtHand(
  placement: Pick<Placement, 'device'>,
  X: MatrixLike,
  y?: VectorLike | Matrix,
): Device | undefined {
  if (X instanceof Matrix) return X.device;
  if (placement.device instanceof Device) return placement.device;
  return y instanceof Matrix && serves(placement.device, y.device) ? y.device : undefined;
}

/** The rows to copy: those of `source`, where X is scaled on the way, or of X, unless it is on a device. */
function rowsToCopy(placement: Placement, X: MatrixLike, source?: RowSource): RowSource | undefined {
  placement.signal?.throwIfAborted();
  if (X instanceof Matrix) checkResident('X', X, placement);
  return source ?? (X instanceof Matrix ? undefined : matrixRows('X', X));
}

/** What a call has of a device: its matrices are freed, and the device let go, when it is done. */
class Holding {
  readonly #release: () => void;
  readonly #copies: Matrix[] = [];

  constructor(readonly device: Device) {
    this.#release = device.hold();
  }

  async copy(
    option: string,
    rows: RowSource,
    dtype: Dtype,
    signal: AbortSignal | undefined,
  ): Promise<Matrix> {
    const matrix = await this.device.upload(option, rows, dtype, signal);
    this.#copies.push(matrix);
    return matrix;
  }

  readonly dispose = (): void => {
    for (const matrix of this.#copies) matrix.dispose();
    this.#release();
  };
}

async function holdDevice(
  placement: Placement,
  X: MatrixLike,
  y: VectorLike | Matrix | undefined,
  rows: RowSource | undefined,
): Promise<Holding> {
  const atHand = deviceAtHand(placement, X, y);
  // Held in the turn of the call itself: a close that is called after it waits for it.
  if (atHand !== undefined) return new Holding(atHand);
  return new Holding(await deviceFor(placement, rows as RowSource));
}

async function inputsIn(
  holding: Holding,
  placement: Placement,
  X: MatrixLike,
  rows: RowSource | undefined,
): Promise<Inputs> {
  const { device, dispose } = holding;
  const { dtype, signal } = placement;
  const inputs =
    rows === undefined ? (X as Matrix) : await holding.copy('X', rows, dtype ?? rows.dtype, signal);
  return { device, X: inputs, dtype: inputs.dtype, dispose };
}

/** Brings X to the device that the call names, or finds it there. */
export async function inputsOn(placement: Placement, X: MatrixLike): Promise<Inputs> {
  const rows = rowsToCopy(placement, X);
  const holding = await holdDevice(placement, X, undefined, rows);
  try {
    return await inputsIn(holding, placement, X, rows);
  } catch (error) {
    holding.dispose();
    throw error;
  }
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
  const holding = await holdDevice(placement, X, y, rows);
  try {
    const inputs = await inputsIn(holding, placement, X, rows);
    if (targets instanceof Matrix) checkSameKind(inputs.X, targets);
    const outputs =
      targets instanceof Matrix ? targets : await holding.copy('y', targets, inputs.dtype, placement.signal);
    return { ...inputs, y: outputs };
  } catch (error) {
    holding.dispose();
    throw error;
  }
}
