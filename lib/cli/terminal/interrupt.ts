/** Why a command ended early: the signal, and the exit code that says so. */
export class Interrupted extends Error {
  constructor(readonly exitCode: number) {
    super('Interrupted');
  }
}

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs `work` with a signal that Ctrl-C aborts. A second Ctrl-C ends the process at once.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    const exitCode = EXIT_CODES[name as keyof typeof EXIT_CODES];
    if (controller.signal.aborted) {
      process.exit(exitCode);
    }
    controller.abort(new Interrupted(exitCode));
  };
  const names = Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[];
  names.forEach((name) => process.on(name, stop));
  try {
    return await work(controller.signal);
  } finally {
    names.forEach((name) => process.off(name, stop));
  }
}
