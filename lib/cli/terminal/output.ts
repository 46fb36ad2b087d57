import { fstatSync, statSync } from 'node:fs';
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
 * Sees before long work that a file can be written where it is wanted.
 *
 * @throws ThalwegError `ERR_FILE`
 */
export async function requireOutput(file: string): Promise<void> {
  if (!isStandardOutput(file)) await requireWritable(file);
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
