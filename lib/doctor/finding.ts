import type { FindingCode } from './codes';

/** One thing that was looked at: whether it is as it should be, and what to do where it is not. */
export interface Finding {
  /** Stable; starts with the part it is about, as `OPENCL_NO_PLATFORM`. */
  readonly code: string;
  readonly level: 'ok' | 'warning' | 'problem';
  readonly what: string;
  /** Steps for a person, commands where there are some; any of which may help. */
  readonly fix?: readonly string[];
}

/** What `diagnose()` finds. */
export interface Diagnosis {
  /** Whether a GPU works. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

export function ok(code: FindingCode, what: string): Finding {
  return { code, level: 'ok', what };
}

export function warning(code: FindingCode, what: string, ...fix: readonly string[]): Finding {
  return { code, level: 'warning', what, ...(fix.length === 0 ? {} : { fix }) };
}

export function problem(code: FindingCode, what: string, ...fix: readonly string[]): Finding {
  return { code, level: 'problem', what, ...(fix.length === 0 ? {} : { fix }) };
}
