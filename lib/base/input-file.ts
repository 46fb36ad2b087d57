import { type Stats, constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { ThalwegError } from './errors';
import { kindOf } from './file-kind';

/** What a file is to be. */
export interface Wanted {
  /** As messages name it: `model`. */
  readonly what: string;
  /** Bytes. */
  readonly largest: number;
  /** The error for one that is larger. */
  readonly tooLarge: (bytes: number) => ThalwegError;
}

/**
 * The text of a regular file, without a byte order mark.
 *
 * @throws ThalwegError `ERR_FILE` where it cannot be read
 */
export async function readText(path: string, { what, largest, tooLarge }: Wanted): Promise<string> {
  try {
    // Before it is opened, which a device may take for a command; not to wait, if a FIFO has come in its place.
    requireRegular(await stat(path));
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { size } = requireRegular(await file.stat());
      if (size > largest) throw tooLarge(size);
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size) });
      return buffer.toString('utf8', 0, bytesRead).replace(/^\ufeff/, '');
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof ThalwegError) throw cause;
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing
      ? `There is no ${what} ${path}`
      : `Cannot read the ${what} ${path} (${(cause as Error).message})`;
    throw new ThalwegError('ERR_FILE', `${why}. Check the path.`, { path, cause });
  }
}

function requireRegular(there: Stats): Stats {
  if (!there.isFile()) throw new Error(`it is ${kindOf(there)}, and no regular file`);
  return there;
}
