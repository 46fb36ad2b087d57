import { execFile } from 'node:child_process';
import path from 'node:path';

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A clean end, whatever was printed. */
export const cleanEnd = { code: 0, signal: null, stderr: '' };

const root = path.join(__dirname, '..', '..');

/** Runs a program of Node's, or '-e' and its text, in a process of its own, for at most a minute, or `timeout` ms. */
export async function forked(
  program: string,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
  timeout = 60_000,
): Promise<Ending> {
  const options = { cwd: root, timeout, env: { ...process.env, ...environment }, maxBuffer: 1 << 26 };
  return await new Promise((resolve) => {
    const node = ['--expose-gc', program, ...args];
    const child = execFile(process.execPath, node, options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
    });
  });
}

/** The path of one of the programs/ of a folder of tests. */
export function programsOf(folder: string): (name: string) => string {
  return (name) => path.join(folder, 'programs', name);
}
