import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { allConfigurations } from '../support/each-device';
import { cleanEnd, forked, programsOf } from '../support/forked';

const program = programsOf(__dirname);

const devices = allConfigurations.filter(({ thorough }) => thorough);

describe.each(devices)('the end of a process on $title', ({ info, environment }) => {
  const { id } = info;

  it.each([
    'process.exit during the listing',
    'process.exit while a device opens',
    'process.exit during an upload',
    'process.exit during a descent',
    'process.exit in onProgress',
  ])('leaves its own exit code: %s', async (stage) => {
    expect(await forked(program('exit.cjs'), [stage, id], environment)).toMatchObject({
      code: 3,
      signal: null,
      stderr: '',
    });
  });

  it('comes by itself, with a device left open', async () => {
    const ending = await forked(program('exit.cjs'), ['device left open', id], environment);
    expect(ending).toMatchObject({ code: 0, signal: null, stdout: '1\n', stderr: '' });
  });

  it('is that of an uncaught exception during a descent', async () => {
    const ending = await forked(
      program('exit.cjs'),
      ['an uncaught exception during a descent', id],
      environment,
    );
    expect(ending).toMatchObject({ code: 1, signal: null });
    expect(ending.stderr).toContain('Error: uncaught');
  });

  it('is that of a descent which nobody caught', async () => {
    const ending = await forked(
      program('exit.cjs'),
      ['an unhandled rejection of a descent', id],
      environment,
    );
    expect(ending).toMatchObject({ code: 1, signal: null });
    expect(ending.stderr).toContain('ERR_DIVERGED');
  });

  it('is not hurried by a matrix disposed of while a descent uses it', async () => {
    const ending = await forked(
      program('exit.cjs'),
      ['a matrix collected during a descent', id],
      environment,
    );
    expect(ending).toMatchObject({ code: 0, signal: null, stdout: 'stopped\n', stderr: '' });
  });

  it('survives workers that train, end and are terminated in a descent', async () => {
    const ending = await forked(program('workers.cjs'), [id, '20'], environment);
    expect(ending).toMatchObject({ code: 0, signal: null, stderr: '' });
    const said = JSON.parse(ending.stdout) as string[];
    expect(said).toHaveLength(20);
    expect(said.filter((word) => word === 'running')).toHaveLength(5);
    expect(said.filter((word) => word === '2.000000')).toHaveLength(15);
  });
});

describe.each(devices)('threads on $title', ({ info, environment }) => {
  it('may end as workers at any moment, whatever they are about', async () => {
    const ending = await forked(program('terminations.cjs'), [info.id, '48'], environment);
    expect(ending).toMatchObject({ code: 0, signal: null, stdout: '48\n', stderr: '' });
  });

  it('are as few after many devices as after one, and one set for all who share a device', async () => {
    const ending = await forked(program('threads.cjs'), [info.id], environment);
    expect(ending).toMatchObject({ code: 0, signal: null, stderr: '' });
    const counts = JSON.parse(ending.stdout) as Record<'once' | 'often' | 'shared' | 'crowded', number>;
    expect(counts.often).toBeLessThanOrEqual(counts.once);
    expect(counts.crowded).toBe(counts.shared);
  });

  it('are one set, too, where those who share a device begin together', async () => {
    const ending = await forked(program('threads.cjs'), [info.id, 'together'], environment);
    expect(ending).toMatchObject({ code: 0, signal: null, stderr: '' });
    const { first, second } = JSON.parse(ending.stdout) as { first: number; second: number };
    // The device's thread, the survey's, the pool's or the driver's: not ten times as many.
    expect(first).toBeLessThan(20);
    expect(second).toBe(first);
  });
});

it('says that the system gives no more threads, and goes on when it does', async () => {
  const spool = mkdtempSync(path.join(tmpdir(), 'thalweg-no-thread-'));
  chmodSync(spool, 0o777);
  try {
    const environment = { THALWEG_SPOOL: spool, THALWEG_SPOOL_MEMORY: '0', THALWEG_DEVICE: 'cpu' };
    const ending = await forked(program('no-thread.cjs'), [], environment);
    expect(ending).toMatchObject(cleanEnd);
    const message = expect.stringMatching(/no room for another thread/) as string;
    const failure = { name: 'ThalwegError', code: 'ERR_OUT_OF_MEMORY', message };
    expect(JSON.parse(ending.stdout)).toEqual({
      ...{ failures: [failure, failure], count: 64, short: expect.closeTo(2, 5) as number },
    });
  } finally {
    rmSync(spool, { recursive: true });
  }
});

it('loads again when its modules are forgotten', async () => {
  const ending = await forked(program('reload.cjs'));
  expect(ending).toMatchObject({ code: 0, signal: null, stderr: '', stdout: '2.000000\n'.repeat(3) });
});

const doctor = path.join('dist', 'doctor', 'index.js');

it('waits, when it loads the package, for no other package, no addon and nothing that only some calls need', async () => {
  const ending = await forked(program('loaded.cjs'));
  expect(ending).toMatchObject({ code: 0, signal: null, stderr: '' });
  const files = JSON.parse(ending.stdout) as string[];
  expect(files).toContain(path.join('dist', 'index.js'));
  expect(files.filter((file) => path.dirname(file).split(path.sep)[0] !== 'dist')).toEqual([]);
  // Rooms that no call of the API needs at once; of the doctor's, only what requires the rest when it is asked.
  const unused = ['cli', 'measure', 'tables', 'model-files', 'jest', 'doctor'];
  const rooms = files.map((file) => path.dirname(path.relative('dist', file)).split(path.sep)[0] ?? '');
  expect(files.filter((file, at) => unused.includes(rooms[at] ?? '') && file !== doctor)).toEqual([]);
  const later = ['native-loader', 'auto-device', 'plan', 'standardize', 'environment'];
  expect(files.filter((file) => later.includes(path.basename(file, '.js')))).toEqual([]);
});

it('gives the memory of forgotten matrices back', async () => {
  const ending = await forked(program('memory.cjs'));
  expect(ending).toMatchObject({ code: 0, signal: null, stderr: '' });
  // Thirty were made and forgotten.
  expect(Number(ending.stdout)).toBeLessThan(5);
});
