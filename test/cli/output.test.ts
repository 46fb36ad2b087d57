import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { plainEnvironment, root } from '../examples/run-example';
import {
  type Run,
  ended,
  expectFailure,
  fileWriter,
  fitJson,
  main,
  temporaryFolder,
  thalweg,
} from './thalweg';

const inputs = fileWriter(temporaryFolder());
const data = inputs('data.csv', 'x,y\n1,2\n2,4\n3,6\n');
const model = inputs('model.json', '');
const isRoot = process.getuid?.() === 0;

beforeAll(async () => {
  await fitJson([data, '--target', 'y', '--output', model]);
});

const commands = {
  fit: { args: ['fit', data, '--target', 'y'], content: /^\{\n {2}"format": "thalweg-model",.*\n\}\n$/s },
  predict: { args: ['predict', model, data], content: /^prediction\n(\d+(\.\d+)?\n){3}$/ },
};

/** Runs the shell's command line, in which "$@" is that of thalweg. */
async function inShell(script: string, args: readonly string[], cwd: string): Promise<Run> {
  const child = spawn('bash', ['-c', script, 'bash', process.execPath, main, ...args], {
    cwd,
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return await ended(child);
}

describe.each(Object.entries(commands))('%s --output', (_name, { args, content }) => {
  const folder = temporaryFolder();
  const at = (name: string): string => path.join(folder, name);
  const succeeds = async (output: string): Promise<void> => {
    expect(await thalweg([...args, '--output', output, '--quiet'])).toMatchObject({ code: 0, stderr: '' });
  };
  const modeOf = (file: string): number => statSync(file).mode & 0o777;
  afterEach(() => {
    const left = readdirSync(folder).filter((name) => name.startsWith('.'));
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
  });

  test('makes a file as the umask has it, and replaces one with its mode', async () => {
    const file = at('new');
    const made = await inShell('umask 027; "$@"', [...args, '--quiet', '--output', file], folder);
    expect(made.code).toBe(0);
    expect(modeOf(file)).toBe(0o640);
    writeFileSync(file, 'before');
    chmodSync(file, 0o600);
    await succeeds(file);
    expect(readFileSync(file, 'utf8')).toMatch(content);
    expect(modeOf(file)).toBe(0o600);
  });

  test('follows links, to a file elsewhere and to nothing yet, one after the other', async () => {
    mkdirSync(at('elsewhere'));
    writeFileSync(at('elsewhere/there'), 'before');
    chmodSync(at('elsewhere/there'), 0o640);
    symlinkSync('elsewhere/there', at('link'));
    symlinkSync('elsewhere/made', at('dangling'));
    symlinkSync('dangling', at('chain'));
    await succeeds(at('link'));
    await succeeds(at('chain'));
    for (const name of ['there', 'made'])
      expect(readFileSync(at(`elsewhere/${name}`), 'utf8')).toMatch(content);
    expect(modeOf(at('elsewhere/there'))).toBe(0o640);
    for (const name of ['link', 'dangling', 'chain']) expect(lstatSync(at(name)).isSymbolicLink()).toBe(true);
    expect(readdirSync(at('elsewhere')).sort()).toEqual(['made', 'there']);
  });

  test('refuses what is no place for a file, before the work', async () => {
    mkdirSync(at('folder'));
    symlinkSync('folder', at('to-folder'));
    symlinkSync('absent/file', at('to-nowhere'));
    symlinkSync('circle', at('circle'));
    const server = createServer().listen(at('socket'));
    const refusals: [string, RegExp][] = [
      ['folder', /it is a folder/],
      ['to-folder', /it is a folder/],
      ['new-folder/', /it names no file/],
      ['to-nowhere', /ENOENT/],
      ['circle', /ELOOP/],
      ['socket', /it is a socket/],
    ];
    for (const [name, message] of refusals) {
      const output = `${folder}/${name}`;
      const failure = { code: 'ERR_FILE', message, path: output };
      await expectFailure([...args, '--output', output, ...(args[0] === 'fit' ? ['--json'] : [])], failure);
    }
    expect(lstatSync(at('socket')).isSocket()).toBe(true);
    await new Promise((resolve) => server.close(resolve));
  });

  test('writes through to a device, which stays one', async () => {
    // As root never the machine's own.
    const device = isRoot ? at('null') : '/dev/null';
    if (isRoot) execFileSync('mknod', [device, 'c', '1', '3']);
    await succeeds(device);
    expect(lstatSync(device).isCharacterDevice()).toBe(true);
  });

  test('writes through to a FIFO, and waits for its reader', async () => {
    const fifo = at('fifo');
    execFileSync('mkfifo', [fifo]);
    const read = 'exec 3< <(sleep 0.5; cat "$FIFO"); "$@" && cat <&3';
    const { code, stdout } = await inShell(
      `FIFO='${fifo}'; ${read}`,
      [...args, '--quiet', '--output', fifo],
      folder,
    );
    expect(code).toBe(0);
    expect(stdout.slice(stdout.search(args[0] === 'fit' ? /^\{$/m : /^prediction$/m))).toMatch(content);
    expect(lstatSync(fifo).isFIFO()).toBe(true);
  });

  test.each(['-', '/dev/stdout', '/proc/self/fd/1'])(
    '%s is standard output, and the rest goes aside',
    async (output) => {
      for (const to of ['| cat', '> result; code=$?; cat result; exit $code']) {
        const run = await inShell(`set -o pipefail; "$@" ${to}`, [...args, '--output', output], folder);
        expect(run.code).toBe(0);
        expect(run.stdout).toMatch(content);
        expect(run.stderr.includes('Model written to standard output')).toBe(args[0] === 'fit');
      }
    },
  );

  test('a descriptor that the shell has opened is written to', async () => {
    const run = await inShell('"$@" 3> third', [...args, '--quiet', '--output', '/dev/fd/3'], folder);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(at('third'), 'utf8')).toMatch(content);
  });
});

test('a device that takes nothing more is an error, not a file', async () => {
  const output = '/dev/full';
  // The first of Linux's devices that refuses to be written to; only where no rename could harm it.
  const device = isRoot ? path.join(path.dirname(data), 'full') : output;
  if (isRoot) execFileSync('mknod', [device, 'c', '1', '7']);
  await expectFailure(['predict', model, data, '--output', device], { code: 'ERR_FILE', message: /ENOSPC/ });
  expect(lstatSync(device).isCharacterDevice()).toBe(true);
});

test('--json and a model on standard output are wrong usage', async () => {
  const { code, stdout, stderr } = await thalweg(['fit', data, '--target', 'y', '--output', '-', '--json']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/--json and --output would both write to standard output/);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ERR_INVALID_ARGUMENT' } });
});

describe('inputs', () => {
  const folder = temporaryFolder();

  test('what is read is never replaced', async () => {
    const write = fileWriter(folder);
    const table = readFileSync(data, 'utf8');
    const [own, ownModel] = [write('own.csv', table), write('own.json', readFileSync(model))];
    symlinkSync('own.csv', path.join(folder, 'link.csv'));
    const target = ['--target', 'y'];
    for (const [output, args] of [
      [own, ['fit', own, ...target]],
      [path.join(folder, 'link.csv'), ['fit', own, ...target]],
      [own, ['cv', own, ...target, '--folds', '2']],
      [own, ['predict', ownModel, own]],
      [own, ['fit', path.join(folder, 'ow?.csv'), ...target]],
      [own, ['cv', path.join(folder, '*wn.csv'), ...target]],
      [own, ['predict', ownModel, path.join(folder, 'ow?.csv')]],
      [ownModel, ['predict', ownModel, own]],
      [ownModel, ['export', ownModel, '--to', 'js']],
    ] as const) {
      const failure = { code: 'ERR_FILE', message: /it is read, too.*Name another file/, path: output };
      await expectFailure([...args, '--output', output], failure);
    }
    expect(readFileSync(own, 'utf8')).toBe(table);
    expect(readFileSync(ownModel)).toEqual(readFileSync(model));
  });
});

describe('outputs', () => {
  const folder = temporaryFolder();

  test('a model and a page do not share a file', async () => {
    const [page, again] = [path.join(folder, 'fit.html'), `${folder}/./fit.html`];
    const args = ['fit', data, '--target', 'y', '--report', page, '--output', again];
    const { code, stderr } = await thalweg(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--report and --output would both be/);
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('help and the version that cannot be written are an error', async () => {
  for (const asked of ['--help', '--version']) {
    const { code, stderr } = await inShell('"$@" > /dev/full', [asked], path.dirname(data));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^thalweg: ERR_FILE: Cannot write to standard output \(ENOSPC.*\n$/);
  }
});

describe('standard error', () => {
  const folder = temporaryFolder();

  test('what nobody hears on standard error keeps no work from its end', async () => {
    const output = path.join(folder, 'model.json');
    // A note says that y holds counts.
    const counts = inputs('counts.csv', 'x,y\n1,0\n2,0\n3,1\n4,2\n5,5\n');
    const args = ['fit', counts, '--target', 'y', '--output'];
    const heard = await inShell('"$@"', [...args, output], folder);
    expect(heard.stderr).toMatch(/--activation exp/);
    const unheard = await inShell('"$@" 2> /dev/full', [...args, `${output}.2`], folder);
    expect(unheard.code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['model.json', 'model.json.2']);
  });
});

describe('what a killed process left', () => {
  const folder = temporaryFolder();
  const write = fileWriter(folder);
  const name = (pid: number, end = '0123456789abcdef'): string => `.thalweg-${pid}-${end}.tmp`;
  const gone = 999_999_999;
  const yesterday = Date.now() / 1000 - 25 * 60 * 60;

  function left(file: string, time = yesterday): void {
    utimesSync(write(file, 'half'), time, time);
  }

  test('is removed by the next that writes there, if it is old, ours and of nobody alive', async () => {
    left(name(gone));
    const kept = [name(process.pid), name(gone, 'else'), `${name(gone)}.old`, `x${name(gone)}`];
    kept.forEach((file) => {
      left(file);
    });
    left(name(gone, 'fedcba9876543210'), Date.now() / 1000 - 60 * 60);
    mkdirSync(path.join(folder, name(gone, '00000000000000ff')));
    utimesSync(path.join(folder, name(gone, '00000000000000ff')), yesterday, yesterday);
    expect(await thalweg(['predict', model, data, '--output', path.join(folder, 'out.csv')])).toMatchObject({
      code: 0,
    });
    const expected = [...kept, name(gone, 'fedcba9876543210'), name(gone, '00000000000000ff'), 'out.csv'];
    expect(readdirSync(folder).sort()).toEqual(expected.sort());
  });

  test('has a name by which it is known', async () => {
    const here = temporaryFolderNow();
    const slow = path.join(here, 'slow.csv');
    writeFileSync(slow, 'x\n' + '1\n'.repeat(3_000_000));
    const child = spawn(
      process.execPath,
      [main, 'predict', model, slow, '--output', path.join(here, 'out.csv')],
      {
        cwd: root,
        env: plainEnvironment(),
        stdio: 'ignore',
      },
    );
    const isThere = (): string | undefined => readdirSync(here).find((entry) => entry.startsWith('.'));
    while (isThere() === undefined && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.on('close', resolve));
    const [hidden = ''] = readdirSync(here).filter((entry) => entry !== 'slow.csv');
    expect(hidden).toMatch(new RegExp(`^\\.thalweg-${child.pid}-[0-9a-f]{16}\\.tmp$`));
    utimesSync(path.join(here, hidden), yesterday, yesterday);
    expect(await thalweg(['predict', model, data, '--output', path.join(here, 'out.csv')])).toMatchObject({
      code: 0,
    });
    expect(readdirSync(here).sort()).toEqual(['out.csv', 'slow.csv']);
  });

  function temporaryFolderNow(): string {
    const here = path.join(folder, 'killed');
    mkdirSync(here);
    return here;
  }
});

test('a file that may not be written is not replaced', async () => {
  const here = path.join(path.dirname(data), 'closed');
  chmodSync(path.dirname(data), 0o755);
  mkdirSync(here);
  chmodSync(here, 0o777);
  const file = path.join(here, 'closed.json');
  writeFileSync(file, 'before');
  chmodSync(file, 0o444);
  // Root may write everything, so that the test is another user then.
  const drop = isRoot ? ['setpriv', '--reuid', '65534', '--clear-groups', '--'] : [];
  const run = await inShell(`${drop.join(' ')} "$@"`, ['fit', data, '--target', 'y', '--output', file], here);
  expect(run.stderr).toMatch(/ERR_FILE.*EACCES.*closed\.json/);
  expect(run.code).toBe(1);
  expect(readFileSync(file, 'utf8')).toBe('before');
});
