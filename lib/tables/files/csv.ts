import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { ThalwegError } from '../../base/errors';
import { untyped } from './column-sql';
import type { Database } from './database';
import { firstRecord, likeliestDelimiter, records } from './delimited';
import { FileColumn, type Format, type ReadAs, Relation, plainNumber } from './relation';
import type { Opened } from './source';
import { fileLiteral, literal, noPartitions } from './sql';

const asText: ReadAs = { type: 'text', sqlType: 'VARCHAR', read: untyped };

/** Opens CSV, or what has another of `delimiters`. */
export async function openDelimited(
  database: Database,
  bytes: number,
  delimiters: readonly string[],
): Promise<Opened> {
  const head = await readHead(database.path);
  const delimiter = likeliestDelimiter(head, delimiters);
  const names = headerNames(database.path, head, delimiter);
  const isNumber = numberColumns(head, delimiter, names.length);
  const columns = names.map(
    (name, index) => new FileColumn(name, index, isNumber[index] === true ? plainNumber : asText),
  );
  const format: Format = {
    bytes: BYTES_OF_TEXT * bytes,
    asText,
    hasQuotes: true,
    scans: (read, words = []) => [csvScan(database.path, delimiter, columns, read, words)],
  };
  return await Relation.load(database, format, columns);
}

/** A text in memory takes more than in a file. */
const BYTES_OF_TEXT = 4;

/** The empty value is missing, in quotes or not, as in files whose every value stands in quotes. */
function csvScan(
  path: string,
  delimiter: string,
  all: readonly FileColumn[],
  read: readonly FileColumn[],
  words: readonly string[],
): string {
  const types = all.map(({ alias, readAs }) => `'${alias}': '${readAs.sqlType}'`).join(', ');
  const nulls = ['', ...words].map(literal).join(', ');
  const table =
    `read_csv(${fileLiteral(path)}, ${noPartitions}, auto_detect = false, header = true, delim = ${literal(delimiter)}, ` +
    `quote = '"', escape = '"', strict_mode = true, null_padding = false, ` +
    `nullstr = [${nulls}], allow_quoted_nulls = ${words.length === 0}, columns = {${types}})`;
  const values = read.map(({ alias }) => (words.length === 0 ? alias : `nullif(${alias}, '') AS ${alias}`));
  return `(SELECT ${values.join(', ')} FROM ${table})`;
}

const HEAD_BYTES = 1 << 20;

async function readHead(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(HEAD_BYTES) });
    const bytes = buffer.subarray(0, bytesRead);
    if (bytes.includes(0)) {
      throw new ThalwegError('ERR_FILE', `${basename(path)} is not UTF-8 text. Save it as CSV in UTF-8.`, {
        path,
      });
    }
    return bytes.toString('utf8').replace(/^\ufeff/, '');
  } finally {
    await file.close();
  }
}

/** The names in the first line; DuckDB's own detection would skip lines until the rest looks regular. */
function headerNames(path: string, head: string, delimiter: string): string[] {
  const { fields, complete } = firstRecord(head, delimiter);
  if (!complete && head.length >= HEAD_BYTES) {
    throw new ThalwegError(
      'ERR_FILE',
      `${basename(path)}, line 1: no end within ${HEAD_BYTES} characters. The first line must hold the column names.`,
      { path },
    );
  }
  const broken = fields.find((field) => /[\r\n]/.test(field));
  if (broken !== undefined) {
    throw new ThalwegError(
      'ERR_FILE',
      `${basename(path)}, line 1: a line break in the column name ${JSON.stringify(broken.slice(0, 80))}. Remove it.`,
      { path },
    );
  }
  // R and pandas write their row numbers under an empty name.
  return fields.map((field, index) => field.trim() || `column${index + 1}`);
}

/** Of the head, what is looked at for numbers. */
const SAMPLE_CHARACTERS = 1 << 18;

/** Without leading zeros, hexadecimal, marks between digits or words. */
const PLAIN_NUMBER = /^ *[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)? *$/;

/** Which columns hold plain numbers alone, as far as the head goes. */
function numberColumns(head: string, delimiter: string, count: number): boolean[] {
  const seen = new Array<boolean>(count).fill(false);
  const other = new Array<boolean>(count).fill(false);
  let isHeader = true;
  for (const fields of records(head, delimiter, SAMPLE_CHARACTERS)) {
    if (!isHeader)
      for (let index = 0; index < count; index += 1) {
        const field = fields[index] ?? '';
        if (field === '' || other[index] === true) continue;
        if (PLAIN_NUMBER.test(field)) seen[index] = true;
        else other[index] = true;
      }
    isHeader = false;
  }
  return seen.map((isSeen, index) => isSeen && other[index] !== true);
}
