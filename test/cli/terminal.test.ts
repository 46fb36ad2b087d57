import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import stringWidth from 'string-width';
import { plainEnvironment, root } from '../examples/run-example';
import { data, fileWriter, main, temporaryFolder, thalweg } from './thalweg';

const folder = temporaryFolder();
const write = fileWriter(temporaryFolder());
// Classes that a line parts: the log loss falls as 1/t without end, so that after t epochs it still
// changes by 1/t of itself, and no processor is quick enough to see it stand still.
const parted = write('parted.csv', 'x,above\n' + '-1,0\n1,1\n'.repeat(10_000));
const endless = [
  ...['fit', parted, '--target', 'above', '--activation', 'sigmoid'],
  ...['--strategy', 'stochastic', '--epochs', '100000000', '--learning-rate', '0.001', '--device', 'cpu'],
];

/** The command line on a terminal, which `script` of util-linux makes: its exit code and all it showed. */
async function onTerminal(
  args: readonly string[],
  interruptAt?: RegExp,
  columns?: number,
): Promise<{ code: number | null; shown: string }> {
  const command = [process.execPath, main, ...args].map((word) => `'${word}'`).join(' ');
  const sized = columns === undefined ? command : `stty cols ${columns}; ${command}`;
  const child = spawn('script', ['-qefc', sized, '/dev/null'], {
    cwd: root,
    env: { ...plainEnvironment(), TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  let interrupted = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    if (interruptAt?.test(shown) === true && !interrupted) {
      interrupted = true;
      child.stdin.write('\u0003');
    }
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  child.stdin.destroy();
  return { code, shown };
}

// `script` of util-linux makes the terminal; where it is missing these tests fail and name it.
describe('on a terminal', () => {
  test('a bar shows the reading and the training, and goes when they are done', async () => {
    const { code, shown } = await onTerminal(['fit', data('diabetes.csv'), '--target', 'progression']);
    expect(code).toBe(0);
    expect(shown).toMatch(/Reading .*442\/442 rows/);
    expect(shown).toMatch(/Training .*\/10000 iterations/);
    // The cursor is shown again, and the last bar wiped, before the result.
    expect(shown.lastIndexOf('\u001b[?25h')).toBeGreaterThan(shown.lastIndexOf('\u001b[?25l'));
    expect(shown.lastIndexOf('Training')).toBeLessThan(shown.indexOf('R² 0.51'));
  });

  test('tables fit into 40 columns, and stay aligned beside wide characters and long names', async () => {
    const header = ['幅', 'e\u0301', 'a name that is far longer than anything', 'c', 'k'].join(',');
    const lines = Array.from({ length: 60 }, (_, i) =>
      [i % 7, (i * i) % 5, i % 3, i % 11, '犬猫鳥'[i % 3]].join(','),
    );
    const wide = write('wide.csv', [header, ...lines].join('\n'));
    const args = ['fit', wide, '--target', 'k', '--l2', '0.1', '--device', 'cpu', '--quiet'];
    const { code, shown } = await onTerminal(args, undefined, 40);
    expect(code).toBe(0);
    // eslint-disable-next-line no-control-regex -- colours
    const plain = shown.replaceAll(/\u001b\[[\d;]*m/g, '').split(/\r?\n/);
    const from = plain.findIndex((line) => line.startsWith('  column'));
    const table = plain.slice(
      from,
      plain.findIndex((line, at) => at > from && line.includes('To keep it')),
    );
    const names = ['幅', 'e\u0301', '(intercept)'];
    expect(table.filter((line) => line.startsWith('  column'))).not.toHaveLength(0);
    for (const name of names)
      expect(table.filter((line) => line.startsWith(`  ${name} `)).length).toBeGreaterThan(0);
    expect(table.join('\n')).toMatch(/^ {2}a name .*…/m);
    for (const line of plain.slice(plain.findIndex((one) => one.startsWith('  trained on'))))
      expect(stringWidth(line)).toBeLessThanOrEqual(
        line.startsWith('  ROC') || line.startsWith('  log') ? 200 : 40,
      );
    // Numbers end at one place, whatever stands before them.
    const ends = table.filter((line) => /\d$/.test(line)).map((line) => stringWidth(line));
    expect(new Set(ends).size).toBeLessThanOrEqual(2);
  });

  test('--quiet and --json show none', async () => {
    for (const option of ['--quiet', '--json']) {
      const { code, shown } = await onTerminal([
        'fit',
        data('diabetes.csv'),
        '--target',
        'progression',
        option,
      ]);
      expect(code).toBe(0);
      expect(shown).not.toMatch(/Reading|Training/);
    }
  });

  test('the doctor marks its findings in colours', async () => {
    const { shown } = await onTerminal(['doctor']);
    expect(shown).toContain('\u001b[32m✓\u001b[39m The compiled addon is loaded');
    expect(shown).toContain('\u001b[2mADDON_READY\u001b[22m');
  });

  test('Ctrl-C during training ends with 130 and gives the cursor back', async () => {
    const model = path.join(folder, 'terminal.json');
    const { code, shown } = await onTerminal(
      [...endless, '--output', model],
      /Training .*[1-9]\d*\/100000000 epochs/,
    );
    expect(code).toBe(130);
    expect(shown).toMatch(/Stopped; nothing was written\./);
    expect(shown.lastIndexOf('\u001b[?25h')).toBeGreaterThan(shown.lastIndexOf('\u001b[?25l'));
    expect(existsSync(model)).toBe(false);
  });
});

test('in a pipe there is no bar', async () => {
  const { code, stderr } = await thalweg(['fit', data('diabetes.csv'), '--target', 'progression']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

/** A module that sends its process a Ctrl-C some time after it began to listen for one. */
function interrupting(milliseconds: number): string[] {
  const send = `setTimeout(() => process.kill(process.pid, 'SIGINT'), ${milliseconds}).unref()`;
  const listen = `process.on('newListener', (name) => { if (name === 'SIGINT') ${send}; });\n`;
  return ['--require', write(`interrupt-${milliseconds}.cjs`, listen)];
}

// While the data are opened, while they are read, while the neuron is trained.
test.each([0, 100, 2000])(
  'Ctrl-C after %i ms of work ends with 130 and leaves no model',
  async (milliseconds) => {
    const model = path.join(folder, 'model.json');
    const nodeArguments = interrupting(milliseconds);
    const { code, stdout, stderr } = await thalweg([...endless, '--output', model, '--json'], {
      nodeArguments,
    });
    expect({ code, stdout, stderr }).toEqual({
      code: 130,
      stdout: '',
      stderr: 'Stopped; nothing was written.\n',
    });
    expect(readdirSync(folder)).toEqual([]);
  },
);

test('a reader that leaves early ends it quietly', () => {
  const command = `set -o pipefail; '${process.execPath}' '${main}' --help | head -n 1`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], {
    encoding: 'utf8',
    env: plainEnvironment(),
  });
  expect({ status, stdout, stderr }).toEqual({
    status: 0,
    stdout: 'Usage: thalweg [options] [command]\n',
    stderr: '',
  });
});
