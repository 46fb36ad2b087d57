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
