import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { ThalwegError } from '../../base/errors';
import type { Copies } from './copies';
import { withDuckDB } from './database';
import type { Input } from './inputs';
import type { Note, SourceOptions } from './source-options';
import { fileLiteral } from './sql';
import { cannotUnpack, compressionOf, requireWhole, unpacking } from './unpacking';

/** A text file that DuckDB can read: UTF-8, line ends of one kind. */
export interface TextInput extends Input {
  /** What it begins with, without a byte order mark. */
  readonly head: string;
  /** Whether that is all of it. */
  readonly isWhole: boolean;
  readonly notes: readonly Note[];
}

/** What reading a file has shown to be wrong with what its head looked like. */
export interface Corrections {
  readonly encoding?: string;
  readonly lineEnds?: boolean;
}

/** What of a file is its head. */
export const HEAD_BYTES = 1 << 20;

/** Guessed where text is no UTF-8: Latin-1 is a part of it, but for control characters. */
export const OTHER_ENCODING = 'windows-1252';

/**
 * Looks at the head of a text file, and copies the file where it is not as DuckDB reads it.
 *
 * @throws ThalwegError `ERR_FILE` for what is not in the encoding that was named
 */
export async function textInput(
  input: Input,
  options: SourceOptions,
  corrections: Corrections,
  copies: Copies,
  signal?: AbortSignal,
): Promise<TextInput> {
  const { bytes, compression, isWhole } = await headBytes(input, signal);
  const found = corrections.encoding ?? options.encoding ?? encodingOf(bytes, isWhole);
  const encoding = normalEncoding(found, bytes);
  const text = decoded(input, bytes, encoding, isWhole);
  const isJson = input.format === 'json' || input.format === 'jsonl';
  // In JSON a line end is a space.
  const mixed = !isJson && (corrections.lineEnds === true || hasMixedLineEnds(text));
  const marked = encoding === 'utf-8' && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const notes: Note[] = [];
  if (encoding !== 'utf-8' && options.encoding === undefined)
    notes.push({
      code: 'ENCODING',
      text: `${input.name} is not UTF-8: read as ${SHOWN[encoding] ?? encoding}; --encoding says otherwise`,
    });
  if (mixed)
    notes.push({
      code: 'LINE_ENDS',
      text: `${input.name} has line ends of more than one kind: each ends a line`,
    });
  const head = mixed ? text.replaceAll(/\r\n?/g, '\n') : text;
  const read = { ...input, compression, head, isWhole, notes };
  if (encoding === 'utf-8' && !mixed && !(isJson && marked)) return read;
  const stages = [...unpacking(input, compression), recoding(input, encoding, mixed)];
  const readPath = await copies.of(createReadStream(input.readPath), stages, signal);
  return { ...read, readPath, compression: 'none' };
}

const SHOWN: Record<string, string> = {
  'windows-1252': 'Windows-1252',
  'utf-16le': 'UTF-16',
  'utf-16be': 'UTF-16',
};

interface Head {
  readonly bytes: Buffer;
  readonly compression: Input['compression'];
  readonly isWhole: boolean;
}

/** Of a compressed file what its head holds; compression is known by its first bytes, whatever the name says. */
async function headBytes(input: Input, signal: AbortSignal | undefined): Promise<Head> {
  const file = await open(input.readPath);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(HEAD_BYTES) });
    const bytes = buffer.subarray(0, bytesRead);
    const compression = compressionOf(bytes);
    await requireWhole(input, compression, signal);
    if (compression === 'gzip') {
      // So much of it that no bomb fills the memory.
      const packed = bytes.subarray(0, HEAD_BYTES / 16);
      const unpacked = unzipped(input, packed);
      const isWhole = packed.length === input.bytes && unpacked.length <= HEAD_BYTES;
      return { bytes: unpacked.subarray(0, HEAD_BYTES), compression, isWhole };
    }
    if (compression === 'zstd') return { bytes: await zstdHead(input), compression, isWhole: false };
    return { bytes, compression, isWhole: bytesRead === input.bytes };
  } finally {
    await file.close();
  }
}

function unzipped(input: Input, packed: Buffer): Buffer {
  try {
    return zlib.gunzipSync(packed, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
  } catch (cause) {
    throw cannotUnpack(input, cause);
  }
}

/** Node reads zstd from 22.15 on; DuckDB does everywhere, as lines. */
async function zstdHead(input: Input): Promise<Buffer> {
  const lines = await withDuckDB((rows) =>
    rows(
      `SELECT line FROM read_csv(${fileLiteral(input.readPath)}, compression = 'zstd', auto_detect = false, header = false, ` +
        `delim = '\u0001', quote = '', escape = '', strict_mode = false, columns = {'line': 'VARCHAR'}) LIMIT 2000`,
    ),
  ).catch((cause: unknown) => {
    throw cannotUnpack(input, cause);
  });
  return Buffer.from(lines.map(([line]) => `${String(line ?? '')}\n`).join('')).subarray(0, HEAD_BYTES);
}

/** By its byte order mark, by the zeros of UTF-16, and otherwise whether it is UTF-8. */
function encodingOf(bytes: Buffer, isWhole: boolean): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const few = bytes.subarray(0, 4096);
  const zeros = [0, 0];
  for (const [index, byte] of few.entries()) if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (odd > few.length / 8 && even < odd / 8) return 'utf-16le';
  if (even > few.length / 8 && odd < even / 8) return 'utf-16be';
  return isUtf8Head(bytes, isWhole) ? 'utf-8' : OTHER_ENCODING;
}

/** Of bytes that are known to be UTF-8: several times as fast as the one that is fatal. */
const utf8 = new TextDecoder();

/** Whether bytes are UTF-8, of which a head may end within a character. */
function isUtf8Head(bytes: Buffer, isWhole: boolean): boolean {
  const end = isWhole ? bytes.length : lastStart(bytes);
  if (!isUtf8(bytes.subarray(0, end))) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(end), { stream: !isWhole });
    return true;
  } catch {
    return false;
  }
}

/** Where the last character begins. */
function lastStart(bytes: Buffer): number {
  let at = bytes.length - 1;
  while (at > 0 && ((bytes[at] as number) & 0xc0) === 0x80) at -= 1;
  return Math.max(0, at);
}

/** As TextDecoder calls it; UTF-16 is little-endian unless its mark says otherwise. */
function normalEncoding(label: string, bytes: Buffer): string {
  if (/^utf-?16$/i.test(label)) return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-16le';
  return new TextDecoder(label.replace(/^latin-1$/i, 'latin1').replace(/^cp-?1252$/i, 'windows-1252'))
    .encoding;
}

function decoded(input: Input, bytes: Buffer, encoding: string, isWhole: boolean): string {
  try {
    const text =
      encoding === 'utf-8' && isUtf8(bytes)
        ? utf8.decode(bytes)
        : new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: !isWhole });
    if (!text.includes('\0')) return text;
  } catch (cause) {
    throw notIn(input, encoding, cause);
  }
  throw notIn(input, encoding);
}

function notIn({ name, path }: Input, encoding: string, cause?: unknown): ThalwegError {
  const shown = SHOWN[encoding] ?? encoding.toUpperCase();
  return new ThalwegError(
    'ERR_FILE',
    `${name} is not ${shown} text. Name what it is, as in --encoding utf-16, or save it in UTF-8.`,
    { path, cause },
  );
}

/** Outside quotes, and but for what a cut has parted. */
function hasMixedLineEnds(text: string): boolean {
  if (!text.includes('\r')) return false;
  const bare = text.replaceAll(/"[^"]*"/g, '').replace(/\r$/, '');
  return [/\r\n/, /(?<!\r)\n/, /\r(?!\n)/].filter((kind) => kind.test(bare)).length > 1;
}

/** Bytes as UTF-8 without a mark, line ends as `\n` where they are to be of one kind. */
function recoding(input: Input, encoding: string, mixed: boolean): Transform {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let held = '';
  const lines = (text: string, isLast: boolean): string => {
    if (!mixed) return text;
    const all = held + text;
    // Its \n may be in the next chunk.
    held = !isLast && all.endsWith('\r') ? '\r' : '';
    return all.slice(0, all.length - held.length).replaceAll(/\r\n?/g, '\n');
  };
  return new Transform({
    transform: (chunk: Buffer, _, done) => {
      try {
        done(null, lines(decoder.decode(chunk, { stream: true }), false));
      } catch (cause) {
        done(notIn(input, encoding, cause));
      }
    },
    flush: (done) => {
      try {
        done(null, lines(decoder.decode(), true));
      } catch (cause) {
        done(notIn(input, encoding, cause));
      }
    },
  });
}
