import { availableParallelism } from 'node:os';
import type { DeviceInfo } from '../addon/device-info';
import type { Settings } from '../addon/settings';
import { type Outcome, type Share, probe } from '../drivers/probe';
import { caseOf, groupOf } from './find';
import { mergedGroup, mergedReport } from './merged';
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
  /** Processes that share its cases; default half of the cores, at most four. */
  readonly processes?: number;
  readonly signal?: AbortSignal;
  readonly onOpen?: (device: DeviceInfo) => void;
  /** A group has so many cases, of which so many are done. */
  readonly onProgress?: (group: string, done: number, cases: number) => void;
  readonly onGroup?: (report: GroupReport) => void;
}

/** Processes that share the cases of a device: each takes a core to compile kernels and for its reference, and room on the device. */
function usualProcesses(): number {
  return Math.min(Math.max(Math.floor(availableParallelism() / 2), 1), 4);
}

/**
 * Checks whether a device computes what it should, in processes of their own: what a driver does there is part of the
 * report.
 *
 * @param id As `openDevice` takes it.
 * @throws ThalwegError ERR_INVALID_ARGUMENT for a group or a case that there is not; the signal's reason
 */
export async function checkDevice(id: string, options: CheckOptions = {}): Promise<DeviceReport> {
  (options.groups ?? []).forEach((name) => groupOf('group', name));
  if (options.case !== undefined) caseOf(options.case);
  const of = options.case === undefined ? (options.processes ?? usualProcesses()) : 1;
  const together = new Together(of, options);
  return mergedReport(
    await Promise.all(
      Array.from({ length: of }, (_, part) => checkPart(id, { part, of }, options, together)),
    ),
  );
}

/** What several processes tell of their parts, as one of the whole. */
class Together {
  readonly #working: Set<number>;
  readonly #ended = new Map<string, Map<number, GroupReport>>();
  readonly #begun = new Map<string, { done: number; cases: number }>();
  #opened = false;

  constructor(
    parts: number,
    private readonly options: CheckOptions,
  ) {
    this.#working = new Set(Array.from({ length: parts }, (_, part) => part));
  }

  opened(device: DeviceInfo): void {
    if (!this.#opened) this.options.onOpen?.(device);
    this.#opened = true;
  }

  begun(group: string, cases: number): void {
    const now = this.#begun.get(group) ?? { done: 0, cases: 0 };
    this.#begun.set(group, { ...now, cases: now.cases + cases });
  }

  caseEnded(group: string): void {
    const now = this.#begun.get(group);
    if (now === undefined) return;
    now.done += 1;
    // Of the group that ends next: others may have begun.
    const [first] = this.#begun.keys();
    if (group === first) this.options.onProgress?.(group, now.done, now.cases);
  }

  groupEnded(part: number, report: GroupReport): void {
    const parts = this.#ended.get(report.group) ?? new Map<number, GroupReport>();
    this.#ended.set(report.group, parts.set(part, report));
    this.#tellEnded();
  }

  /** It says no more: nobody waits for its part of the groups that are left. */
  partEnded(part: number): void {
    this.#working.delete(part);
    this.#tellEnded();
  }

  #tellEnded(): void {
    for (const [group, parts] of this.#ended) {
      if (![...this.#working].every((part) => parts.has(part))) return;
      this.#ended.delete(group);
      this.#begun.delete(group);
      this.options.onGroup?.(mergedGroup([...parts.values()]));
    }
  }
}

async function checkPart(
  id: string,
  share: Share,
  { quick = false, groups = [], signal, settings, ...options }: CheckOptions,
  together: Together,
): Promise<DeviceReport> {
  const recorder = new Recorder(id, quick, (group) => {
    together.groupEnded(share.part, group);
  });
  const outcome = await probe(
    {
      ...{ ask: 'check', device: id, quick, only: groups, share },
      ...(options.case === undefined ? {} : { case: options.case }),
      ...(settings === undefined ? {} : { settings }),
    },
    {},
    signal,
    (event) => {
      recorder.hear(event);
      if ('opened' in event) together.opened(event.opened);
      if ('group' in event) together.begun(event.group, event.cases);
      if ('ended' in event && recorder.group !== undefined) together.caseEnded(recorder.group.group);
    },
  );
  const why = failureOf(outcome);
  if (why !== undefined) recorder.fail(why);
  const report = recorder.report();
  together.partEnded(share.part);
  return report;
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
