import type { DeviceInfo } from '../addon/device-info';

/** A case that failed. */
export interface CaseFailure {
  /** As --case takes it; absent where the device failed outside of any. */
  readonly case?: string;
  readonly what: string;
  /** Repeats it. */
  readonly command: string;
}

/** What came of a group of cases on a device. */
export interface GroupReport {
  readonly group: string;
  /** What it looks at. */
  readonly what: string;
  /** 'unfinished': the device was lost, crashed or hung in it. */
  readonly state: 'passed' | 'failed' | 'skipped' | 'unfinished';
  /** How many there are, and how many of them failed. */
  readonly cases: number;
  readonly failed: number;
  /** Why the group, or some of its cases, were not tried. */
  readonly skipped: readonly { readonly case?: string; readonly why: string }[];
  /** The first few. */
  readonly failures: readonly CaseFailure[];
  readonly seconds: number;
}

/** What came of checking a device. */
export interface DeviceReport {
  /** As it was asked for, or the device's own. */
  readonly id: string;
  readonly device?: DeviceInfo;
  readonly ok: boolean;
  readonly groups: readonly GroupReport[];
  /** The first of all. */
  readonly failure?: CaseFailure;
  readonly seconds: number;
}

/** What `thalweg check --json` prints. */
export interface CheckReport {
  readonly ok: boolean;
  readonly quick: boolean;
  readonly devices: readonly DeviceReport[];
}
