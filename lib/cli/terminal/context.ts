/** What every command gets: how it may speak, and when to stop. */
export interface Context {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Aborted on Ctrl-C; what waits rejects with its reason. */
  readonly signal: AbortSignal;
}

/** Prints to standard output, where results go. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints a line about what was done on standard error, where it stands in no result's way. */
export function note(context: Context, text: string): void {
  if (!context.quiet && !context.json) {
    process.stderr.write(`${text}\n`);
  }
}

/** Prints the one JSON object of `--json`. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}
