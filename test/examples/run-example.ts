import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

export const root = path.join(__dirname, '..', '..');

/** This environment without what would change where or how thalweg computes. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('THALWEG_')));
}

/** What Node prints, run in a folder with these arguments; rejects where it ends with another code than 0. */
async function nodeOutput(cwd: string, ...args: string[]): Promise<string> {
  const env = plainEnvironment();
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd, env });
  expect(stderr).toBe('');
  return stdout;
}

/** What a module prints that is run in an empty folder of the checkout, which may write there and finds the package. */
export async function printedBy(code: string, ...args: string[]): Promise<string> {
  const folder = path.join(root, 'build', 'example-files');
  mkdirSync(folder, { recursive: true });
  const own = mkdtempSync(path.join(folder, 'run-'));
  try {
    return await nodeOutput(own, '--input-type=module', '--eval', code, ...args);
  } finally {
    rmSync(own, { recursive: true });
  }
}

/** The lines that an example prints, which have to be those that examples/README.md shows. */
export async function exampleLines(name: string): Promise<string[]> {
  const lines = (await nodeOutput(root, path.join('examples', `${name}.js`))).trimEnd().split('\n');
  const readme = readFileSync(path.join(root, 'examples', 'README.md'), 'utf8');
  const [, section = ''] = readme.split(`## [${name}.js](${name}.js)`);
  const [, shown = ''] = /```text\n(.*?)\n```/s.exec(section) ?? [];
  expect(lines).toEqual(shown.split('\n').map(asShown));
  return lines;
}

/** What code says that it prints: `console.log(…); // text`. */
export function promised(code: string): string[] {
  return code.split('\n').flatMap((line) => /console\.log\(.*\); \/\/ (.*)$/.exec(line)?.[1] ?? []);
}

/** Matches a line as documentation shows it, in which … stands for anything. */
export function asShown(line: string): string {
  if (!line.includes('…')) return line;
  const pattern = line
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return expect.stringMatching(new RegExp(`^${pattern}$`)) as string;
}

/** Every number of a text, a minus directly before its digits included. */
export function numbersIn(text: string): number[] {
  return (text.match(/-?\d+(\.\d+)?(e[-+]?\d+)?/g) ?? []).map(Number);
}

/** The numbers of the one line that starts with `start`, without those of `start` itself. */
export function numbersAfter(lines: readonly string[], start: string): number[] {
  const found = lines.filter((line) => line.startsWith(start));
  expect(found).toHaveLength(1);
  return numbersIn((found[0] ?? '').slice(start.length));
}
