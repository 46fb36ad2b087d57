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

/** Runs one of programs/ in a process of its own, for at most a minute. */
export async function forked(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ending> {
  const node = ['--expose-gc', path.join(programs, program), ...args];
  return await new Promise((resolve) => {
    const options = { timeout: 60_000, env: { ...process.env, ...environment } };
    const child = execFile(process.execPath, node, options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
    });
  });
}
