import { type ErrorCode, type ErrorDetails, ThalwegError } from '../../lib';
import { norm } from './plain';

/** What an error has to be: its code, a part of its message, and where it says it happened. */
export interface Expected extends ErrorDetails {
  readonly code: ErrorCode;
  readonly message: RegExp | string;
}

function expectFailure(failure: unknown, { message, ...rest }: Expected): void {
  expect(failure).toBeInstanceOf(ThalwegError);
  expect(failure).toMatchObject(rest);
  expect((failure as ThalwegError).message).toMatch(message);
}

/** Expects a promise to reject with that ThalwegError; returns it. */
export async function expectRejection(promise: Promise<unknown>, expected: Expected): Promise<ThalwegError> {
  const failure: unknown = await promise.then(
    () => 'no failure',
    (reason: unknown) => reason,
  );
  expectFailure(failure, expected);
  return failure as ThalwegError;
}

/** Expects a call to throw that ThalwegError. */
export function expectThrow(call: () => unknown, expected: Expected): void {
  let failure: unknown = 'no failure';
  try {
    call();
  } catch (reason) {
    failure = reason;
  }
  expectFailure(failure, expected);
}

/** The bytes of numbers, by which NaNs compare equal and −0 and 0 do not. */
export function bits(values: Float64Array | Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

/** ‖a − b‖/‖b‖, or against `least` where ‖b‖ is smaller. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>, least = 0): number {
  expect(a).toHaveLength(b.length);
  const difference = Float64Array.from(a, (value, j) => value - (b[j] as number));
  return norm(difference) / (Math.max(norm(Float64Array.from(b)), least) || 1);
}
