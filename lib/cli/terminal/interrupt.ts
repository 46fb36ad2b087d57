import { writeSync } from 'node:fs';
import { removeUnfinished } from '../../base/temporaries';

/** Why a command ended early: the signal, and the exit code that says so. */
export class Interrupted extends Error {
  constructor(readonly exitCode: number) {
    super('Interrupted');
  }
}

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type Name = keyof typeof EXIT_CODES;

/** Milliseconds in which what is at work can end in order. */
const patience = 2000;

const showCursor = '\u001b[?25h';

/**
 * Runs `work` with a signal that Ctrl-C aborts. A second Ctrl-C ends the process at once, and so does the first after two
 * seconds: a driver's compiler, or a pipe that nobody reads, heeds no signal.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) endNow(name);
    controller.abort(new Interrupted(EXIT_CODES[name as Name]));
    // Left running when `work` ends: what keeps the process from its end then is ended, too.
    setTimeout(() => {
      endNow(name);
    }, patience).unref();
  };
  const names = Object.keys(EXIT_CODES) as Name[];
  names.forEach((name) => process.on(name, stop));
  try {
    return await work(controller.signal);
  } finally {
    names.forEach((name) => process.off(name, stop));
  }
}

/** Ends the process by the signal itself: `process.exit` would wait for threads that may be stuck in the system. */
function endNow(name: NodeJS.Signals): void {
  removeUnfinished();
  if (process.stderr.isTTY) writeSync(process.stderr.fd, showCursor);
  process.removeAllListeners(name);
  process.kill(process.pid, name);
}
