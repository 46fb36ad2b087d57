import { type Stats, constants } from 'node:fs';
import { type FileHandle, access, lstat, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ThalwegError } from './errors';
import { kindOf } from './file-kind';
import { removeAbandoned, settled, temporaryIn } from './temporaries';

/** Where a stream of text or of bytes goes. */
export interface Output {
  write(text: string | Uint8Array): Promise<void>;
  /** All was written: a file is there from now on. */
  commit(): Promise<void>;
  /** Leaves nothing behind where `commit` was not reached. */
  discard(): Promise<void>;
}

/** What a path leads to, links followed. */
interface Target {
  readonly path: string;
  /** A file is replaced when all is written; a device, a FIFO or another's descriptor is written to as it is. */
  readonly kind: 'file' | 'stream';
  /** Of the file that is replaced. */
  readonly replaced?: Stats;
}

/** As many links as Linux follows. */
const mostLinks = 40;

const descriptorFolder = /^\/proc\/\d+(\/task\/\d+)?\/fd$/;

/**
 * Opens a file for output. A regular file, or one that is not there, appears whole or not at all, with the mode and the
 * owner of the one that it replaces; links are followed, also where they lead to nothing yet. A character device and a
 * FIFO, which waits for its reader, are written to as they are.
 *
 * @throws ThalwegError ERR_FILE where it cannot be written: a folder, a socket, a block device, a lack of rights; the
 *   signal's reason
 */
export async function openOutputFile(file: string, signal?: AbortSignal): Promise<Output> {
  return await attempt(file, signal, async () => {
    const target = await targetOf(file);
    return target.kind === 'file'
      ? await WholeFile.open(file, target, signal)
      : await StreamFile.open(file, target.path, signal);
  });
}

/**
 * Writes all that an output is to hold, or nothing.
 *
 * @param open called when the text is there, so that one that cannot be made leaves nothing open
 */
export async function writeWhole(open: () => Promise<Output>, text: string | Uint8Array): Promise<void> {
  const output = await open();
  try {
    await output.write(text);
    await output.commit();
  } finally {
    await output.discard();
  }
}

/**
 * Sees before long work that a file can be written where it is wanted.
 *
 * @throws ThalwegError ERR_FILE
 */
export async function requireWritable(file: string): Promise<void> {
  await attempt(file, undefined, () => targetOf(file));
}

/** @throws Error that says in words, or as the system does, why a file cannot be written there. */
async function targetOf(file: string): Promise<Target> {
  if (file === '' || file.endsWith('/')) throw new Error('it names no file');
  const there = await stat(file).catch(absent);
  const found = await followed(file);
  if (there === undefined) return await newFile(found.path);
  if (there.isFIFO() || there.isCharacterDevice() || (there.isFile() && found.isDescriptor)) {
    await access(file, constants.W_OK);
    return { path: file, kind: 'stream' };
  }
  if (!there.isFile()) throw new Error(`it is ${kindOf(there)}`);
  await access(found.path, constants.W_OK);
  await access(path.dirname(found.path), constants.W_OK);
  return { path: found.path, kind: 'file', replaced: there };
}

async function newFile(found: string): Promise<Target> {
  await access(path.dirname(found), constants.W_OK);
  return { path: found, kind: 'file' };
}

/** Where the links of a path's last part lead, and whether it is a file that a process holds open. */
async function followed(file: string): Promise<{ path: string; isDescriptor: boolean }> {
  let next = path.resolve(file);
  for (let links = 0; links <= mostLinks; links += 1) {
    const folder = await realpath(path.dirname(next));
    const here = path.join(folder, path.basename(next));
    const isLink = (await lstat(here).catch(absent))?.isSymbolicLink() === true;
    if (!isLink || descriptorFolder.test(folder)) return { path: here, isDescriptor: isLink };
    next = path.resolve(folder, await readlink(here));
  }
  throw new Error('too many links, one to the next');
}

function absent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

class WholeFile implements Output {
  #isOpen = true;

  private constructor(
    private readonly file: string,
    private readonly target: Target,
    private readonly temporary: string,
    private readonly handle: FileHandle,
    private readonly signal: AbortSignal | undefined,
  ) {}

  static async open(file: string, target: Target, signal: AbortSignal | undefined): Promise<WholeFile> {
    const folder = path.dirname(target.path);
    await removeAbandoned(folder);
    const temporary = temporaryIn(folder);
    // Closed to others until it has the mode of what it replaces.
    const mode = target.replaced === undefined ? 0o666 : 0o600;
    const handle = await open(temporary, 'wx', mode).catch((error: unknown) => {
      settled(temporary);
      throw error;
    });
    const output = new WholeFile(file, target, temporary, handle, signal);
    try {
      if (target.replaced !== undefined) await output.#becomeLike(target.replaced);
      return output;
    } catch (error) {
      await output.discard();
      throw error;
    }
  }

  async #becomeLike({ uid, gid, mode }: Stats): Promise<void> {
    // Only root may give a file away; what someone else writes is then theirs.
    await this.handle.chown(uid, gid).catch(() => undefined);
    await this.handle.chmod(mode & 0o777);
  }

  async write(text: string | Uint8Array): Promise<void> {
    await attempt(this.file, this.signal, () => this.handle.writeFile(text));
  }

  async commit(): Promise<void> {
    await attempt(this.file, this.signal, async () => {
      await this.handle.sync();
      await this.#close();
      const there = await lstat(this.target.path).catch(absent);
      if (there?.isFile() === false) throw new Error('something else has come in its place');
      await rename(this.temporary, this.target.path);
      settled(this.temporary);
    });
  }

  async #close(): Promise<void> {
    this.#isOpen = false;
    await this.handle.close();
  }

  async discard(): Promise<void> {
    if (this.#isOpen) await this.#close().catch(() => undefined);
    await rm(this.temporary, { force: true }).catch(() => undefined);
    settled(this.temporary);
  }
}

/** Milliseconds between two looks at a FIFO that has no reader, or is full. */
const fifoPause = 5;

/** Never waits in the system, where no signal would reach the process's own handlers. */
class StreamFile implements Output {
  private constructor(
    private readonly file: string,
    private readonly handle: FileHandle,
    private readonly signal: AbortSignal | undefined,
  ) {}

  static async open(file: string, target: string, signal: AbortSignal | undefined): Promise<StreamFile> {
    const { O_WRONLY, O_APPEND, O_NONBLOCK, O_NOCTTY } = constants;
    const flags = O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY;
    return new StreamFile(file, await untilReady('ENXIO', signal, () => open(target, flags)), signal);
  }

  async write(text: string | Uint8Array): Promise<void> {
    let rest: Uint8Array = Buffer.from(text);
    await attempt(this.file, this.signal, async () => {
      while (rest.length > 0) {
        const { bytesWritten } = await untilReady('EAGAIN', this.signal, () => this.handle.write(rest));
        rest = rest.subarray(bytesWritten);
      }
    });
  }

  commit(): Promise<void> {
    return Promise.resolve();
  }

  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
  }
}

/** Does the work as soon as it no longer fails with that code. */
async function untilReady<Result>(
  code: string,
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== code) throw error;
    }
    await pause(fifoPause);
  }
}

async function attempt<Result>(
  file: string,
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    signal?.throwIfAborted();
    return await work();
  } catch (cause) {
    signal?.throwIfAborted();
    throw new ThalwegError(
      'ERR_FILE',
      `Cannot write ${file} (${(cause as Error).message}). Check the folder and its rights.`,
      { path: file, cause },
    );
  }
}
