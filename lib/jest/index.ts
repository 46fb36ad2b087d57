/**
 * For test files that Jest runs: suites on every device, and a matcher for arrays of numbers. Importing it adds the
 * matcher to `expect`.
 */
import type { VectorLike } from '../base/data-types';
import { type Closeness, toBeCloseToArray } from './close-to-array';
import { jestGlobals } from './globals';

export { type Closeness, toBeCloseToArray } from './close-to-array';
export { type DeviceUnderTest, describeOnEachDevice } from './describe';

/** What importing `thalweg/jest` adds to `expect`. */
export interface ThalwegMatchers<R> {
  /**
   * Every element of an array or typed array is close to the expected one: |received − expected| ≤ absolute +
   * relative·|expected|. Without a tolerance `relative` is 1e-7. A failure names the element that is farthest for what it
   * is allowed.
   *
   * @param expected as many numbers as were received
   * @param tolerance how far an element may be
   * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT for tolerances that are none
   */
  toBeCloseToArray(expected: VectorLike, tolerance?: Closeness): R;
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- where @types/jest declares the matchers
  namespace jest {
    // eslint-disable-next-line @typescript-eslint/no-unused-vars -- the parameters have to be those of @types/jest
    interface Matchers<R, T> {
      /** Every element is close to the expected one: see {@link ThalwegMatchers}. */
      toBeCloseToArray: ThalwegMatchers<R>['toBeCloseToArray'];
    }
  }
}

// eslint-disable-next-line @typescript-eslint/ban-ts-comment -- here it can be found, elsewhere it may not
/** @ts-ignore 'expect', whose matchers @jest/globals has, cannot be found from here under pnpm */
declare module 'expect' {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- the parameters have to be those of expect
  interface Matchers<R extends void | Promise<void>, T> {
    /** Every element is close to the expected one: see {@link ThalwegMatchers}. */
    toBeCloseToArray: ThalwegMatchers<R>['toBeCloseToArray'];
  }
}

jestGlobals().expect.extend({ toBeCloseToArray });
