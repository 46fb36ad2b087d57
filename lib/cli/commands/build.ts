import { spawn } from 'node:child_process';
import path from 'node:path';
import { ThalwegError } from '../../base/errors';
import { packageFolder } from '../../base/package-folder';
import type { Context } from '../terminal/context';

const SCRIPTS = path.join(packageFolder, 'scripts');

/** What is to be compiled. */
export interface BuildOptions {
  /** What joins the addon to the machine's MPI, in place of the addon. */
  readonly mpi?: boolean;
}

/** Compiles the addon from the sources in the package, or what joins it to MPI. */
export async function build({ mpi = false }: BuildOptions, { signal }: Context): Promise<number> {
  const script = path.join(SCRIPTS, mpi ? 'build-mpi.mjs' : 'build-from-package.mjs');
  const status = await new Promise<number>((resolve, reject) => {
    const child = spawn(process.execPath, [script], { stdio: 'inherit', signal });
    child.on('error', reject);
    child.on('close', (code) => {
      resolve(code ?? 1);
    });
  }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new ThalwegError('ERR_FILE', `Cannot run ${script} (${String(cause)}). Install thalweg again.`, {
      path: script,
      cause,
    });
  });
  return status === 0 ? 0 : 1;
}
