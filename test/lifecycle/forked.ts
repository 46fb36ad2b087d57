import { execFile } from 'node:child_process';
import path from 'node:path';

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const programs = path.join(__dirname, 'programs');

/** Runs one of programs/, or a program by its whole path, in a process of its own, for at most a minute, or `timeout` ms. */
export async function forked(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  timeout = 60_000,
): Promise<Ending> {
  const node = ['--expose-gc', path.resolve(programs, program), ...args];
  return await new Promise((resolve) => {
    const options = { timeout, env: { ...process.env, ...environment } };
    const child = execFile(process.execPath, node, options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
    });
  });
}
