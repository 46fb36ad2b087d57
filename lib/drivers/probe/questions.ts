import type { Backend } from '../../addon/device-info';
import type { NativeSurvey } from '../../addon/native';

/** What a process of its own can be asked, since the driver that answers may crash or hang. */
export type Question =
  | { readonly ask: 'survey'; readonly backend: DriverBackend }
  | { readonly ask: 'fit'; readonly device: string };

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

export type Answer<Q extends Question> = Q extends { ask: 'survey' } ? NativeSurvey : Trial;

/** Where the process was when it ended or was ended. */
export type Stage = 'starting' | 'asking' | 'opening' | 'training';

export interface Failure {
  readonly code?: string;
  readonly message: string;
  readonly option?: string;
  readonly log?: string;
}

/** What the process sends back. */
export type Message =
  { readonly stage: Stage } | { readonly answer: NativeSurvey | Trial } | { readonly failure: Failure };
