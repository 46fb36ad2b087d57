import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

export const root = path.join(__dirname, '..', '..');

/** This environment without what would change where or how thalweg computes. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('THALWEG_')));
}

/** What Node prints, run in the checkout with these arguments; rejects where it ends with another code than 0. */
export async function nodeOutput(...args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    cwd: root,
    env: plainEnvironment(),
  });
  expect(stderr).toBe('');
  return stdout;
}

/** The lines that an example prints, which have to be those that examples/README.md shows. */
export async function exampleLines(name: string): Promise<string[]> {
  const lines = (await nodeOutput(path.join('examples', `${name}.js`))).trimEnd().split('\n');
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
