/** One thing that was looked at: whether it is as it should be, and what to do where it is not. */
export interface Finding {
  /** Stable; starts with the part it is about, as `OPENCL_NO_PLATFORM`. */
  readonly code: string;
  readonly level: 'ok' | 'warning' | 'problem';
  readonly what: string;
  /** Steps for a person, any of which may help. */
  readonly fix?: readonly string[];
}

/** What `diagnose()` finds. */
export interface Diagnosis {
  /** Whether a GPU works. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}
