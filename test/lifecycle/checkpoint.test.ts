import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type TrainingState,
  batchGradientDescent,
  readCheckpoint,
  stochasticGradientDescent,
} from '../../lib';
import type { FullState } from '../../lib/engine/state';
import { expectRejection } from '../support/expectations';
import { forked, programsOf } from '../support/forked';

const program = programsOf(__dirname)('checkpoint.cjs');
const folder = mkdtempSync(path.join(tmpdir(), 'thalweg-checkpoint-'));
const kills = 20;

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const X = [
  [1, 1],
  [1, 2],
  [2, 2],
  [2, 3],
];
const y = [6, 8, 9, 11];
const options = { learningRate: 0.1, iterations: 50, device: 'cpu' } as const;

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Starts the program, lets it write at least once, and kills it some time after. */
async function killed(file: string, delay: number): Promise<NodeJS.Signals | null> {
  const before = changedAt(file);
  const child = spawn(process.execPath, [program, file, 'cpu'], { stdio: 'ignore' });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.on('exit', (_, signal) => {
      resolve(signal);
    });
  });
  while (changedAt(file) === before && child.exitCode === null) await pause(2);
  await pause(delay);
  child.kill('SIGKILL');
  return await ended;
}

test(`${kills} kills leave a whole file each time, and going on from it gives the bits of one run`, async () => {
  const file = path.join(folder, 'killed.json');
  let passes = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    expect(await killed(file, (kill * 37) % 97)).toBe('SIGKILL');
    const state = await readCheckpoint(file);
    expect(state.passes).toBeGreaterThanOrEqual(passes);
    passes = state.passes;
  }
  // Some of them were far enough apart for whole epochs.
  expect(passes).toBeGreaterThan(0);
  const goneOn = await forked(program, [file, 'cpu']);
  const atOnce = await forked(program, [path.join(folder, 'at-once.json'), 'cpu']);
  expect([goneOn.stderr, atOnce.stderr]).toEqual(['', '']);
  expect(JSON.parse(goneOn.stdout)).toEqual(JSON.parse(atOnce.stdout));
});

test('a checkpoint holds the state at the end, and nothing is left beside it', async () => {
  const inside = mkdtempSync(path.join(folder, 'end-'));
  const file = path.join(inside, 'state.json');
  const { state } = await batchGradientDescent(X, y, { ...options, checkpoint: { path: file } });
  const { checksum, ...read } = (await readCheckpoint(file)) as FullState;
  expect(read).toEqual(state);
  expect(checksum).toMatch(/^[0-9a-f]{64}$/);
  expect(readdirSync(inside)).toEqual(['state.json']);
  // What JSON.parse gives does as well.
  const resumeFrom = JSON.parse(readFileSync(file, 'utf8')) as TrainingState;
  const whole = await batchGradientDescent(X, y, { ...options, iterations: 80 });
  const rest = await batchGradientDescent(X, y, { ...options, iterations: 30, resumeFrom });
  expect(rest.theta).toEqual(whole.theta);
});

test('states are kept while a descent runs, and the event loop turns', async () => {
  const file = path.join(folder, 'running.json');
  let writes = 0;
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
    if (changedAt(file) > 0) writes += 1;
  }, 1);
  const rows = Array.from({ length: 20_000 }, (_, i) => [Math.sin(i), Math.cos(i)]);
  const descent = await stochasticGradientDescent(
    rows,
    rows.map(([a = 0]) => a),
    { learningRate: 1e-3, epochs: 500, seed: 1, device: 'cpu', checkpoint: { path: file, everySeconds: 0 } },
  );
  clearInterval(timer);
  expect(writes).toBeGreaterThan(0);
  expect(turns).toBeGreaterThan(10);
  expect(descent.state.passes).toBe(500);
});

describe('a checkpoint that cannot be', () => {
  it('written is refused before the descent', async () => {
    const checkpoint = { path: path.join(folder, 'not', 'there.json') };
    await expectRejection(batchGradientDescent(X, y, { ...options, checkpoint }), {
      code: 'ERR_FILE',
      message: /Cannot write .*there\.json/,
    });
  });

  it('found is an error of its own', async () => {
    await expectRejection(readCheckpoint(path.join(folder, 'none.json')), {
      code: 'ERR_FILE',
      message: /There is no checkpoint/,
    });
  });

  it.each<[string, (text: string) => string]>([
    ['empty', () => ''],
    ['cut short', (text) => text.slice(0, text.length / 2)],
    ['of another kind', () => '{"weights":[1]}'],
    ['changed in a number', (text) => text.replace('"steps":50', '"steps":51')],
    [
      'changed in a weight',
      (text) =>
        text.replace(/("theta":.*?"data":")(.)/, (_, head, first) => `${head}${first === 'A' ? 'B' : 'A'}`),
    ],
    ['without its checksum', (text) => text.replace(/,"checksum":"[^"]*"/, '')],
  ])('trusted is refused: %s', async (name, change) => {
    const file = path.join(folder, 'whole.json');
    await batchGradientDescent(X, y, { ...options, checkpoint: { path: file } });
    const text = readFileSync(file, 'utf8');
    const changed = change(text);
    expect(changed).not.toBe(text);
    const bad = path.join(folder, `${name}.json`);
    writeFileSync(bad, changed);
    await expectRejection(readCheckpoint(bad), {
      code: 'ERR_STATE',
      path: bad,
      message: /is no whole checkpoint/,
    });
  });
});
