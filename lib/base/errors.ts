/**
 * The stable codes of {@link ThalwegError}; docs/troubleshooting.md has a section for each.
 *
 * - `ERR_INVALID_ARGUMENT`: a wrong type or range, an unknown option, a label that the loss does not take
 * - `ERR_SHAPE`: shapes that do not fit
 * - `ERR_NOT_FINITE`: NaN or an infinity in the data
 * - `ERR_DEVICE_NOT_FOUND`: the device named is not there
 * - `ERR_DRIVER_MISSING`: no driver that could offer it
 * - `ERR_ADDON_NOT_FOUND`: no compiled addon fits this machine; with `cause`
 * - `ERR_KERNEL_BUILD`: the device's compiler refused a kernel; with `log`
 * - `ERR_OUT_OF_MEMORY`: the device, or JavaScript, has no room
 * - `ERR_DEVICE_LOST`: the device stopped answering
 * - `ERR_DISPOSED`: a matrix or device that is gone
 * - `ERR_DTYPE_UNSUPPORTED`: float64 on a device without it
 * - `ERR_DIVERGED`: a loss that is no longer finite; with `iteration`, and `lastLoss` and `largestStableLearningRate` where
 *   they are known
 * - `ERR_STATE`: a state to resume from that is not what was written, or of another descent; with the `path` of the field
 * - `ERR_RANK`: another rank of the program has failed, ended, or makes another call; with `rank`
 * - `ERR_FILE`, `ERR_COLUMN`, `ERR_MODEL`: data files and model files, the rows that a model is given, and the folder of rows
 *   on disk
 */
export type ErrorCode =
  | 'ERR_INVALID_ARGUMENT'
  | 'ERR_SHAPE'
  | 'ERR_NOT_FINITE'
  | 'ERR_DEVICE_NOT_FOUND'
  | 'ERR_DRIVER_MISSING'
  | 'ERR_ADDON_NOT_FOUND'
  | 'ERR_KERNEL_BUILD'
  | 'ERR_OUT_OF_MEMORY'
  | 'ERR_DEVICE_LOST'
  | 'ERR_DISPOSED'
  | 'ERR_DTYPE_UNSUPPORTED'
  | 'ERR_DIVERGED'
  | 'ERR_STATE'
  | 'ERR_RANK'
  | 'ERR_FILE'
  | 'ERR_COLUMN'
  | 'ERR_MODEL';

/** Where it happened, and what else is known; only what applies is set. */
export interface ErrorDetails {
  /** Index of the offending row, from 0. */
  readonly row?: number;
  /** Index of the offending column, from 0, or its name in a file. */
  readonly column?: number | string;
  /** The offending option or argument. */
  readonly option?: string;
  /** The id of the device, or the name by which it was asked for. */
  readonly device?: string;
  /** The offending file, or the place within a model or a state. */
  readonly path?: string;
  /** What the device's compiler said. */
  readonly log?: string;
  /** Steps taken when the loss was no longer finite. */
  readonly iteration?: number;
  /** The process of the program, from 0, that failed or differs. */
  readonly rank?: number;
  /** The last finite loss before that. */
  readonly lastLoss?: number;
  /** The learning rate above which a linear neuron with squared loss diverges on this data: 2/L, L its largest curvature. */
  readonly largestStableLearningRate?: number;
  /** What was caught and is told of here. */
  readonly cause?: unknown;
}

/**
 * Every failure of this package: a stable `code`, a message that says what was wrong and what to do, and where. A cancelled
 * call is no failure: it rejects with the signal's reason.
 *
 * @example
 * ```ts
 * import { ThalwegError, batchGradientDescent } from 'thalweg';
 *
 * try {
 *   await batchGradientDescent([[1, 2], [3, NaN]], [1, 2], { learningRate: 0.1, iterations: 10 });
 * } catch (error) {
 *   if (!(error instanceof ThalwegError)) throw error;
 *   console.log(error.code, error.row, error.column); // ERR_NOT_FINITE 1 1
 * }
 * ```
 */
export class ThalwegError extends Error implements ErrorDetails {
  /** Always 'ThalwegError'. */
  override readonly name = 'ThalwegError';
  // Declared only: a field that does not apply is not there.
  declare readonly row?: number;
  declare readonly column?: number | string;
  declare readonly option?: string;
  declare readonly device?: string;
  declare readonly path?: string;
  declare readonly log?: string;
  declare readonly iteration?: number;
  declare readonly rank?: number;
  declare readonly lastLoss?: number;
  declare readonly largestStableLearningRate?: number;

  /**
   * For tests of code that catches such errors.
   *
   * @param code what kind of failure it is
   * @param message what was wrong, and what to do
   * @param details what is set on the error
   */
  constructor(
    /** What kind of failure it is; stable. */
    readonly code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
  ) {
    const { cause, ...places } = details;
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, places);
  }
}

/** @internal The same failure, with a sentence more. */
export function toldMore(error: ThalwegError, more: string): ThalwegError {
  const places = Object.entries(error).filter(([key]) => key !== 'code' && key !== 'name');
  const details = { ...Object.fromEntries(places), cause: error.cause };
  return new ThalwegError(error.code, `${error.message}. ${more}`, details);
}
