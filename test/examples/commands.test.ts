import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { asShown, plainEnvironment, root } from './run-example';

const cli = path.join(root, 'dist', 'cli', 'main.js');

interface Command {
  readonly args: string[];
  readonly shown: string[];
}

/** The commands of a page's console blocks, and what it shows that each prints. */
function commandsOf(page: string): Command[] {
  const text = readFileSync(path.join(root, page), 'utf8');
  return [...text.matchAll(/^```console\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    block.split(/^\$ npx thalweg /m).flatMap((part) => {
      const [command = '', ...shown] = part.trimEnd().split('\n');
      return command === '' ? [] : [{ args: command.split(' '), shown }];
    }),
  );
}

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'thalweg-docs-'));
  symlinkSync(path.join(root, 'examples'), path.join(folder, 'examples'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test.each(['README.md', 'docs/cli.md'])('the commands of %s print what it shows', async (page) => {
  const commands = commandsOf(page);
  expect(commands.length).toBeGreaterThan(2);
  for (const { args, shown } of commands) {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [cli, ...args], {
      cwd: folder,
      env: { ...plainEnvironment(), THALWEG_DEVICE: 'cpu' },
    });
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n')).toEqual(shown.length === 0 ? [''] : shown.map(asShown));
  }
});

test('docs/cli.md names every field of --json', async () => {
  const text = readFileSync(path.join(root, 'docs', 'cli.md'), 'utf8');
  const diabetes = 'examples/data/diabetes.csv';
  const tumours = 'examples/data/breast-cancer.csv';
  const model = 'm.json';
  const about = ['--target', 'benign', '--l2', '0.1', '--features', 'mean_radius,mean_area', '--json'];
  const fit = ['fit', tumours, ...about, '--weight', 'mean_texture', '--class-weight', 'balanced'];
  const commands: [string, string[]][] = [
    ['fit', ['fit', diabetes, '--target', 'progression', '--json', '--output', 'line.json']],
    ['fit', [...fit, '--holdout', '0.2', '--validation', '0.1', '--output', model]],
    ['fit', [...fit, '--warm-start', model, '--iterations', '1', '--report', 'r.html']],
    ['cv', ['cv', tumours, ...about, '--folds', '2', '--output', model]],
    ['evaluate', ['evaluate', model, tumours, '--weight', 'mean_texture', '--json']],
    ['tune', ['tune', '--reset', '--json']],
  ];
  for (const [command, args] of commands) {
    const env = { ...plainEnvironment(), THALWEG_DEVICE: 'cpu', THALWEG_CACHE: folder };
    const { stdout } = await promisify(execFile)(process.execPath, [cli, ...args], { cwd: folder, env });
    const [, section = ''] = text.split(`\n## thalweg ${command}\n`);
    const listed = /`\{ (?:device|removed)[^`]*`/gs;
    const told: readonly string[] =
      [...(section.split('\n## ')[0] ?? '').matchAll(listed)].join(' ').match(/\w+/g) ?? [];
    const fields = Object.keys(JSON.parse(stdout) as object);
    expect(fields.length).toBeGreaterThan(0);
    expect(fields.filter((field) => !told.includes(field))).toEqual([]);
  }
});
