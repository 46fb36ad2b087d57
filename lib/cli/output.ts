import { randomUUID } from 'node:crypto';
import { type FileHandle, access, constants, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { once } from 'node:events';
import { ThalwegError } from '../errors';

/** Where a stream of text goes: standard output, or a file that appears when all of it is there. */
export interface Output {
  write(text: string): Promise<void>;
  /** All was written. */
  commit(): Promise<void>;
  /** Leaves nothing behind where `commit` was not reached. */
  discard(): Promise<void>;
}

/**
 * @param file Standard output where undefined.
 * @throws ThalwegError `ERR_FILE` where the file cannot be written.
 */
export async function openOutput(file: string | undefined): Promise<Output> {
  return file === undefined ? standardOutput : FileOutput.open(file);
}

const standardOutput: Output = {
  write: async (text) => {
    if (!process.stdout.write(text)) {
      await once(process.stdout, 'drain');
    }
  },
  commit: () => Promise.resolve(),
  discard: () => Promise.resolve(),
};

class FileOutput implements Output {
  private constructor(
    private readonly file: string,
    private readonly temporary: string,
    private readonly handle: FileHandle,
  ) {}

  static async open(file: string): Promise<FileOutput> {
    const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}`);
    return new FileOutput(file, temporary, await attempt(file, () => open(temporary, 'wx')));
  }

  async write(text: string): Promise<void> {
    await attempt(this.file, () => this.handle.writeFile(text));
  }

  async commit(): Promise<void> {
    await attempt(this.file, async () => {
      await this.handle.sync();
      await this.handle.close();
      await rename(this.temporary, this.file);
    });
  }

  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    await rm(this.temporary, { force: true });
  }
}

/**
 * Sees before long work that a file can be written where it is wanted.
 *
 * @throws ThalwegError `ERR_FILE`.
 */
export async function requireWritable(file: string): Promise<void> {
  await attempt(file, async () => {
    await access(path.dirname(path.resolve(file)), constants.W_OK);
    if ((await stat(file).catch(() => undefined))?.isDirectory() === true) {
      throw new Error('it is a folder');
    }
  });
}

async function attempt<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new ThalwegError(
      'ERR_FILE',
      `Cannot write ${file} (${(cause as Error).message}). Check the folder and its rights.`,
      {
        path: file,
        cause,
      },
    );
  }
}
