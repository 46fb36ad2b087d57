import type { Values, Words } from './cases';
import type { Target } from './target';

/** What is wrong with a result, as a person reads it; undefined where nothing is. */
export type Fault = string | undefined;

/** Why a case could not be tried here. */
export interface Skipped {
  readonly skipped: string;
}

/** Cases that look at one thing a device does. */
export interface Group<Of extends Values = Values> {
  readonly name: string;
  /** What it looks at, in a few words. */
  readonly what: string;
  /** One case, which a person may vary. */
  readonly like: Of;
  /** What its own words may be. */
  readonly words?: Words;
  /** Why it is not for this device; undefined where it is. */
  readonly notFor?: (target: Target) => string | undefined;
  /** Whether its cases are for one process alone: they look at what processes share, or take all of the memory. */
  readonly alone?: boolean;
  readonly cases: (target: Target) => Promise<readonly Of[]>;
  readonly run: (target: Target, values: Of) => Promise<Fault | Skipped>;
}
