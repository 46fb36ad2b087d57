import { ThalwegError } from '../../base/errors';

const LONGEST_EXCERPT = 80;

/** Lines of titles above that of names are fewer. */
const LAST_OF_NAMES = 10;

/** A file that DuckDB reads. */
export interface ReadFile {
  /** What it is called to people. */
  readonly name: string;
  /** What it was given as. */
  readonly path: string;
  /** Where DuckDB reads it. */
  readonly readPath: string;
  /** Lines before the values. */
  readonly skip?: number;
}

/**
 * What DuckDB said about one of the files as an `ERR_FILE` that names the file, the line and what to do.
 *
 * @param isDatabase whether it is a database, in which a query may ask for other files
 */
export function fileError(files: readonly ReadFile[], cause: unknown, isDatabase = false): ThalwegError {
  const said = cause instanceof Error ? cause.message : String(cause);
  const file = files.find(({ readPath }) => said.includes(readPath)) ?? files[0];
  const { message, line } = explain(said, isDatabase);
  const row = line === undefined ? undefined : line - 1 - (file?.skip ?? 0);
  const place = line === undefined ? '' : `, line ${line}`;
  return new ThalwegError('ERR_FILE', `${file?.name ?? 'The data'}${place}: ${message}`, {
    cause,
    ...(file === undefined ? {} : { path: file.path }),
    ...(row === undefined || row < 0 ? {} : { row }),
  });
}

interface Explanation {
  readonly message: string;
  /** From 1, as editors count. */
  readonly line?: number;
}

function explain(said: string, isDatabase: boolean): Explanation {
  const csv = /CSV Error on Line: (\d+)\nOriginal Line: ?([^\n]*)\n?([^\n]*)/.exec(said);
  if (csv !== null) {
    const [, line, original = '', reason = ''] = csv;
    return { line: Number(line), message: explainLine(Number(line), original, reason, said) };
  }
  const json = explainJson(said);
  if (json !== undefined) return json;
  if (said.includes('state machine reached an invalid state')) {
    return {
      message:
        'not regular CSV: a quote in the wrong place, or another one than ". Name it with --quote, or save the file again as CSV in UTF-8.',
    };
  }
  const reached = /Cannot access (?:file|directory) "(.*)" - file system operations are disabled/.exec(said);
  if (reached !== null) {
    const instead = isDatabase
      ? 'Give such data as files, without --database.'
      : 'Give its path without links, or a copy of it.';
    return {
      message: `nothing but it is read, and ${JSON.stringify(reached[1])} is asked for. ${instead}`,
    };
  }
  const lock = /Could not set lock on file .*?(\(PID \d+\))/s.exec(said);
  if (lock !== null) {
    return {
      message: `another program has it open for writing ${lock[1] ?? ''}. Close it there, or read a copy that it has made.`,
    };
  }
  const [first = said, second = ''] = said.split('\n');
  // What names there are instead.
  const instead = /^(?:Candidate bindings:|Did you mean)/.test(second) ? ` ${second}` : '';
  return { message: `could not be read: ${first.replace(PREFIX, '')}${instead}` };
}

/** What DuckDB and its package say first. */
const PREFIX = /^(?:Failed to extract statements: )?(?:[A-Z][A-Za-z ]*Error: )?/;

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function explainJson(said: string): Explanation | undefined {
  const broken = /Malformed JSON in file .*, at byte \d+ in (line|record\/value) (\d+): ([^\n]*)/.exec(said);
  if (broken !== null) {
    const [, unit, number, why = ''] = broken;
    const what = `(${why.replace(/\.\s*$/, '')})`;
    // DuckDB counts the line or value after the one it could not read.
    if (unit === 'line')
      return { line: Number(number) - 1, message: `not a JSON object ${what}. Correct or remove that line.` };
    const values = Number(number) - 2;
    const place = values <= 0 ? 'at its beginning' : `after ${counted(values, 'value')}`;
    return { message: `not JSON ${what} ${place}. Correct it.` };
  }
  const twice = /in (line|record\/value) (\d+): Object (.*) has duplicate key "(.*)"/.exec(said);
  if (twice !== null) {
    const [, unit, number, object = '', key = ''] = twice;
    const excerpt = object.slice(0, LONGEST_EXCERPT);
    const message = `the key "${key}" stands twice in ${excerpt}. Leave one out.`;
    return unit === 'line'
      ? { line: Number(number), message }
      : { message: `value ${number ?? ''}: ${message}` };
  }
  if (said.includes('non-record JSON'))
    return { message: 'not JSON objects. Give one on each line, or a list of them.' };
  return undefined;
}

function explainLine(line: number, original: string, reason: string, said: string): string {
  const columns = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(said);
  const excerpt = JSON.stringify(original.slice(0, LONGEST_EXCERPT));
  if (columns !== null && original.startsWith('#')) {
    return `${excerpt} among the values. If such lines are comments, say so with --comment '#'.`;
  }
  if (columns !== null) {
    const [, expected = '', found = ''] = columns;
    const title =
      expected === '1' && line <= LAST_OF_NAMES
        ? ` If it has the names of the columns, with a title above: --skip ${line - 1}.`
        : '';
    return `${counted(Number(expected), 'column')} expected, ${found} found in ${excerpt}. Correct or remove that line.${title}`;
  }
  if (said.includes('not utf-8 encoded')) {
    return 'not UTF-8 text. Name what it is, as in --encoding windows-1252, or save the file in UTF-8.';
  }
  if (/quote/i.test(said)) {
    return `a quote that does not end, or text after one, in ${excerpt}. Correct or remove that line.`;
  }
  return `${reason || 'not regular CSV'} in ${excerpt}. Correct or remove that line.`;
}
