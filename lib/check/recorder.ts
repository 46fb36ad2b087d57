import type { DeviceInfo } from '../addon/device-info';
import type { CheckEvent } from '../drivers/probe';
import type { CaseFailure, DeviceReport, GroupReport } from './report';

/** Failures of a group that are told one by one. */
export const mostFailures = 10;

type Open = { -readonly [Key in keyof GroupReport]: GroupReport[Key] } & {
  failures: CaseFailure[];
  skipped: { readonly case?: string; readonly why: string }[];
};

/** Makes a report of what a check tells. */
export class Recorder {
  readonly #begun = performance.now();
  readonly #groups: Open[] = [];
  #groupBegun = 0;
  #device: DeviceInfo | undefined;
  #case: string | undefined;
  #failure: CaseFailure | undefined;

  constructor(
    private readonly id: string,
    private readonly quick: boolean,
    private readonly ended: (group: GroupReport) => void,
  ) {}

  hear(event: CheckEvent): void {
    if ('opened' in event) this.#device = event.opened;
    else if ('group' in event) this.#begin(event);
    else if ('begun' in event) this.#case = event.begun;
    else this.#verdict(event.ended);
  }

  get group(): GroupReport | undefined {
    return this.#groups.at(-1);
  }

  /** What ended the check early: a driver's crash, or an error. */
  fail(what: string): void {
    const group = this.#groups.at(-1);
    if (this.#case !== undefined && group !== undefined) {
      group.state = 'unfinished';
      this.#note(group, what);
      this.#close();
    } else {
      this.#failure ??= { what, command: this.#commandOf() };
    }
  }

  report(): DeviceReport {
    this.#close();
    return {
      id: this.#device?.id ?? this.id,
      ...(this.#device === undefined ? {} : { device: this.#device }),
      ok: this.#failure === undefined,
      groups: this.#groups,
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
      seconds: (performance.now() - this.#begun) / 1000,
    };
  }

  #begin({ group, what, cases, why }: Extract<CheckEvent, { group: string }>): void {
    this.#close();
    this.#groupBegun = performance.now();
    this.#groups.push({
      ...{ group, what, cases, failed: 0, failures: [], seconds: 0 },
      ...{ state: why === undefined ? 'passed' : 'skipped', skipped: why === undefined ? [] : [{ why }] },
    });
  }

  #verdict({ fault, skipped }: { readonly fault?: string; readonly skipped?: string }): void {
    const group = this.#groups.at(-1);
    if (group === undefined || this.#case === undefined) return;
    if (skipped !== undefined) group.skipped.push({ case: this.#case, why: skipped });
    if (fault !== undefined) {
      group.state = 'failed';
      this.#note(group, fault);
    }
    this.#case = undefined;
  }

  #note(group: Open, what: string): void {
    group.failed += 1;
    const failure = {
      ...(this.#case === undefined ? {} : { case: this.#case }),
      ...{ what, command: this.#commandOf(this.#case) },
    };
    this.#failure ??= failure;
    if (group.failures.length < mostFailures) group.failures.push(failure);
  }

  /** The command that repeats a case, or without one all. */
  #commandOf(text?: string): string {
    const command = `thalweg check --device ${this.#device?.id ?? this.id}`;
    if (text !== undefined) return `${command} --case '${text}'`;
    return this.quick ? `${command} --quick` : command;
  }

  /** Ends the group that is open, if one is. */
  #close(): void {
    const group = this.#groups.at(-1);
    if (group === undefined || this.#groupBegun === 0) return;
    group.seconds = (performance.now() - this.#groupBegun) / 1000;
    this.#groupBegun = 0;
    this.#case = undefined;
    this.ended(group);
  }
}
