import { types } from 'node:util';

/** The stable codes of {@link ThalwegError}; docs/troubleshooting.md has a section for each. */
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
  readonly device?: string;
  /** The offending file, or the place within a model. */
  readonly path?: string;
  /** What the device's compiler said. */
  readonly log?: string;
  /** Steps taken when the loss was no longer finite. */
  readonly iteration?: number;
  /** The last finite loss before that. */
  readonly lastLoss?: number;
  /** The learning rate above which a linear neuron with squared loss diverges on this data. */
  readonly largestStableLearningRate?: number;
  readonly cause?: unknown;
}

/** Every failure of this package: a stable `code`, and a message that says what was wrong and what to do. */
export class ThalwegError extends Error {
  override readonly name = 'ThalwegError';
  // Declared only: a field that does not apply is not there.
  declare readonly row?: number;
  declare readonly column?: number | string;
  declare readonly option?: string;
  declare readonly device?: string;
  declare readonly path?: string;
  declare readonly log?: string;
  declare readonly iteration?: number;
  declare readonly lastLoss?: number;
  declare readonly largestStableLearningRate?: number;

  constructor(
    readonly code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
  ) {
    const { cause, ...places } = details;
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, places);
  }
}

const nativeDetails = [
  'row',
  'column',
  'option',
  'device',
  'log',
  'iteration',
  'lastLoss',
  'largestStableLearningRate',
] as const;

/** The code with which the addon rejects a cancelled job; callers answer it with the reason of the cancel. */
export const cancelledCode = 'CANCELLED';

/** Turns what the addon throws, a plain Error with `code` and details, into a ThalwegError. */
export function fromNative(error: unknown): unknown {
  // Not by its class: in a realm of its own, as each of Jest's test files, the addon's errors are of another one.
  if (!types.isNativeError(error) || error instanceof ThalwegError) return error;
  const { code, ...rest } = error as Error & { code?: string } & Record<string, unknown>;
  if (code === undefined || !code.startsWith('ERR_')) return error;
  const details = Object.fromEntries(
    nativeDetails.filter((key) => key in rest).map((key) => [key, rest[key]]),
  );
  return new ThalwegError(code as ErrorCode, error.message, details);
}

/** Awaits a promise of the addon and turns what it rejects with into a ThalwegError. */
export async function translated<Result>(promise: Promise<Result>): Promise<Result> {
  try {
    return await promise;
  } catch (error) {
    throw fromNative(error);
  }
}
