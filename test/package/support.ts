import { spawnSync, type SpawnSyncOptions } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const root = path.join(__dirname, '..', '..');

/** The binary that `npm pack` carries for this platform; made by the global set-up. */
export const prebuiltFolder = path.join(root, 'prebuilds', `${process.platform}-${process.arch}`);

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function run(program: string, args: readonly string[], options: SpawnSyncOptions = {}): Finished {
  const child = spawnSync(program, args, {
    cwd: root,
    maxBuffer: 1 << 28,
    ...options,
    encoding: 'utf8',
  });
  if (child.error !== undefined) throw child.error;
  return { status: child.status, stdout: child.stdout, stderr: child.stderr };
}

/** The standard output of a program that has to succeed. */
export function output(program: string, args: readonly string[], options: SpawnSyncOptions = {}): string {
  const { status, stdout, stderr } = run(program, args, options);
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${String(status)}\n${stdout}${stderr}`);
  return stdout;
}

/** The environment without what npm and Jest set for this process. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const left = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|JEST_|NODE_ENV$|NODE_OPTIONS$|THALWEG_|PREBUILDS_ONLY$)/.test(name),
  );
  return Object.fromEntries(left);
}

/** The path of a program as the shell finds it, links followed. */
export function locate(program: string): string {
  return realpathSync(output('sh', ['-c', `command -v ${program}`]).trim());
}

/** A temporary folder whose `bin` holds Node and npm only, as the PATH of a machine with no compiler or Python. */
export class BareMachine {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'thalweg-package-'));
  readonly project = path.join(this.folder, 'project');
  readonly environment: NodeJS.ProcessEnv;

  constructor() {
    const bin = path.join(this.folder, 'bin');
    mkdirSync(bin);
    mkdirSync(this.project);
    symlinkSync(process.execPath, path.join(bin, 'node'));
    symlinkSync(locate('npm'), path.join(bin, 'npm'));
    this.environment = { ...cleanEnvironment(), PATH: bin };
  }

  /** Installs that tarball into the project as a user would who runs no install scripts. */
  install(tarball: string): void {
    const flags = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', '--prefer-offline'];
    output('npm', ['install', ...flags, tarball], { cwd: this.project, env: this.environment });
  }

  run(program: string, ...args: string[]): Finished {
    return run(program, args, { cwd: this.project, env: this.environment });
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
