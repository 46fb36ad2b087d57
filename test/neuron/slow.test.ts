import { thalweg as run, fileWriter, temporaryFolder } from '../cli/thalweg';
import { root } from '../examples/run-example';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const write = fileWriter(temporaryFolder());

/** The warnings of a process that runs a program over the built package. */
async function warnings(program: string): Promise<string> {
  const script = `const { batchGradientDescent, Neuron } = require('./dist');\n(async () => { ${program} })();`;
  return (await promisify(execFile)(process.execPath, ['-e', script], { cwd: root })).stderr;
}

const rows = 'const X = Array.from({ length: 50 }, (_, i) => [1e4 + Math.sin(i), Math.cos(i)]);';
const targets = 'const y = X.map(([a, b]) => 2 * a + b);';
const options = "{ learningRate: 'auto', iterations: 1000, fitIntercept: true, device: 'cpu' }";

test('features at 10000 ± 1 warn, once, that they keep an auto rate from them', async () => {
  const said = await warnings(
    `${rows} ${targets} for (let k = 0; k < 3; k += 1) await batchGradientDescent(X, y, ${options});`,
  );
  expect(said).toMatch(
    /\[THALWEG_SLOW_DESCENT\] Warning: a stable rate is too small for column 0 of X, whose mean/,
  );
  expect(said.match(/THALWEG_SLOW_DESCENT/g)).toHaveLength(1);
});

test.each([
  [
    'a rate of its own',
    `${rows} ${targets} await batchGradientDescent(X, y, { ...${options}, learningRate: 1e-9 });`,
  ],
  [
    'features of one size',
    `${rows.replace('1e4', '1')} ${targets} await batchGradientDescent(X, y, ${options});`,
  ],
  [
    'standardize',
    `${rows} ${targets} await new Neuron({ inputs: 2 }).fit(X, y, { ...${options}, strategy: 'batch', standardize: true });`,
  ],
])('%s does not warn', async (_, program) => {
  expect(await warnings(program)).toBe('');
});

test('the command line notes it where features are not standardized', async () => {
  const lines = Array.from({ length: 50 }, (_, i) => `${1e4 + Math.sin(i)},${Math.cos(i)},${(i % 7) / 2}\n`);
  const file = write('far.csv', `a,b,y\n${lines.join('')}`);
  const raw = await run([
    'fit',
    file,
    '--target',
    'y',
    '--device',
    'cpu',
    '--optimizer',
    'sgd',
    '--no-standardize',
  ]);
  expect(raw.stderr).toMatch(
    /a stable rate is too small for the column "a", whose mean is 10000 and .* steps, and the descent takes 10000 at most. Leave --no-standardize out/,
  );
  expect(raw.stderr).not.toContain('Warning');
  const scaled = await run(['fit', file, '--target', 'y', '--device', 'cpu']);
  expect(scaled.stderr).toBe('');
});
