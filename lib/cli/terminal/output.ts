import { once } from 'node:events';
import { fstatSync, statSync } from 'node:fs';
import { type Output, openOutputFile, requireWritable } from '../../base/output-file';

/** Whether a file is standard output: named as `-`, or the very file, pipe or terminal that this goes to already. */
export function isStandardOutput(file: string): boolean {
  if (file === '-') return true;
  const there = statOf(() => statSync(file, { bigint: true }));
  const standard = statOf(() => fstatSync(process.stdout.fd, { bigint: true }));
  return there !== undefined && there.dev === standard?.dev && there.ino === standard.ino;
}

function statOf<Stats>(ask: () => Stats): Stats | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

/**
 * @param file Standard output where undefined.
 * @throws ThalwegError `ERR_FILE` where the file cannot be written.
 */
export async function openOutput(file: string | undefined, signal: AbortSignal): Promise<Output> {
  return file === undefined || isStandardOutput(file) ? standardOutput : await openOutputFile(file, signal);
}

/**
 * Sees before long work that a file can be written where it is wanted.
 *
 * @throws ThalwegError `ERR_FILE`
 */
export async function requireOutput(file: string): Promise<void> {
  if (!isStandardOutput(file)) await requireWritable(file);
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
