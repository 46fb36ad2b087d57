import { basename } from 'node:path';
import { ThalwegError } from '../../base/errors';

const LONGEST_EXCERPT = 80;

/** What DuckDB said about a file as an `ERR_FILE` that names the file, the line and what to do. */
export function fileError(path: string, cause: unknown): ThalwegError {
  const said = cause instanceof Error ? cause.message : String(cause);
  const { message, line, row } = explain(said);
  const place = line === undefined ? '' : `, line ${line}`;
  return new ThalwegError('ERR_FILE', `${basename(path)}${place}: ${message}`, {
    path,
    cause,
    ...(row === undefined ? {} : { row }),
  });
}

interface Explanation {
  readonly message: string;
  /** From 1, as editors count. */
  readonly line?: number;
  /** From 0, without the line of column names. */
  readonly row?: number;
}

function explain(said: string): Explanation {
  const csv = /CSV Error on Line: (\d+)\nOriginal Line: ?([^\n]*)\n?([^\n]*)/.exec(said);
  if (csv !== null) {
    const [, line, original = '', reason = ''] = csv;
    return { line: Number(line), row: Number(line) - 2, message: explainLine(original, reason, said) };
  }
  const json = /Malformed JSON in file .*, at byte \d+ in line (\d+): ([^\n]*)/.exec(said);
  if (json !== null) {
    // DuckDB counts the line after the one it could not read.
    return {
      line: Number(json[1]) - 1,
      row: Number(json[1]) - 2,
      message: `not a JSON object (${(json[2] ?? '').replace(/\.\s*$/, '')}). Correct or remove that line.`,
    };
  }
  if (said.includes('state machine reached an invalid state')) {
    return {
      message:
        'not regular CSV: line ends of two kinds, or a quote in the wrong place. Save it again as CSV in UTF-8.',
    };
  }
  const first = said.split('\n')[0] ?? said;
  return { message: `could not be read: ${first.replace(/^[A-Z][A-Za-z ]*Error: /, '')}` };
}

function explainLine(original: string, reason: string, said: string): string {
  const columns = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(said);
  const excerpt = JSON.stringify(original.slice(0, LONGEST_EXCERPT));
  if (columns !== null) {
    return `${columns[1] ?? ''} columns expected, ${columns[2] ?? ''} found in ${excerpt}. Correct or remove that line.`;
  }
  if (said.includes('not utf-8 encoded')) {
    return 'not UTF-8 text. Save the file in UTF-8.';
  }
  if (/quote/i.test(said)) {
    return `a quote that does not end, or text after one, in ${excerpt}. Correct or remove that line.`;
  }
  return `${reason || 'not regular CSV'} in ${excerpt}. Correct or remove that line.`;
}
