import { writeError, writeOut } from './standard-output';
import { shownLine, shownText } from './visible';

/** What every command gets: how it may speak, and when to stop. */
export interface Context {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Aborted on Ctrl-C; what waits rejects with its reason. */
  readonly signal: AbortSignal;
}

type Lines = string | readonly string[];

const shown = (lines: Lines): string =>
  [lines]
    .flat()
    .map((line) => `${shownLine(line)}\n`)
    .join('');

/** Writes to standard output; where that fails, the command's end tells. */
function out(text: string): void {
  writeOut(text).catch(() => undefined);
}

/** Prints a line, or several, to standard output, where results go. */
export function print(lines: Lines): void {
  out(shown(lines));
}

/** Prints lines about what was done on standard error, where they stand in no result's way. */
export function note(context: Context, lines: Lines): void {
  if (!context.quiet && !context.json) complain(lines);
}

/** Prints lines about what went wrong on standard error. */
export function complain(lines: Lines): void {
  writeError(shown(lines));
}

/** Prints the one JSON object of `--json`: as it is, but on a terminal, which is a person's. */
export function printJson(value: unknown): void {
  out(asRead(`${JSON.stringify(value, null, 2)}\n`));
}

/** A result as its reader has it. In JSON what is written out is the same text. */
export function asRead(text: string): string {
  return process.stdout.isTTY ? shownText(text) : text;
}
