import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Ending, forked, programsOf } from '../support/forked';

const root = path.join(__dirname, '..', '..');

/** The library that makes OpenCL calls fail, built first where it has to be. */
export function faultsLibrary(): string {
  const build = path.join(root, 'test', 'support', 'opencl-faults', 'build.mjs');
  return execFileSync(process.execPath, [build], { encoding: 'utf8' });
}

/** How a process ended, and the JSON objects that it printed, a line each. */
export interface EndingInLines extends Omit<Ending, 'stdout'> {
  readonly lines: readonly unknown[];
}

/** Runs a program in a process of its own, whose OpenCL goes through the library of faults. */
export async function forkedWithFaults(
  program: string,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<EndingInLines> {
  const folder = mkdtempSync(path.join(tmpdir(), 'thalweg-faults-'));
  const control = path.join(folder, 'control');
  writeFileSync(control, '');
  const { THALWEG_OPENCL_LIBRARY: real } = process.env;
  const faults = {
    ...(real === undefined ? {} : { OPENCL_FAULTS_LIBRARY: real }),
    THALWEG_OPENCL_LIBRARY: faultsLibrary(),
    OPENCL_FAULTS_REPORT: path.join(folder, 'report.json'),
    OPENCL_FAULTS_CONTROL: control,
    THALWEG_CACHE: path.join(folder, 'cache'),
  };
  try {
    const { stdout, ...ending } = await forked(program, args, { ...faults, ...environment }, 240_000);
    const printed = stdout.split('\n').filter((line) => line.startsWith('{'));
    return { ...ending, lines: printed.map((line) => JSON.parse(line) as unknown) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const program = programsOf(__dirname);
