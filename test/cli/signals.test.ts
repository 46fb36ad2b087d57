import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { plainEnvironment, root } from '../examples/run-example';
import { expectFailure, fileWriter, fitJson, main, temporaryFolder } from './thalweg';

const write = fileWriter(temporaryFolder());
const data = write('data.csv', 'x,y\n1,2\n2,4\n3,6\n');
const long = write('long.csv', 'x,y\n' + '1,2\n2,4\n'.repeat(300_000));
const model = write('model.json', '');
const folder = temporaryFolder();
const fifo = path.join(folder, 'fifo');

beforeAll(async () => {
  await fitJson([data, '--target', 'y', '--output', model]);
  execFileSync('mkfifo', [fifo]);
});

const start = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [main, ...args], { cwd: root, env: plainEnvironment() });

async function endOf(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  const ending = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
  const result = await ending;
  child.stdout?.destroy();
  return result;
}

/** A command that nobody listens to any more, when what it says has begun to wait. */
async function unheard(): Promise<ChildProcess> {
  const child = start('predict', model, long);
  // Asks for a first part, and takes nothing.
  child.stdout?.once('readable', () => undefined);
  while ((child.stdout?.readableLength ?? 0) < 16_384) await pause(20);
  return child;
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends a command whose output nobody reads', async (signal) => {
  const child = await unheard();
  child.kill(signal);
  expect(await endOf(child)).toEqual({ code: null, signal });
});

test('a second Ctrl-C ends it at once, by the signal', async () => {
  const child = await unheard();
  child.kill('SIGINT');
  await pause(100);
  child.kill('SIGINT');
  expect(await endOf(child)).toEqual({ code: null, signal: 'SIGINT' });
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends the wait for the reader of a FIFO', async (signal) => {
  const child = start('predict', model, data, '--output', fifo);
  // A line of the work before it: by then the FIFO is waited for, or about to be.
  await pause(1500);
  child.kill(signal);
  expect(await endOf(child)).toEqual({ code: signal === 'SIGINT' ? 130 : 143, signal: null });
});

test('two of them leave no temporary file behind', async () => {
  const output = path.join(folder, 'predictions.csv');
  const child = start('predict', model, long, '--output', output);
  const hidden = (): string[] => readdirSync(folder).filter((name) => name !== 'fifo');
  while (hidden().length === 0) await pause(5);
  expect(hidden()).toEqual([expect.stringMatching(/^\.thalweg-\d+-[0-9a-f]{16}\.tmp$/)]);
  child.kill('SIGINT');
  child.kill('SIGINT');
  await endOf(child);
  expect(hidden()).toEqual([]);
});

test.each([
  ['predict', 'a model', /it is a FIFO, and no regular file/, (): string[] => [fifo, data]],
  ['evaluate', 'a model', /it is a FIFO, and no regular file/, (): string[] => [fifo, data]],
  ['predict', 'data', /is not a file but a FIFO/, (): string[] => [model, fifo]],
  ['fit', 'data', /is not a file but a FIFO/, (): string[] => [fifo, '--target', 'y']],
  ['predict', 'a model', /it is a character device/, (): string[] => ['/dev/zero', data]],
])('%s refuses a FIFO or a device for %s at once', async (command, _what, message, args) => {
  await expectFailure([command, ...args()], { code: 'ERR_FILE', message });
});
