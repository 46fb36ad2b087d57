import { createWriteStream, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ThalwegError } from '../../base/errors';
import { removeAbandoned, settled, temporaryIn } from '../../base/temporaries';

/** Copies of data that cannot be read where they are, for their user alone, until they are discarded. */
export class Copies {
  readonly #paths: string[] = [];

  /**
   * Writes what `stages` make of `from` into a new file, and gives its path.
   *
   * @throws ThalwegError `ERR_FILE` where it cannot be read or written
   */
  async of(from: Readable, stages: readonly Transform[], signal: AbortSignal | undefined): Promise<string> {
    const folder = tmpdir();
    await removeAbandoned(folder);
    const path = temporaryIn(folder);
    this.#paths.push(path);
    const to = createWriteStream(path, { flags: 'wx', mode: 0o600 });
    try {
      await pipeline([from, ...stages, to], signal === undefined ? {} : { signal });
      return path;
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof ThalwegError) throw cause;
      const { message } = cause as Error;
      throw new ThalwegError('ERR_FILE', `The data could not be copied to ${folder}: ${message}.`, { cause });
    }
  }

  discard(): void {
    for (const path of this.#paths.splice(0)) {
      try {
        unlinkSync(path);
      } catch {
        // It was not begun.
      }
      settled(path);
    }
  }
}
