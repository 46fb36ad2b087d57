import { ThalwegError } from '../../base/errors';
import { untyped } from './column-sql';
import type { Database } from './database';
import { type Dialect, dialectOf } from './dialect';
import { FileColumn, type Format, Relation, plainNumber } from './relation';
import type { Opening, ReadAs } from './source';
import type { SourceOptions } from './source-options';
import { fileLiteral, literal } from './sql';
import type { TextInput } from './text';

/** A value that came as text, whatever it stands for. */
export const asText: ReadAs = { type: 'text', sqlType: 'VARCHAR', read: untyped };

/** A text in memory takes more than in a file, and one that is packed more than that. */
const BYTES_OF_TEXT = 4;
const BYTES_OF_PACKED = 24;

/** How delimited files are written, which have the same names in the same order. */
export interface Delimited {
  readonly input: TextInput;
  readonly dialect: Dialect;
}

/** Looks at the heads of delimited files. */
export function delimited(inputs: readonly TextInput[], options: SourceOptions): Delimited[] {
  const found = inputs.map((input) => {
    const candidates = input.format === 'tsv' ? ['\t'] : [',', ';', '\t', '|'];
    return { input, dialect: dialectOf(input, options, candidates) };
  });
  const [first] = found;
  for (const other of found.slice(1)) requireSame(first as Delimited, other);
  return found;
}

function requireSame(first: Delimited, { input, dialect: { names } }: Delimited): void {
  const expected = first.dialect.names;
  const index = Array.from({ length: Math.max(names.length, expected.length) }, (_, at) => at).find(
    (at) => names[at] !== expected[at],
  );
  if (index === undefined) return;
  const [here, there] = [names[index], expected[index]];
  const shown = (name: string | undefined): string => (name === undefined ? 'none' : JSON.stringify(name));
  throw new ThalwegError(
    'ERR_FILE',
    `${input.name} has other columns than ${first.input.name}: column ${index + 1} is ${shown(here)}, and ${shown(there)} there. ` +
      'Give files of the same columns in the same order.',
    { path: input.path, column: (here ?? there) as string },
  );
}

/** Opens CSV, or what has another delimiter. */
export async function openDelimited(database: Database, files: readonly Delimited[]): Promise<Opening> {
  const { dialect, input } = files[0] as Delimited;
  const isNumber = numberColumns(files, dialect.names.length);
  const columns = dialect.names.map(
    (name, index) =>
      new FileColumn(
        name,
        index,
        isNumber[index] === true ? plainNumber : asText,
        dialect.isNamed[index] === true,
      ),
  );
  const format: Format = {
    bytes: files.reduce(
      (sum, { input: { bytes, compression } }) =>
        sum + bytes * (compression === 'none' ? BYTES_OF_TEXT : BYTES_OF_PACKED),
      0,
    ),
    asText,
    hasQuotes: dialect.quote !== '',
    scans: (read, words = []) => files.map((file) => csvScan(file, columns, read, words)),
  };
  const relation = await Relation.load(database, format, columns);
  const { ranges } = relation;
  const notes = files.flatMap((file) => [...file.input.notes, ...file.dialect.notes]);
  const last = columns.at(-1);
  const { skip, skipOfTitle } = dialect;
  const aboutNames =
    skipOfTitle === undefined
      ? undefined
      : `If line ${skip} is a title, and the names stand in line ${skipOfTitle + 1}: --skip ${skipOfTitle}.`;
  const opening = { opened: relation, notes, ranges, aboutNames };
  if (!dialect.lastIsEmpty || last === undefined || (await hasValue(database, relation, last)))
    return opening;
  relation.leaveOut(last);
  notes.push({
    code: 'UNNAMED_COLUMN',
    text: `${input.name}: lines end in a delimiter; the last column, without a name and without a value, is left out`,
  });
  return opening;
}

async function hasValue(database: Database, relation: Relation, column: FileColumn): Promise<boolean> {
  const [found] = await database.rows(
    `SELECT 1 FROM ${relation.select([column])} WHERE ${column.alias} IS NOT NULL LIMIT 1`,
  );
  return found !== undefined;
}

/** The empty value is missing, in quotes or not, as in files whose every value stands in quotes. */
function csvScan(
  { input, dialect }: Delimited,
  all: readonly FileColumn[],
  read: readonly FileColumn[],
  words: readonly string[],
): string {
  const { delimiter, quote, comment, decimal, skipped } = dialect;
  const types = all.map(({ alias, readAs }) => `'${alias}': '${readAs.sqlType}'`).join(', ');
  const nulls = ['', ...words].map(literal).join(', ');
  const options = [
    `auto_detect = false, header = false, skip = ${skipped}, compression = '${input.compression}'`,
    `delim = ${literal(delimiter)}, quote = ${literal(quote)}, escape = ${literal(quote)}`,
    `comment = ${literal(comment)}, decimal_separator = ${literal(decimal)}`,
    `strict_mode = true, null_padding = false, nullstr = [${nulls}]`,
    // Without quotes there is nothing to tell apart.
    ...(quote === '' ? [] : [`allow_quoted_nulls = ${words.length === 0}`]),
    `hive_partitioning = false, columns = {${types}}`,
  ];
  const values = read.map(({ alias }) => (words.length === 0 ? alias : `nullif(${alias}, '') AS ${alias}`));
  return `(SELECT ${values.join(', ')} FROM read_csv(${fileLiteral(input.readPath)}, ${options.join(', ')}))`;
}

/** Without leading zeros, hexadecimal, marks between digits or words; `.` stands for the decimal mark. */
const PLAIN_NUMBER = /^ *[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)? *$/;
const PLAIN_NUMBER_COMMA = /^ *[-+]?(?:(?:0|[1-9][0-9]*)(?:,[0-9]*)?|,[0-9]+)(?:[eE][-+]?[0-9]+)? *$/;

/** Which columns hold plain numbers alone, as far as the heads go. */
function numberColumns(files: readonly Delimited[], count: number): boolean[] {
  const seen = new Array<boolean>(count).fill(false);
  const other = new Array<boolean>(count).fill(false);
  for (const { dialect } of files) {
    const plain = dialect.decimal === ',' ? PLAIN_NUMBER_COMMA : PLAIN_NUMBER;
    for (const fields of dialect.sample)
      for (let index = 0; index < count; index += 1) {
        const field = fields[index] ?? '';
        if (field === '' || other[index] === true) continue;
        if (plain.test(field)) seen[index] = true;
        else other[index] = true;
      }
  }
  return seen.map((isSeen, index) => isSeen && other[index] !== true);
}
