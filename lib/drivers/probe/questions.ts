import type { Backend, DeviceInfo } from '../../addon/device-info';
import type { NativeSurvey } from '../../addon/native';
import type { Settings } from '../../addon/settings';

/** What a process of its own can be asked, since the driver that answers may crash or hang. */
export type Question =
  | { readonly ask: 'survey'; readonly backend: DriverBackend }
  | { readonly ask: 'fit'; readonly device: string }
  | CheckQuestion;

/** Whether a device computes what it should. */
export interface CheckQuestion {
  readonly ask: 'check';
  readonly device: string;
  /** Fewer cases. */
  readonly quick: boolean;
  /** Groups of cases; none: all. */
  readonly only: readonly string[];
  /** One case, as text, alone. */
  readonly case?: string;
  /** Parameters of the device's kernels in place of those that it has. */
  readonly settings?: Settings;
  /** This part alone of each group's cases, where processes share them; by default all. */
  readonly share?: Share;
}

/** Part `part` = 0 … of − 1 of `of` equal ones. */
export interface Share {
  readonly part: number;
  readonly of: number;
}

/** Those that a driver is behind. */
export type DriverBackend = Exclude<Backend, 'cpu'>;

/** How far from the CPU's results a device's were. */
export interface Trial {
  readonly name: string;
  /** Whether every result was within the tolerance of its dtype. */
  readonly agrees: boolean;
  readonly dtypes: readonly string[];
  /** The largest difference of a weight, relative to the largest weight. */
  readonly largestDifference: number;
}

/** What a check tells on its way. */
export type CheckEvent =
  | { readonly opened: DeviceInfo }
  /** A group begins, of so many cases; or `why` it is not for the device. */
  | { readonly group: string; readonly what: string; readonly cases: number; readonly why?: string }
  | { readonly begun: string }
  | { readonly ended: { readonly fault?: string; readonly skipped?: string } };

export type Answer<Q extends Question> = Q extends { ask: 'survey' }
  ? NativeSurvey
  : Q extends { ask: 'fit' }
    ? Trial
    : 'checked';

/** Where the process was when it ended or was ended. */
export type Stage = 'starting' | 'asking' | 'opening' | 'training' | 'checking';

export interface Failure {
  readonly code?: string;
  readonly message: string;
  readonly option?: string;
  readonly log?: string;
}

/** What the process sends back. */
export type Message =
  | { readonly stage: Stage }
  | { readonly event: CheckEvent }
  | { readonly answer: Answer<Question> }
  | { readonly failure: Failure };
