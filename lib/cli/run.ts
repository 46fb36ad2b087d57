import type { Context } from './terminal/context';
import { reportFailure } from './terminal/failure';
import { interruptible } from './terminal/interrupt';
import { allSaid } from './terminal/standard-output';

/** Runs a command; what it returns, or how it failed, becomes the exit code. */
export async function run(
  { json = false, quiet = false }: { json?: boolean; quiet?: boolean },
  command: (context: Context) => Promise<number>,
): Promise<void> {
  try {
    process.exitCode = await interruptible(async (signal) => {
      const exitCode = await command({ json, quiet, signal });
      await allSaid();
      return exitCode;
    });
  } catch (error) {
    process.exitCode = reportFailure(error, { json });
  }
}
