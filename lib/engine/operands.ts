import { ThalwegError } from '../base/errors';
import { lazily } from '../base/lazily';
import type { Work } from '../devices/costs';
import type { Dtype, VectorLike } from '../base/data-types';
import { addon } from '../addon/native';
import { Device, Matrix, type MatrixLike } from '../devices/device';
import { autoDevice, sharedDevice } from '../devices/open';
import { survey } from '../drivers/survey';
import type * as AutoDevice from '../devices/auto-device';
import type { PlaceOfRows } from '../devices/residency';
import type { Objective } from '../objective/objective';
import { matrixRows } from '../rows/matrix-rows';
import type { SparseLayout } from '../rows/row-source';
import { type RowSource, vectorRows } from '../rows/rows';
import type { Placement } from './task';

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

/** X and y on one device, and how much each row counts. */
export interface Operands extends Inputs {
  readonly y: Matrix;
  /** m×1; undefined: 1. */
  readonly weights: Matrix | undefined;
}

/** X or y: rows to copy to a device, or a matrix that is on one. */
export type Rows = RowSource | Matrix;

/** What a call is about: X, m×n; y, m×1; and how much each row counts, m×1 or 1. */
export interface Sample {
  readonly X: Rows;
  readonly y: Rows;
  readonly weights?: Rows | undefined;
  /** The same in scores, where classes count besides in `weights`. */
  readonly scoreWeights?: Rows | undefined;
}

/** What is done with the rows, by which 'auto' chooses. */
export type WorkOf = (shape: Pick<Work, 'rows' | 'columns' | 'dtype'>) => Pick<Work, 'passes' | 'stepRows'>;

/** What a prediction, a score and a gradient do. */
export const onePass: WorkOf = () => ({ passes: 1 });

/** Where a call computes, and what it does there. */
export interface Use extends Placement {
  readonly work: WorkOf;
  readonly signal: AbortSignal | undefined;
  /** Whether there are several outputs. */
  readonly several?: boolean;
}

/** X as a call is given it. @throws ThalwegError ERR_SHAPE, ERR_INVALID_ARGUMENT */
export function rowsOf(option: string, X: MatrixLike): Rows {
  return X instanceof Matrix ? X : matrixRows(option, X);
}

/** Rows of values, not a value a row. */
function isRows(y: unknown): boolean {
  if (Array.isArray(y)) return Array.isArray(y[0]) || ArrayBuffer.isView(y[0]);
  return typeof y === 'object' && y !== null && ('shape' in y || 'blocks' in y);
}

/** y as a call is given it: m values, or m rows of K. @throws ThalwegError ERR_SHAPE, ERR_INVALID_ARGUMENT */
export function targetsOf(option: string, y: VectorLike | MatrixLike): Rows {
  if (y instanceof Matrix) return y;
  return isRows(y) ? matrixRows(option, y) : vectorRows(option, y);
}

/** How many outputs y has targets for; undefined where its labels tell. */
export function outputsOf(
  { activation, outputs }: Pick<Objective, 'activation' | 'outputs'>,
  y: Rows,
): number | undefined {
  return activation === 'softmax' ? outputs : shapeOf(y)[1];
}

/** Rows in JavaScript's memory, block by block; those of a matrix are read back. */
export function sourceOf(rows: Rows): RowSource {
  return rows instanceof Matrix ? rows.rows() : rows;
}

/** [rows, columns] */
export function shapeOf(rows: Rows): readonly [rows: number, columns: number] {
  return rows instanceof Matrix ? rows.shape : [rows.rows, rows.columns];
}

/** What is looked up in θ, and added up where it belongs, takes about as long as two values that follow each other. */
const valuesAnEntry = 2;

/** How many values a row of this layout takes as long as, where it is held so. */
function heldColumns({ dense, levels, entries }: SparseLayout, rows: number): number {
  return dense + valuesAnEntry * (levels.length + entries / rows);
}

async function deviceFor(use: Use, source: RowSource): Promise<Device> {
  const { device, dtype = source.dtype, work } = use;
  if (device instanceof Device) return device;
  const name = device === 'auto' ? autoDevice() : device;
  if (name !== 'auto') return await sharedDevice(name);
  const shape = { rows: source.rows, columns: source.columns, dtype };
  const held = source.sparse && { heldColumns: heldColumns(source.sparse.layout, source.rows) };
  const all = { ...shape, ...work(shape), ...held, several: use.several === true };
  return await sharedDevice(await autoDevices().autoDeviceFor(all, survey, addon()));
}

/** Whether a matrix that is on `there` serves a call that asks for a device. */
function serves(asked: string | Device, there: Device): boolean {
  if (asked instanceof Device) return asked === there;
  const { id, backend, type } = there.info;
  return asked === 'auto' || asked === id || asked === backend || (asked === 'gpu' && type === 'gpu');
}

/** Whether a matrix is where rows are wished to be; a CPU's memory is the host's. */
function isAt(residency: PlaceOfRows, { residency: there, device }: Matrix): boolean {
  return there === residency || (residency === 'host' && there === 'device' && device.info.backend === 'cpu');
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
  const { residency = 'auto' } = placement;
  if (residency !== 'auto' && !isAt(residency, matrix)) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `${option} is a Matrix whose residency is '${matrix.residency}', and residency is '${residency}': leave it out`,
      { option: 'residency' },
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

/**
 * @param outputs undefined where they are as many as θ says
 * @throws ThalwegError ERR_SHAPE unless θ, which `option` gave, is one value a column and output
 */
export function checkTheta(
  option: string,
  theta: Float64Array,
  columns: number,
  outputs: number | undefined,
): void {
  if (outputs === undefined ? theta.length % columns === 0 : theta.length === columns * outputs) return;
  const times = outputs === undefined || outputs === 1 ? '' : `, of ${outputs} outputs each`;
  throw new ThalwegError(
    'ERR_SHAPE',
    `${option} has ${theta.length} values, and X has ${columns} columns${times}`,
    {
      option,
    },
  );
}

function refuseLength(option: string, length: number, rows: number): void {
  if (length === rows) return;
  throw new ThalwegError(
    'ERR_SHAPE',
    `${option} has ${length} values, and X has ${rows} rows: they must be as many`,
    { option },
  );
}

/** @throws ThalwegError ERR_SHAPE unless what `option` gave, as weights, is one value a row */
export function checkColumn(option: string, column: Rows, rows: number): void {
  const [length, columns] = shapeOf(column);
  if (columns !== 1)
    throw new ThalwegError('ERR_SHAPE', `${option} has ${columns} columns, and must have one`, { option });
  refuseLength(option, length, rows);
}

/** @throws ThalwegError ERR_SHAPE unless y has a row for each row of X, and as many columns as the objective has outputs */
export function checkTargets(
  y: Rows,
  rows: number,
  { activation, outputs }: Pick<Objective, 'activation' | 'outputs'>,
): void {
  const [length, columns] = shapeOf(y);
  const wanted = activation === 'softmax' ? 1 : (outputs ?? columns);
  if (columns !== wanted) {
    const why = activation === 'softmax' ? ', the number of its class' : '';
    const must = wanted === 1 ? `one${why}` : `${wanted}, one an output`;
    throw new ThalwegError('ERR_SHAPE', `y has ${columns} columns, and must have ${must}`, { option: 'y' });
  }
  refuseLength('y', length, rows);
}

/** Refuses a column of another device or dtype. */
function checkSameKind(option: string, X: Matrix, column: Matrix): void {
  if (column.device !== X.device) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `${option} is on ${column.device.id}, and X is on another device (${X.device.id})`,
      { option, device: column.device.id },
    );
  }
  if (column.residency !== 'device') {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `${option} is a Matrix whose residency is '${column.residency}': make it with residency 'device', X alone may be elsewhere`,
      { option, device: X.device.id },
    );
  }
  if (column.dtype !== X.dtype) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `${option} is a ${column.dtype} matrix, and X is ${X.dtype}: make them alike`,
      { option },
    );
  }
}

/** The device that a call names as an object, or whose matrices it is given. */
function deviceAtHand(placement: Placement, X: Rows, y?: Rows): Device | undefined {
  if (X instanceof Matrix) return X.device;
  if (placement.device instanceof Device) return placement.device;
  return y instanceof Matrix && serves(placement.device, y.device) ? y.device : undefined;
}

/**
 * Holds the device that is at hand, in the turn of the call: it stays open until `release`, and is where rows that are
 * made of X on the way go, too.
 */
export function holdAtHand(
  placement: Placement,
  X: Rows,
  y: Rows,
): { readonly placement: Placement; readonly release: () => void } {
  if (X instanceof Matrix) checkResident('X', X, placement);
  const device = deviceAtHand(placement, X, y);
  if (device === undefined) return { placement, release: () => undefined };
  return { placement: { ...placement, device }, release: device.hold() };
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
    { signal, residency }: Pick<Use, 'signal' | 'residency'>,
  ): Promise<Matrix> {
    const matrix = await this.device.upload(option, rows, dtype, { signal, residency });
    this.#copies.push(matrix);
    return matrix;
  }

  readonly dispose = (): void => {
    for (const matrix of this.#copies) matrix.dispose();
    this.#release();
  };
}

async function holdDevice(use: Use, X: Rows, y?: Rows): Promise<Holding> {
  use.signal?.throwIfAborted();
  if (X instanceof Matrix) checkResident('X', X, use);
  const atHand = deviceAtHand(use, X, y);
  // Held in the turn of the call itself: a close that is called after it waits for it.
  if (atHand !== undefined) return new Holding(atHand);
  return new Holding(await deviceFor(use, X as RowSource));
}

/** The device that a call names, held until `release`, and where X would be there. */
export async function placeOn(
  use: Use,
  X: Rows,
): Promise<{ readonly device: Device; readonly residency: PlaceOfRows; readonly release: () => void }> {
  const { device, dispose: release } = await holdDevice(use, X);
  try {
    const there = async (): Promise<PlaceOfRows> =>
      X instanceof Matrix ? X.residency : device.placeOf(X, use.dtype ?? X.dtype, use.residency);
    return { device, residency: await there(), release };
  } catch (error) {
    release();
    throw error;
  }
}

async function inputsIn(holding: Holding, use: Use, X: Rows, place = ''): Promise<Inputs> {
  const { device, dispose } = holding;
  const inputs = X instanceof Matrix ? X : await holding.copy(`${place}X`, X, use.dtype ?? X.dtype, use);
  return { device, X: inputs, dtype: inputs.dtype, dispose };
}

/** Brings X to the device that the call names, or finds it there. */
export async function inputsOn(use: Use, X: Rows): Promise<Inputs> {
  const holding = await holdDevice(use, X);
  try {
    return await inputsIn(holding, use, X);
  } catch (error) {
    holding.dispose();
    throw error;
  }
}

/**
 * Brings a sample to the device that the call names, or finds it there.
 *
 * @param place what stands before X, y and sampleWeight in messages: 'validation.'
 */
export async function operandsOn(
  use: Use,
  { X, y, weights }: Sample,
  objective: Pick<Objective, 'activation' | 'outputs'>,
  place = '',
): Promise<Operands> {
  const [rows] = shapeOf(X);
  checkTargets(y, rows, objective);
  if (weights !== undefined) checkColumn(`${place}sampleWeight`, weights, rows);
  const holding = await holdDevice(use, X, y);
  try {
    const inputs = await inputsIn(holding, use, X, place);
    const columnOn = async (option: string, column: Rows): Promise<Matrix> => {
      if (!(column instanceof Matrix))
        return await holding.copy(`${place}${option}`, column, inputs.dtype, { signal: use.signal });
      checkSameKind(`${place}${option}`, inputs.X, column);
      return column;
    };
    const targets = await columnOn('y', y);
    const weighed = weights === undefined ? undefined : await columnOn('sampleWeight', weights);
    return { ...inputs, y: targets, weights: weighed };
  } catch (error) {
    holding.dispose();
    throw error;
  }
}
