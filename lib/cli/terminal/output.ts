import { fstatSync, statSync } from 'node:fs';
import path from 'node:path';
import { ThalwegError } from '../../base/errors';
import { type Output, openOutputFile, requireWritable } from '../../base/output-file';
import { asRead } from './context';
import { writeOut } from './standard-output';

/** Whether a file is standard output: named as `-`, or the very file, pipe or terminal that this goes to already. */
export function isStandardOutput(file: string): boolean {
  if (file === '-') return true;
  const there = statOf(() => statSync(file, { bigint: true }));
  const standard = statOf(() => fstatSync(process.stdout.fd, { bigint: true }));
  return there !== undefined && there.dev === standard?.dev && there.ino === standard.ino;
}

/** Whether two paths lead to one file, which need not be there yet. */
export function isSameFile(one: string, other: string): boolean {
  if (path.resolve(one) === path.resolve(other)) return true;
  const [a, b] = [one, other].map((file) => statOf(() => statSync(file, { bigint: true })));
  return a !== undefined && a.dev === b?.dev && a.ino === b.ino;
}

/** A file as it is named to a person. */
export function outputName(file: string): string {
  return isStandardOutput(file) ? 'standard output' : file;
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
  return file === undefined || isStandardOutput(file)
    ? standardOutput(signal)
    : await openOutputFile(file, signal);
}

/**
 * Sees before long work that a file can be written where it is wanted, and is none of those that are read.
 *
 * @param inputs what is not there, or no file, counts for nothing
 * @throws ThalwegError `ERR_FILE`
 */
export async function requireOutput(file: string, inputs: readonly string[]): Promise<void> {
  if (isStandardOutput(file)) return;
  if (inputs.some((input) => isReplaced(input, file))) {
    throw new ThalwegError('ERR_FILE', `Cannot write ${file} (it is read, too). Name another file.`, {
      path: file,
    });
  }
  await requireWritable(file);
}

/** Whether an output takes the place of a file; a device that is read and written, as a terminal, stays. */
function isReplaced(input: string, output: string): boolean {
  return statOf(() => statSync(input))?.isFile() === true && isSameFile(input, output);
}

const standardOutput = (signal: AbortSignal): Output => ({
  write: async (text) => {
    if (typeof text !== 'string') throw new TypeError('bytes go to files, never to standard output');
    await untilAborted(writeOut(asRead(text)), signal);
  },
  commit: () => Promise.resolve(),
  discard: () => Promise.resolve(),
});

/** What is waited for, or the signal's reason: a reader may never come. */
async function untilAborted(waitedFor: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<void>((_, reject) => {
    stop = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', stop);
  });
  try {
    await Promise.race([waitedFor, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
