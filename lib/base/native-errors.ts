import { types } from 'node:util';
import { type ErrorCode, ThalwegError } from './errors';

// Apart from the errors themselves, which a browser knows as well.

const nativeDetails = [
  'row',
  'column',
  'option',
  'device',
  'log',
  'path',
  'iteration',
  'rank',
  'lastLoss',
  'largestStableLearningRate',
] as const;

/** @internal The code with which the addon rejects a cancelled job; callers answer it with the reason of the cancel. */
export const cancelledCode = 'CANCELLED';

/** @internal Turns what the addon throws, a plain Error with `code` and details, into a ThalwegError. */
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

/** @internal Awaits a promise of the addon and turns what it rejects with into a ThalwegError. */
export async function translated<Result>(promise: Promise<Result>): Promise<Result> {
  try {
    return await promise;
  } catch (error) {
    throw fromNative(error);
  }
}
