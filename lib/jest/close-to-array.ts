import { checkObject, notNegative, refuseUnknown } from '../base/arguments';

/** How far an element may be from the expected one: |received − expected| ≤ absolute + relative·|expected|. */
export interface Closeness {
  /** A share of the expected value, 0 or more; default 1e-7, or 0 beside `absolute`. */
  readonly relative?: number;
  /** In the unit of the values, 0 or more; default 0. */
  readonly absolute?: number;
}

/** What Jest hands to a matcher, as far as it is used here. */
interface MatcherContext {
  /** Whether it is called with `.not`. */
  readonly isNot?: boolean;
  /** Jest's functions for messages. */
  readonly utils: {
    /** The first line of a message. */
    readonly matcherHint: (name: string, received: string, expected: string, options: object) => string;
    /** A value in the colour of what is expected. */
    readonly printExpected: (value: unknown) => string;
    /** A value in the colour of what was received. */
    readonly printReceived: (value: unknown) => string;
  };
}

/** What Jest takes from a matcher. */
interface MatcherResult {
  /** Whether what was received is as expected, `.not` left aside. */
  readonly pass: boolean;
  /** What is said where that is not as it should be. */
  readonly message: () => string;
}

interface Comparison {
  /** How many elements are too far. */
  readonly far: number;
  /** The index of the one that is farthest for what it is allowed. */
  readonly worst: number;
  readonly difference: number;
  readonly allowed: number;
}

const defaultRelative = 1e-7;

function checkCloseness(options: unknown): Required<Closeness> {
  checkObject('the tolerance', options);
  refuseUnknown(options, ['relative', 'absolute'], 'toBeCloseToArray');
  const { relative, absolute } = options as Closeness;
  const fallback = absolute === undefined ? defaultRelative : 0;
  return {
    relative: relative === undefined ? fallback : notNegative('relative', relative),
    absolute: absolute === undefined ? 0 : notNegative('absolute', absolute),
  };
}

/** An array of numbers of whatever realm: those of a test file are not those of Node. */
function isNumbers(value: unknown): value is ArrayLike<number> {
  if (Array.isArray(value)) return value.every((element) => typeof element === 'number');
  if (!ArrayBuffer.isView(value) || !('length' in value)) return false;
  const [first] = value as unknown as ArrayLike<unknown> & Iterable<unknown>;
  return first === undefined || typeof first === 'number';
}

/** 0 for what is the same, NaN and infinities included; infinite where only one of the two is finite. */
function distance(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  const difference = Math.abs(a - b);
  return Number.isNaN(difference) ? Infinity : difference;
}

/** How many times what is allowed. */
function excess(difference: number, allowed: number): number {
  return difference === 0 ? 0 : difference / allowed;
}

function compare(
  received: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative, absolute }: Required<Closeness>,
): Comparison {
  let far = 0;
  let worst = { worst: -1, difference: 0, allowed: absolute };
  let most = -1;
  for (let i = 0; i < expected.length; i += 1) {
    const target = expected[i] as number;
    const difference = distance(received[i] as number, target);
    const allowed = absolute + (Number.isFinite(target) ? relative * Math.abs(target) : 0);
    const times = excess(difference, allowed);
    if (times > 1) far += 1;
    if (times < most || (times === most && difference <= worst.difference)) continue;
    most = times;
    worst = { worst: i, difference, allowed };
  }
  return { far, ...worst };
}

/**
 * The matcher `toBeCloseToArray`, for `expect.extend`; importing `thalweg/jest` has done that already. Elements that are
 * NaN or infinite are close to the same only.
 *
 * @param received an array or typed array of numbers
 * @param expected one of the same length
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT for tolerances that are none
 *
 * @example
 * ```ts
 * import 'thalweg/jest';
 *
 * test('thirds', () => {
 *   const thirds = Float32Array.of(1 / 3, 2 / 3);
 *   expect(thirds).toBeCloseToArray([1 / 3, 2 / 3], { relative: 1e-6 });
 *   expect(thirds).not.toBeCloseToArray([1 / 3, 2 / 3], { relative: 1e-9 });
 * });
 * ```
 */
export function toBeCloseToArray(
  this: MatcherContext,
  received: unknown,
  expected: unknown,
  options: Closeness = {},
): MatcherResult {
  const closeness = checkCloseness(options);
  const { matcherHint, printExpected, printReceived } = this.utils;
  const isNot = this.isNot === true;
  const fail = (...lines: string[]): MatcherResult => ({
    pass: isNot,
    message: () =>
      [matcherHint('toBeCloseToArray', 'received', 'expected', { isNot }), '', ...lines].join('\n'),
  });
  if (!isNumbers(expected))
    return fail('expected has to be an array of numbers, and is', printExpected(expected));
  if (!isNumbers(received))
    return fail('received has to be an array of numbers, and is', printReceived(received));
  if (received.length !== expected.length) {
    const result = fail(
      `Expected length: ${printExpected(expected.length)}`,
      `Received length: ${printReceived(received.length)}`,
    );
    return { ...result, pass: false };
  }
  const { far, worst, difference, allowed } = compare(received, expected, closeness);
  const { relative, absolute } = closeness;
  const count = `${far} of ${expected.length} elements ${far === 1 ? 'is' : 'are'} too far`;
  const lines = [
    isNot && far === 0
      ? `No element is too far; the farthest is [${worst}]`
      : `${count}, worst is [${worst}]`,
    `Expected: ${printExpected(expected[worst])}`,
    `Received: ${printReceived(received[worst])}`,
    `Difference: ${printReceived(difference)}, allowed ${printExpected(allowed)} (relative ${relative}, absolute ${absolute})`,
  ];
  return { ...fail(...(worst < 0 ? ['Both are empty'] : lines)), pass: far === 0 };
}
