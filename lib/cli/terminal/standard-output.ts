import { write } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ThalwegError } from '../../base/errors';

const writeTo = promisify(write);
const standardOutput = 1;

/** Milliseconds until a pipe that is full, and that somebody made non-blocking, is tried again. */
const fullPause = 5;

/** All that was said so far: one thing is written after the other, whatever stream it is for. */
let said: Promise<void> = Promise.resolve();
let failure: unknown;

function say(work: () => Promise<void> | void): Promise<void> {
  const saying = said.then(work);
  said = saying.catch((error: unknown) => {
    failure ??= error;
  });
  return saying;
}

/**
 * Writes to standard output without holding up the event loop where nobody reads there, so that signals are heard. A
 * reader that has left ends the process quietly, as with `thalweg predict … | head`.
 *
 * @throws ThalwegError ERR_FILE
 */
export function writeOut(text: string): Promise<void> {
  return say(async () => {
    for (let rest = Buffer.from(text); rest.length > 0;) rest = rest.subarray(await writeSome(rest));
  });
}

/** Writes to standard error, after what was written to standard output before. */
export function writeError(text: string): void {
  void say(() => void process.stderr.write(text));
}

/**
 * Resolves when all that was said is written.
 *
 * @throws ThalwegError ERR_FILE where it could not be
 */
export async function allSaid(): Promise<void> {
  await said;
  const [first] = [failure];
  failure = undefined;
  if (first !== undefined) throw first as Error;
}

async function writeSome(bytes: Buffer): Promise<number> {
  try {
    const { bytesWritten } = await writeTo(standardOutput, bytes);
    return bytesWritten;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EPIPE') process.exit();
    if (code !== 'EAGAIN')
      throw new ThalwegError('ERR_FILE', `Cannot write to standard output (${message}).`, { cause });
    await pause(fullPause);
    return 0;
  }
}
