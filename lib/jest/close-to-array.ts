import { checkObject, notNegative, refuseUnknown } from '../base/arguments';

/** How far an element may be from the expected one: |received − expected| ≤ absolute + relative·|expected|. */
export interface Closeness {
  /** A share of the expected value; 1e-7 where neither is given, otherwise 0. */
  readonly relative?: number;
  /** In the unit of the values; default 0. */
  readonly absolute?: number;
}

/** What Jest hands to a matcher, as far as it is used here. */
export interface MatcherContext {
  readonly isNot?: boolean;
  readonly utils: {
    readonly matcherHint: (name: string, received: string, expected: string, options: object) => string;
    readonly printExpected: (value: unknown) => string;
    readonly printReceived: (value: unknown) => string;
  };
}

export interface MatcherResult {
  readonly pass: boolean;
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
 * @throws ThalwegError ERR_INVALID_ARGUMENT for tolerances that are none
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
