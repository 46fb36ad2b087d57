import type { FindingCode } from './codes';

/** One thing that was looked at: whether it is as it should be, and what to do where it is not. */
export interface Finding {
  /** Stable; starts with the part it is about, as `OPENCL_NO_PLATFORM`. */
  readonly code: string;
  /** A 'warning' does not keep a GPU from working; a 'problem' may. */
  readonly level: 'ok' | 'warning' | 'problem';
  /** What was found, for people. */
  readonly what: string;
  /** Steps for a person, commands where there are some; any of which may help. */
  readonly fix?: readonly string[];
}

/** What {@link diagnose} finds. */
export interface Diagnosis {
  /** Whether a GPU works, which was tried. */
  readonly ok: boolean;
  /** In the order in which things were looked at. */
  readonly findings: readonly Finding[];
}

/** @internal */
export function ok(code: FindingCode, what: string, ...fix: readonly string[]): Finding {
  return { code, level: 'ok', what, ...(fix.length === 0 ? {} : { fix }) };
}

/** @internal */
export function warning(code: FindingCode, what: string, ...fix: readonly string[]): Finding {
  return { code, level: 'warning', what, ...(fix.length === 0 ? {} : { fix }) };
}

/** @internal */
export function problem(code: FindingCode, what: string, ...fix: readonly string[]): Finding {
  return { code, level: 'problem', what, ...(fix.length === 0 ? {} : { fix }) };
}
