import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(__dirname, '..', '..');

/** The library that makes OpenCL calls fail, built first where it has to be. */
export function faultsLibrary(): string {
  const build = path.join(root, 'test', 'support', 'opencl-faults', 'build.mjs');
  return execFileSync(process.execPath, [build], { encoding: 'utf8' });
}

/** How a process ended, and the JSON objects that it printed, a line each. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  readonly lines: readonly unknown[];
}

/** A clean end; what came before it is in `lines`. */
export const cleanEnd = { code: 0, signal: null, stderr: '' };

/** Runs a script in a process of its own, whose OpenCL goes through the library of faults. */
export async function forkedWithFaults(
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ending> {
  const folder = mkdtempSync(path.join(tmpdir(), 'thalweg-faults-'));
  const control = path.join(folder, 'control');
  writeFileSync(control, '');
  const { THALWEG_OPENCL_LIBRARY: real, ...inherited } = process.env;
  const env = {
    ...inherited,
    ...(real === undefined ? {} : { OPENCL_FAULTS_LIBRARY: real }),
    THALWEG_OPENCL_LIBRARY: faultsLibrary(),
    OPENCL_FAULTS_REPORT: path.join(folder, 'report.json'),
    OPENCL_FAULTS_CONTROL: control,
    THALWEG_CACHE: path.join(folder, 'cache'),
    ...environment,
  };
  try {
    return await new Promise<Ending>((resolve) => {
      const options = { cwd: root, env, timeout: 240_000, maxBuffer: 1 << 26 };
      const child = execFile(process.execPath, [script, ...args], options, (_error, stdout, stderr) => {
        const printed = stdout.split('\n').filter((line) => line.startsWith('{'));
        const lines = printed.map((line) => JSON.parse(line) as unknown);
        resolve({ code: child.exitCode, signal: child.signalCode, stderr, lines });
      });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One of programs/. */
export function program(name: string): string {
  return path.join(__dirname, 'programs', name);
}
