import { createReadStream } from 'node:fs';
import { Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import type * as Zstd from 'fzstd';
import { ThalwegError } from '../../base/errors';
import type { Compression, Input } from './inputs';
import { endsWithinFrame } from './zstd-frames';

type Named = Pick<Input, 'name' | 'path'>;

/** By the first bytes of a file, whatever its name says. */
export function compressionOf(head: Buffer): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528 ? 'zstd' : 'none';
}

/** What unpacks a file, chunk by chunk. @throws ThalwegError `ERR_FILE` where nothing here does */
export function unpacking(input: Named, compression: Compression): Transform[] {
  if (compression === 'none') return [];
  if (compression === 'gzip') return [zlib.createGunzip()];
  // Of Node from 22.15 on.
  const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform };
  return [createZstdDecompress?.() ?? zstdByPackage(input)];
}

export function cannotUnpack({ name, path }: Named, cause: unknown): ThalwegError {
  const message = `${name} cannot be unpacked: ${(cause as Error).message}. Compress it again.`;
  return new ThalwegError('ERR_FILE', message, { path, cause });
}

/**
 * Sees that a packed file is whole, which DuckDB does not: of one that was cut short it gives the rows that are left, and of gzip
 * whose bits have changed other values.
 *
 * @throws ThalwegError `ERR_FILE`
 */
export async function requireWhole(
  input: Named & Pick<Input, 'readPath'>,
  compression: Compression,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (compression === 'zstd' && endsWithinFrame(input.readPath))
    throw cannotUnpack(input, new Error('unexpected end of file'));
  if (compression !== 'gzip') return;
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  try {
    const stages = [createReadStream(input.readPath), ...unpacking(input, compression), nowhere];
    await pipeline(stages, signal === undefined ? {} : { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw cannotUnpack(input, cause);
  }
}

function zstdByPackage(input: Named): Transform {
  const { Decompress } = loadZstd(input);
  const unpacked: Uint8Array[] = [];
  const decompress = new Decompress((chunk) => unpacked.push(chunk.slice()));
  const push = (stream: Transform, chunk: Uint8Array, isLast: boolean): void => {
    decompress.push(chunk, isLast);
    for (const part of unpacked.splice(0)) stream.push(part);
  };
  return new Transform({
    transform(chunk: Buffer, _, done) {
      attempt(input, done, () => {
        push(this, chunk, false);
      });
    },
    flush(done) {
      attempt(input, done, () => {
        push(this, new Uint8Array(0), true);
      });
    },
  });
}

function attempt(input: Named, done: (error?: Error) => void, work: () => void): void {
  try {
    work();
  } catch (cause) {
    done(cannotUnpack(input, cause));
    return;
  }
  done();
}

function loadZstd({ name, path }: Named): typeof Zstd {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- optional, and loaded at its first use
    return require('fzstd') as typeof Zstd;
  } catch (cause) {
    const why = (cause as Error).message.split('\n')[0] ?? '';
    throw new ThalwegError(
      'ERR_FILE',
      `${name} is unpacked by Node from 22.15 on, or by the package fzstd, which could not be loaded (${why}). ` +
        'Install it: npm install fzstd; or unpack it first, with zstd -d.',
      { path, cause },
    );
  }
}
