import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Run, ended } from '../cli/thalweg';
import { plainEnvironment, root } from '../examples/run-example';

/** How an MPI of this machine starts programs. */
export interface Launcher {
  /** The beginning of the name of what joins thalweg to it. */
  readonly name: 'open-mpi' | 'mpich';
  readonly program: string;
  readonly args: readonly string[];
}

/** Debian's names first, which tell one MPI from the other. */
const known: readonly (Launcher & { readonly mark: RegExp })[] = [
  ...['mpirun.openmpi', 'mpirun'].map((program) => ({
    name: 'open-mpi' as const,
    program,
    args: ['--allow-run-as-root', '--oversubscribe'],
    mark: /Open MPI|OpenRTE/,
  })),
  ...['mpirun.mpich', 'mpirun'].map((program) => ({
    name: 'mpich' as const,
    program,
    args: [],
    mark: /HYDRA|MPICH/,
  })),
];

function works({ program, mark }: (typeof known)[number]): boolean {
  const { stdout, error } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return error === undefined && mark.test(stdout);
}

/** Those that are here, one of each MPI. */
export const launchers: readonly Launcher[] = known
  .filter(works)
  .filter(({ name }, at, all) => all.findIndex((other) => other.name === name) === at);

function isJoined({ name }: Launcher): boolean {
  const folder = path.join(root, 'build', 'mpi');
  return existsSync(folder) && readdirSync(folder).some((file) => file.startsWith(name));
}

/** Declares a suite for each MPI of this machine. Where there is none, the run says so, and with CI=true fails. */
export function describeOnEachMpi(title: string, body: (launcher: Launcher) => void): void {
  if (launchers.length === 0) {
    test(`${title}: NOT RUN, no MPI is here`, () => {
      process.stderr.write(`\n${title}: NOT RUN, no MPI is here. Install one: node scripts/ensure-mpi.mjs\n`);
      expect(process.env['CI']).not.toBe('true');
    });
    return;
  }
  for (const launcher of launchers) {
    describe(`${title}: ${launcher.name}`, () => {
      test('thalweg is joined to it', () => {
        expect(isJoined(launcher) ? 'joined' : 'run node scripts/ensure-mpi.mjs').toBe('joined');
      });
      body(launcher);
    });
  }
}

/** How long ranks that wait for each other for ever are waited for. */
const hangs = 60_000;

export interface LaunchOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What is sent to the launcher when every rank has said that it is under way. */
  readonly signal?: NodeJS.Signals;
  /** For how many milliseconds, from then on, nothing of the launcher's runs, as on a machine that has no time for it. */
  readonly heldUp?: number;
}

/** A launcher, and those of its processes that are not ranks. */
function processesOf(launcher: number): number[] {
  const file = (id: number, name: string): string => readFileSync(`/proc/${id}/${name}`, 'utf8');
  const children = file(launcher, `task/${launcher}/children`).trim().split(' ').map(Number);
  return [launcher, ...children.filter((id) => id > 0 && !file(id, 'comm').startsWith('node'))];
}

function holdUp(launcher: number, milliseconds: number): void {
  const processes = processesOf(launcher);
  for (const id of processes) process.kill(id, 'SIGSTOP');
  setTimeout(() => {
    for (const id of processes) process.kill(id, 'SIGCONT');
  }, milliseconds);
}

/** How many ranks say so. */
const count = (said: string): number => said.split('under way').length - 1;

/** Runs a program of so many ranks; one that hangs is killed, and has no code. */
export async function launched(
  { program, args }: Launcher,
  ranks: number,
  command: readonly string[],
  { env = {}, signal, heldUp }: LaunchOptions = {},
): Promise<Run> {
  const child = spawn(program, [...args, '-n', String(ranks), process.execPath, ...command], {
    cwd: root,
    env: { ...plainEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const guard = setTimeout(() => child.kill('SIGKILL'), hangs);
  let said = '';
  const listen = (text: string): void => {
    const before = count(said);
    said += text;
    if (before >= ranks || count(said) < ranks) return;
    if (signal !== undefined) child.kill(signal);
    if (heldUp !== undefined) holdUp(child.pid as number, heldUp);
  };
  child.stdout.setEncoding('utf8').on('data', listen);
  try {
    return await ended(child);
  } finally {
    clearTimeout(guard);
  }
}

/** What a rank has found in one call. */
export interface Found {
  readonly name: string;
  readonly rank: number;
  readonly theta: number[];
  readonly intercepts: number[];
  readonly loss: number[];
  readonly plan?: string;
  readonly converged?: boolean;
  readonly iterations?: number;
  readonly learningRate?: number;
  readonly validationLoss?: number[];
  readonly best?: { readonly loss: number; readonly iteration?: number; readonly epoch?: number };
  readonly stopped?: string;
}

/** Makes calls on so many ranks; those of each name in the order of ranks. */
export async function calls(
  launcher: Launcher,
  ranks: number,
  cases: readonly object[],
  env: Readonly<Record<string, string>> = {},
): Promise<Map<string, Found[]>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'thalweg-mpi-test-'));
  try {
    const file = path.join(folder, 'cases.json');
    writeFileSync(file, JSON.stringify(cases));
    const run = await launched(launcher, ranks, [path.join(root, 'test', 'mpi', 'program.cjs'), file], {
      env,
    });
    if (run.code !== 0) throw new Error(`exit code ${run.code}: ${run.stderr}`);
    const texts = Array.from({ length: ranks }, (_, rank) => readFileSync(`${file}.${rank}`, 'utf8'));
    const found = texts.flatMap((text) =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Found),
    );
    return new Map(
      [...new Set(found.map(({ name }) => name))].map((name) => [
        name,
        found.filter((each) => each.name === name),
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
