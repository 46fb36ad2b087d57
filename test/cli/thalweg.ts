import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { devices } from '../../lib';
import { plainEnvironment, root } from '../examples/run-example';

export const data = (name: string): string => path.join(root, 'examples', 'data', name);
export const flights = path.join(root, 'node_modules/vega-datasets/data/flights-3m.parquet');
export const main = path.join(root, 'dist', 'cli', 'main.js');

/** What a run of the command line left. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly nodeArguments?: readonly string[];
  /** What is on standard input. */
  readonly input?: string;
  /** Another main.js. */
  readonly main?: string;
}

/** What a process leaves when it has ended. */
export async function ended(child: ChildProcess): Promise<Run> {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => (texts[name] += text));
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  return { code, ...texts };
}

/** Runs the built command line in a process of its own, without a terminal. */
export async function thalweg(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { input, nodeArguments = [] } = options;
  const child = spawn(process.execPath, [...nodeArguments, options.main ?? main, ...args], {
    cwd: options.cwd ?? root,
    env: { ...plainEnvironment(), ...options.env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(input);
  return await ended(child);
}

/** What `fit --json` prints. */
export interface FitJson {
  readonly device: string;
  readonly residency: string;
  readonly plan: string;
  readonly strategy: string;
  readonly activation: string;
  readonly target: { readonly name: string; readonly kind: string; readonly levels?: readonly string[] };
  readonly rows: number;
  readonly dropped: number;
  readonly heldOut?: number;
  /** How many rows were kept out to validate with. */
  readonly validated?: number;
  readonly missing: Readonly<Record<string, number>>;
  readonly leftOut: readonly { readonly column: string; readonly why: string }[];
  readonly notes: readonly {
    readonly code: string;
    readonly text: string;
    readonly column?: string;
    readonly count?: number;
  }[];
  readonly features: readonly string[];
  readonly weights: Readonly<Record<string, number>>;
  readonly intercept: number;
  readonly loss: number;
  readonly iterations: number;
  readonly stopped: string;
  readonly score: { readonly train: number | null; readonly holdout?: number | null };
  readonly metrics: { readonly train: object; readonly holdout?: object };
  readonly seconds: number;
  readonly model?: string;
}

/** The texts of a fit's notes of a code. */
export function noteTexts({ notes }: FitJson, code: string): string[] {
  return notes.filter((note) => note.code === code).map(({ text }) => text);
}

/** Rows as CSV, whose values need no quotes. */
export function csvText(rows: readonly (readonly unknown[])[]): string {
  return rows.map((row) => `${row.join(',')}\n`).join('');
}

/** The one object of a run with `--json` that has to succeed, and nothing else on either stream. */
export async function json(args: readonly string[], options: RunOptions = {}): Promise<unknown> {
  const { code, stdout, stderr } = await thalweg([...args, '--json'], options);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

export async function fitJson(args: readonly string[], options: RunOptions = {}): Promise<FitJson> {
  return (await json(['fit', ...args], options)) as FitJson;
}

/**
 * devices(), as another process may have been told it. An OpenCL device made of the CPU has as much memory as the machine
 * has been given so far, and virtual machines are given theirs as they use it.
 */
export async function devicesAsToldElsewhere(): Promise<unknown[]> {
  return (await devices()).map((info) =>
    info.backend === 'opencl' && info.type === 'cpu'
      ? { ...info, memoryBytes: expect.any(Number) as unknown }
      : info,
  );
}

/** What a failed run says: its code, and a part of its message. */
export interface Failure {
  readonly code: string;
  readonly message: RegExp;
  readonly [detail: string]: unknown;
}

/** Expects a run to fail with exit code 1, to say so on standard error, and to give the same as JSON. */
export async function expectFailure(
  args: readonly string[],
  { code, message, ...details }: Failure,
  options: RunOptions = {},
): Promise<void> {
  const run = await thalweg(args, options);
  expect(run.stderr).toMatch(`thalweg: ${code}: `);
  expect(run.stderr).toMatch(message);
  expect(run.stderr).not.toMatch(/^ {4}at /m);
  expect(run.code).toBe(1);
  const { error } = (args.includes('--json') ? JSON.parse(run.stdout) : { error: undefined }) as {
    error?: unknown;
  };
  const expected = { code, message: expect.stringMatching(message) as unknown, ...details };
  expect(args.includes('--json') ? error : expected).toMatchObject(expected);
}

/** A value in which numbers have to be so close only, within so many digits after the point. */
export function closeTo(value: unknown, digits: number): unknown {
  if (typeof value === 'number') return expect.closeTo(value, digits) as unknown;
  if (Array.isArray(value)) return value.map((one) => closeTo(one, digits));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, closeTo(one, digits)]));
}

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'thalweg-cli-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Writes files into a folder and gives their paths. */
export function fileWriter(folder: string): (name: string, content: string | Uint8Array) => string {
  return (name, content) => {
    const file = path.join(folder, name);
    writeFileSync(file, content);
    return file;
  };
}
