import { ThalwegError } from '../../base/errors';
import { type FirstRecord, firstRecord, records } from './delimited';
import type { Note, SourceOptions } from './source-options';
import { HEAD_BYTES, type TextInput } from './text';

/** How a delimited text is written. */
export interface Dialect {
  readonly delimiter: string;
  readonly quote: string;
  readonly comment: string;
  readonly decimal: '.' | ',';
  /** Lines before the values, that of names included. */
  readonly skip: number;
  /** As DuckDB counts them, which passes over comments before it does. */
  readonly skipped: number;
  /** One for each value of a line. */
  readonly names: readonly string[];
  /** Which of them the file has, and which were made up. */
  readonly isNamed: readonly boolean[];
  /** Whether the last name is none, and its values, as far as the head goes, are none either. */
  readonly lastIsEmpty: boolean;
  /** Records of values at the head. */
  readonly sample: readonly FirstRecord['fields'][];
  readonly notes: readonly Note[];
  /** How many lines stand before the one of names where that which is taken for it is a title. */
  readonly skipOfTitle: number | undefined;
}

/** Of the head, what is looked at for widths and kinds of values. */
const SAMPLE_CHARACTERS = 1 << 18;

/** How many records tell what is between values. */
const TELLING_RECORDS = 100;

/**
 * What a head says of how it is written. Our own rather than DuckDB's `sniff_csv`, which drops the line of names of
 * `size;price` above `1,5;10,5`, takes `#N/A` for a comment, and fails on line ends of two kinds.
 *
 * @param candidates what may be between values, where no option says
 * @throws ThalwegError `ERR_FILE` for a line of names that is none
 */
export function dialectOf(input: TextInput, options: SourceOptions, candidates: readonly string[]): Dialect {
  const notes: Note[] = [];
  const { quote = '"', decimal = '.' } = options;
  const start = startOf(input, options, quote, notes);
  const body = { text: input.head, at: start.at, quote };
  const delimiter = options.delimiter ?? start.delimiter ?? likeliest(body, candidates, decimal);
  if (options.delimiter === undefined && delimiter !== candidates[0])
    notes.push({
      code: 'DELIMITER',
      text: `${input.name}: values are taken to have ${NAMES[delimiter] ?? delimiter} between them; --delimiter says otherwise`,
    });
  const header = firstRecord(input.head, delimiter, start.at, quote);
  refuseHeader(input, header, start);
  const below = [
    ...records(input.head, delimiter, {
      start: header.end,
      limit: start.at + SAMPLE_CHARACTERS,
      quote,
      isWhole: input.isWhole,
    }),
  ].slice(1);
  const sample = below.filter((fields) => isData(fields, options.comment));
  const { fields, lastIsEmpty } = layoutOf(header.fields, sample);
  if (fields.every(isNumber))
    notes.push({
      code: 'NUMBERS_AS_NAMES',
      text: `${input.name}: the first line, of numbers alone, is taken for the names of the columns; where it is data, put a line of names above it`,
    });
  return {
    ...{ delimiter, quote, decimal, lastIsEmpty, sample, notes },
    comment: options.comment ?? '',
    skip: start.skip + 1,
    skipped: start.skip + 1 - start.comments,
    names: namesOf(fields),
    isNamed: fields.map((field) => field.trim() !== ''),
    skipOfTitle: skipOfTitle(lastIsEmpty ? fields.slice(0, -1) : fields, below, start.skip),
  };
}

/** Titles have few lines. */
const LINES_OF_TITLES = 10;

/** Spreadsheets write a title as a line of as many values as any, of which most are empty; names stand in the first that is full. */
function skipOfTitle(
  names: readonly string[],
  below: readonly FirstRecord['fields'][],
  skip: number,
): number | undefined {
  // R and pandas have no name for their row numbers.
  if (names.slice(1).every((name) => name.trim() !== '')) return undefined;
  const isFull = (fields: readonly string[]): boolean =>
    fields.length >= names.length &&
    fields.slice(0, names.length).every((field) => field.trim() !== '' && !isNumber(field));
  const at = below.slice(0, LINES_OF_TITLES).findIndex(isFull);
  return at < 0 ? undefined : skip + 1 + at;
}

const NAMES: Record<string, string> = {
  '\t': 'a tab',
  ' ': 'a space',
  ';': 'a semicolon',
  '|': 'a bar',
  ',': 'a comma',
};

/** Whether a name is a number: all of them are where a file begins with data. */
export function isNumber(name: string): boolean {
  return name.trim() !== '' && Number.isFinite(Number(name));
}

/** A line that is empty is passed over. */
const isData = (fields: readonly string[], comment: string | undefined): boolean =>
  !(fields.length === 1 && fields[0]?.trim() === '') && !(comment && fields[0]?.startsWith(comment));

interface Start {
  readonly at: number;
  /** Lines before the one of names. */
  readonly skip: number;
  /** Those among them that --comment says are none. */
  readonly comments: number;
  readonly delimiter?: string;
}

/** Where the line of names is: after those that --skip names, or after a line `sep=;`, empty lines and comments. */
function startOf({ head, name }: TextInput, options: SourceOptions, quote: string, notes: Note[]): Start {
  const { comment = '' } = options;
  let [at, skip, comments] = [0, 0, 0];
  const pass = (): void => {
    if (comment !== '' && head.startsWith(comment, at)) comments += 1;
    at = endOfLine(head, at);
    skip += 1;
  };
  if (options.skip !== undefined) {
    while (skip < options.skip && at < head.length) pass();
    return { at, skip, comments };
  }
  const separator = /^"?sep=(.)"?(?=\r|\n)/.exec(head)?.[1];
  if (separator !== undefined) pass();
  const isPassed = (): boolean => {
    const line = head.slice(at, endOfLine(head, at));
    if (at + line.length >= head.length) return false;
    if (line.trim() === '') return true;
    if (options.comment !== undefined) return comment !== '' && line.startsWith(comment);
    return line.startsWith('#') && isComment(head, at, quote);
  };
  while (isPassed()) pass();
  const passed = skip - (separator === undefined ? 0 : 1);
  if (passed > 0)
    notes.push({
      code: 'SKIPPED_LINES',
      text: `${name}: ${passed === 1 ? 'the first line is' : `the first ${passed} lines are`} empty or a comment; --skip says otherwise`,
      count: passed,
    });
  return { at, skip, comments, ...(separator === undefined ? {} : { delimiter: separator }) };
}

/** A line that begins with # and is no line of names: the next does, too, or has another number of values. */
function isComment(head: string, at: number, quote: string): boolean {
  const next = endOfLine(head, at);
  if (head[next] === '#') return true;
  return [',', ';', '\t', '|'].every((delimiter) => {
    const [here, there] = [at, next].map((start) => firstRecord(head, delimiter, start, quote).fields.length);
    return here !== there || here === 1;
  });
}

function endOfLine(text: string, at: number): number {
  const found = /\r\n|\n|\r/g;
  found.lastIndex = at;
  const end = found.exec(text);
  return end === null ? text.length : end.index + end[0].length;
}

interface Body {
  readonly text: string;
  readonly at: number;
  readonly quote: string;
}

/**
 * The candidate by which the lines have as many values as names, and more than one: the one of most values. Otherwise
 * the one that stands most often in the line of names.
 */
function likeliest(body: Body, candidates: readonly string[], decimal: string): string {
  const possible = candidates.filter((candidate) => candidate !== decimal);
  const fitting = possible.map((candidate) => regularWidth(body, candidate));
  const most = Math.max(...fitting);
  if (most > 1) return possible[fitting.indexOf(most)] as string;
  const named = possible.map(
    (candidate) => firstRecord(body.text, candidate, body.at, body.quote).fields.length,
  );
  const widest = Math.max(...named);
  if (widest > 1) return possible[named.indexOf(widest)] as string;
  return possible.includes(',') && regularWidth(body, ' ') > 1 ? ' ' : (possible[0] ?? ',');
}

/** How many values each of the first lines has; 0 where they differ. */
function regularWidth({ text, at, quote }: Body, delimiter: string): number {
  const all = records(text, delimiter, { start: at, limit: at + SAMPLE_CHARACTERS, quote, isWhole: false });
  const lines: FirstRecord['fields'][] = [];
  for (const fields of all) {
    if (isData(fields, undefined)) lines.push(fields);
    if (lines.length > TELLING_RECORDS) break;
  }
  const [header = [], ...values] = lines;
  if (values.length === 0) return 0;
  const { fields } = layoutOf(header, values);
  return values.every(({ length }) => length === fields.length) ? header.length : 0;
}

/** Delimiters at the ends of lines make a value that is none, in the line of names, in the others, or in both. */
function layoutOf(
  header: readonly string[],
  lines: readonly FirstRecord['fields'][],
): { readonly fields: readonly string[]; readonly lastIsEmpty: boolean } {
  const all = (test: (fields: readonly string[]) => boolean): boolean =>
    lines.length > 0 && lines.every(test);
  const width = header.length;
  const isOpen = header.at(-1)?.trim() === '' && width > 1;
  if (isOpen && all(({ length }) => length === width - 1))
    return { fields: header.slice(0, -1), lastIsEmpty: false };
  if (isOpen && all((fields) => fields.length === width && fields.at(-1) === ''))
    return { fields: header, lastIsEmpty: true };
  if (all((fields) => fields.length === width + 1 && fields.at(-1) === ''))
    return { fields: [...header, ''], lastIsEmpty: true };
  return { fields: header, lastIsEmpty: false };
}

function refuseHeader(
  { name, path, head, isWhole }: TextInput,
  header: FirstRecord,
  { at, skip }: Start,
): void {
  const line = `${name}, line ${skip + 1}`;
  if (!header.complete && !isWhole) {
    throw new ThalwegError(
      'ERR_FILE',
      `${line}: no end within ${HEAD_BYTES} characters. The first line must hold the column names.`,
      { path },
    );
  }
  const broken = header.fields.find((field) => /[\r\n]/.test(field));
  if (broken !== undefined) {
    throw new ThalwegError(
      'ERR_FILE',
      `${line}: a line break in the column name ${JSON.stringify(broken.slice(0, 80))}. Remove it.`,
      { path },
    );
  }
  if (head.slice(at).trim() === '')
    throw new ThalwegError('ERR_FILE', `${name} has no line of column names.`, { path });
}

/** R and pandas write their row numbers under an empty name, which becomes one that no other column has. */
function namesOf(fields: readonly string[]): string[] {
  const given = fields.map((field) => field.trim());
  const taken = new Set(given);
  return given.map((name, index) => {
    if (name !== '') return name;
    let own = `column${index + 1}`;
    while (taken.has(own)) own += '_';
    taken.add(own);
    return own;
  });
}
