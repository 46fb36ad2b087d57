import { spawn } from 'node:child_process';
import path from 'node:path';
import { ThalwegError } from '../../base/errors';
import type { Context } from '../terminal/context';

const SCRIPT = path.join(__dirname, '..', '..', '..', 'scripts', 'build-from-package.mjs');

/** Compiles the addon from the sources in the package. */
export async function build({ signal }: Context): Promise<number> {
  const status = await new Promise<number>((resolve, reject) => {
    const child = spawn(process.execPath, [SCRIPT], { stdio: 'inherit', signal });
    child.on('error', reject);
    child.on('close', (code) => {
      resolve(code ?? 1);
    });
  }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new ThalwegError('ERR_FILE', `Cannot run ${SCRIPT} (${String(cause)}). Install thalweg again.`, {
      path: SCRIPT,
      cause,
    });
  });
  return status === 0 ? 0 : 1;
}
