import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { visible } from '../../lib/base/visible';
import { shownLine } from '../../lib/cli/terminal/visible';
import { plainEnvironment, root } from '../examples/run-example';
import { type FitJson, fileWriter, fitJson, main, temporaryFolder, thalweg } from './thalweg';

const folder = temporaryFolder();
const write = fileWriter(folder);

// Red, a cleared screen, a title, another direction, a line of its own, and C1 for ESC [.
const hostile = 'x\u001b[31m\u001b[2J\u001b]0;t\u0007\u202eabc\n✓ forged\r\u009b1m\u007f\u2066';
const written = String.raw`x\u001b[31m\u001b[2J\u001b]0;t\u0007\u202eabc\n✓ forged\r\u009b1m\u007f\u2066`;
const level = 'yes\u001b[32m';
const rows = [1, 2, 3, 4, 5, 6].map((x) => ({ [hostile]: x, y: x > 3 ? level : 'no' }));
const name = 'data\u001b[33m\u202e.jsonl';
const data = write(name, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
const model = path.join(folder, 'model.json');
const commanding = /[\p{Cc}\p{Bidi_Control}]/u;

function expectShown(text: string): void {
  for (const line of text.split('\n')) {
    expect(line).not.toMatch(commanding);
    expect(line).not.toMatch(/^✓ forged/);
  }
}

let fitted: FitJson;
beforeAll(async () => {
  fitted = await fitJson([data, '--target', 'y', '--output', model]);
});

test('names of columns, levels and files are written out for people', async () => {
  const { code, stdout, stderr } = await thalweg(['fit', data, '--target', 'y', '--l2', '0.1']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expectShown(stdout);
  expect(stdout).toContain(
    String.raw`data\u001b[33m\u202e.jsonl: 1 feature → y  (no = 0, yes\u001b[32m = 1)`,
  );
  const [head = '', row = ''] = stdout.split('\n').filter((line) => /^ {2}(column|x)/.test(line));
  expect(row).toMatch(/^ {2}x/);
  expect(row.startsWith(`  ${written}  `)).toBe(true);
  // The table has its columns below one another.
  expect(row.length).toBe(head.length);
});

test('they are as they were in files, in JSON and in a pipe', async () => {
  const { weights, target } = fitted;
  expect(Object.keys(weights)).toEqual([hostile]);
  expect(target.levels).toEqual(['no', level]);
  expect(JSON.parse(readFileSync(model, 'utf8'))).toMatchObject({ features: [{ name: hostile }] });
  const { stdout } = await thalweg(['predict', model, data]);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(new RegExp(`,${level.replace('[', '\\[')}$`));
});

test.each([
  ['a column that is not there', ['fit', data, '--target', 'a\u001b[31m']],
  ['a file that is not there', ['fit', 'a\u001b[31m.csv', '--target', 'y']],
  ['a model that is none', ['predict', write('m\u001b[31m.json', '\u001b[31m'), data]],
  ['wrong usage', ['fit', data, '--target', 'y', '--\u001b[31m\u202e']],
  ['an output', ['fit', data, '--target', 'y', '--output', path.join(folder, 'no\u001b[31m', 'x')]],
  ['what a driver is called', ['fit', data, '--target', 'y', '--device', 'opencl']],
])('%s is named so in messages', async (_what, args) => {
  const env = { THALWEG_OPENCL_LIBRARY: '/no\u001b[31m/lib.so' };
  const { code, stdout, stderr } = await thalweg(args, { env });
  expect(code).not.toBe(0);
  expect(stderr).toContain('\\u001b');
  expectShown(stdout + stderr);
});

test('findings of the doctor, too', async () => {
  const env = { THALWEG_OPENCL_LIBRARY: '/no\u001b[31m/lib.so', THALWEG_HIP_LIBRARY: '/no\u001b[31m/hip.so' };
  const { stdout } = await thalweg(['doctor'], { env: { ...env, THALWEG_CACHE: '/no\u202e' } });
  expect(stdout).toContain('\\u001b[31m/lib.so');
  expect(stdout).toContain('/no\\u202e');
  expectShown(stdout);
});

// `script` of util-linux makes the terminal; where it is missing this fails and names it.
test('on a terminal predictions and JSON are for people', () => {
  for (const args of [
    ['predict', model, data, '--quiet'],
    ['fit', data, '--target', 'y', '--json'],
  ]) {
    const command = [process.execPath, main, ...args].map((word) => `'${word}'`).join(' ');
    const { status, stdout } = spawnSync('script', ['-qefc', command, '/dev/null'], {
      cwd: root,
      env: { ...plainEnvironment(), TERM: 'xterm' },
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    expect(stdout).toContain(String.raw`yes\u001b[32m`);
    expectShown(stdout.replaceAll('\r\n', '\n'));
  }
});

test('whatever a text holds, what is shown holds nothing that commands, and is the same when shown again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = visible(text);
      expect(shown).not.toMatch(commanding);
      expect(visible(shown)).toBe(shown);
      expect(shownLine(text)).toBe(shown);
      const quoted = JSON.stringify(text);
      expect(JSON.parse(visible(quoted))).toBe(text);
    }),
  );
  expect(visible('Θ ≈ 1,5 · 日本 🙂 \\u001b')).toBe('Θ ≈ 1,5 · 日本 🙂 \\u001b');
});
