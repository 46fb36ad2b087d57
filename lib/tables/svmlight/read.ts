import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { ThalwegError } from '../../base/errors';
import { breathe } from '../../base/event-loop';
import { Copies } from '../files/copies';
import { type Input, inputsOf, twiceNotes } from '../files/inputs';
import type { Watch } from '../files/open-source';
import type { Note, SourceOptions } from '../files/source-options';
import { cannotUnpack, compressionOf, unpacking } from '../files/unpacking';
import { BadLine, type SvmlightBlock, SvmlightParser } from './parser';

/** Of more a block of bytes would hold the event loop. */
const CHUNK_BYTES = 1 << 20;

/** Rows of a file, as they stand there. */
export interface FileBlock extends SvmlightBlock {
  readonly file: Pick<Input, 'name' | 'path'>;
}

/** SVMlight files that are there, one after the other. */
export interface SvmlightFiles {
  /** Of the first. */
  readonly path: string;
  /** What they are called to people. */
  readonly name: string;
  /** What a person should know of them. */
  readonly notes: readonly Note[];
  /**
   * Their rows in their order, read as they are asked for.
   *
   * @throws ThalwegError `ERR_FILE` at a line that is none, `ERR_NOT_FINITE` at a value that is not finite, with the line
   */
  blocks(): AsyncGenerator<FileBlock>;
  /** Removes copies that were made. */
  close(): void;
}

/** How values of a table are told apart, where there is none. */
const ofTables = ['delimiter', 'quote', 'comment', 'skip', 'decimal', 'encoding'] as const;

/** Finds the files. @throws ThalwegError `ERR_FILE` where one is missing, or options are for other formats */
export async function openSvmlight(
  data: readonly string[],
  options: SourceOptions,
  watch: Watch = {},
): Promise<SvmlightFiles> {
  const other = ofTables.find((option) => options[option] !== undefined);
  if (other !== undefined) {
    throw new ThalwegError('ERR_FILE', `--${other} has no meaning for SVMlight files. Leave it out.`, {
      option: other,
    });
  }
  const copies = new Copies();
  try {
    const inputs = await inputsOf(data, options, copies, watch.signal);
    const [first] = inputs as [Input, ...Input[]];
    return {
      path: first.path,
      name: inputs.length === 1 ? first.name : `${first.name} and ${inputs.length - 1} more`,
      notes: twiceNotes(inputs),
      blocks: () => blocksOf(inputs, watch),
      close: () => {
        copies.discard();
      },
    };
  } catch (error) {
    copies.discard();
    throw error;
  }
}

async function* blocksOf(inputs: readonly Input[], { signal, onProgress }: Watch): AsyncGenerator<FileBlock> {
  const all = inputs.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  for (const input of inputs) {
    const onRead = (read: number): void => onProgress?.((100 * (done + read)) / all);
    const parser = new SvmlightParser();
    try {
      for await (const chunk of chunksOf(input, signal, onRead)) {
        for (const block of parser.push(chunk)) yield { ...block, file: input };
        await breathe();
      }
      for (const block of parser.end()) yield { ...block, file: input };
    } catch (cause) {
      throw cause instanceof BadLine ? badLine(input, cause) : cause;
    }
    done += input.bytes;
  }
}

function badLine({ name, path }: Input, cause: BadLine): ThalwegError {
  const { line, message, isNotFinite } = cause;
  return new ThalwegError(
    isNotFinite ? 'ERR_NOT_FINITE' : 'ERR_FILE',
    `${name}, line ${line}: ${message}. Correct the file.`,
    { path, row: line - 1, cause },
  );
}

/** The bytes of a file, unpacked. */
async function* chunksOf(
  input: Input,
  signal: AbortSignal | undefined,
  onRead: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const compression = compressionOf(await headOf(input));
  const [stage] = unpacking(input, compression);
  const file = createReadStream(input.readPath, {
    highWaterMark: CHUNK_BYTES,
    ...(signal === undefined ? {} : { signal }),
  });
  // What it fails with the loop below fails with.
  if (stage !== undefined) pipeline(file, stage, () => undefined);
  try {
    for await (const chunk of (stage ?? file) as AsyncIterable<Buffer>) {
      onRead(file.bytesRead);
      yield chunk;
    }
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof ThalwegError) throw cause;
    if (stage !== undefined) throw cannotUnpack(input, cause);
    const message = `Cannot read (${(cause as Error).message}) ${input.name}. Check the path.`;
    throw new ThalwegError('ERR_FILE', message, { path: input.path, cause });
  } finally {
    file.destroy();
  }
}

async function headOf({ readPath }: Input): Promise<Buffer> {
  const file = await open(readPath);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(4) });
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
