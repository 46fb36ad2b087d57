import type { DeviceInfo } from '../addon/device-info';
import type { Settings } from '../addon/settings';
import { type Outcome, probe } from '../drivers/probe';
import { caseOf, groupOf } from './find';
import { Recorder } from './recorder';
import type { DeviceReport, GroupReport } from './report';

export type { CaseFailure, CheckReport, DeviceReport, GroupReport } from './report';

/** How a device is checked. */
export interface CheckOptions {
  /** Fewer cases, in some fifteen seconds; default false. */
  readonly quick?: boolean;
  /** Groups of cases by their names; default all. */
  readonly groups?: readonly string[];
  /** One case alone, as text. */
  readonly case?: string;
  /** Parameters of its kernels in place of those that it has. */
  readonly settings?: Settings;
  readonly signal?: AbortSignal;
  readonly onOpen?: (device: DeviceInfo) => void;
  /** A group has so many cases, of which so many are done. */
  readonly onProgress?: (group: string, done: number, cases: number) => void;
  readonly onGroup?: (report: GroupReport) => void;
}

/**
 * Checks whether a device computes what it should, in a process of its own: what a driver does there is part of the report.
 *
 * @param id As `openDevice` takes it.
 * @throws ThalwegError ERR_INVALID_ARGUMENT for a group or a case that there is not; the signal's reason
 */
export async function checkDevice(id: string, options: CheckOptions = {}): Promise<DeviceReport> {
  const { quick = false, groups = [], signal, onProgress, onGroup, settings } = options;
  groups.forEach((name) => groupOf('group', name));
  if (options.case !== undefined) caseOf(options.case);
  const recorder = new Recorder(id, quick, (group) => onGroup?.(group));
  let done = 0;
  const outcome = await probe(
    {
      ...{ ask: 'check', device: id, quick, only: groups },
      ...(options.case === undefined ? {} : { case: options.case }),
      ...(settings === undefined ? {} : { settings }),
    },
    {},
    signal,
    (event) => {
      recorder.hear(event);
      if ('opened' in event) options.onOpen?.(event.opened);
      if ('group' in event) done = 0;
      if ('ended' in event) done += 1;
      const { group } = recorder;
      if (group !== undefined && group.cases > 0) onProgress?.(group.group, done, group.cases);
    },
  );
  const why = failureOf(outcome);
  if (why !== undefined) recorder.fail(why);
  return recorder.report();
}

/** What became of the process, where it did not end the check. */
function failureOf(outcome: Outcome<unknown>): string | undefined {
  switch (outcome.state) {
    case 'answered':
      return undefined;
    case 'failed':
      return outcome.failure.code === undefined
        ? outcome.failure.message
        : `${outcome.failure.code}: ${outcome.failure.message}`;
    case 'crashed':
      return `the process ended (${outcome.how})${saying(outcome)}`;
    case 'hung':
      return `it had no end, and was given up after ${outcome.seconds} s${saying(outcome)}`;
  }
}

function saying({ output }: { readonly output: string }): string {
  return output === '' ? '' : `: ${output}`;
}
