import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { plainEnvironment, root } from './run-example';

// What the benchmark beside peers prints and refuses; no test asserts a time.

function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const script = path.join(root, 'bench', 'peers.mjs');
  return spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: plainEnvironment(),
  });
}

interface Result {
  readonly case: string;
  readonly device: string;
  readonly columns: number;
  readonly bytes: number;
  readonly difference: number;
  readonly contenders: Readonly<Record<string, { readonly seconds: number }>>;
  readonly ratios: readonly { readonly against: string; readonly figure: number }[];
}

interface BenchRecord {
  readonly missing: Readonly<Record<string, string>>;
  readonly failed: Readonly<Record<string, string>>;
  readonly results: readonly Result[];
}

const python = '/usr/bin/python3';
const hasNumPy = spawnSync(python, ['-c', 'import numpy']).status === 0;
const briefly = ['--sizes', '8,20', '--mebibytes', '1', '--rounds', '1', '--seconds', '0.01', '--json'];

test('an unknown case is refused with those there are', () => {
  const { status, stdout, stderr } = bench('--cases', 'pass,nosuch');
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^there is no case nosuch; there are pass, pass-optimizers, softmax-pass, /);
});

test('a peer that is missing is named, with how to install it, and the others go on', () => {
  const { status, stdout, stderr } = bench('--cases', 'pass', '--python', '/bin/false', ...briefly);
  const { missing, failed, results } = JSON.parse(stdout) as BenchRecord;
  expect(stderr).toMatch(/^NumPy is left out: .+\n +To install it: .*apt-get install python3-numpy/m);
  expect(missing).toMatchObject({ numpy: expect.stringContaining('python3-numpy') as unknown });
  expect([status, failed]).toEqual([0, {}]);
  expect(results.map(({ contenders }) => contenders)).toEqual([
    expect.not.objectContaining({ numpy: expect.anything() as unknown }),
    expect.not.objectContaining({ numpy: expect.anything() as unknown }),
  ]);
});

// eslint-disable-next-line jest/valid-title -- what can be seen differs from machine to machine
test(hasNumPy ? 'every device and NumPy come to the same θ' : `${python} without NumPy is named`, () => {
  const cases = ['--cases', 'pass,opencl,outputs-pass', '--peers', 'numpy'];
  const { status, stdout } = bench(...cases, ...briefly);
  expect(status).toBe(0);
  const { missing, results } = JSON.parse(stdout) as BenchRecord;
  expect(Object.keys(missing)).toEqual(hasNumPy ? [] : ['numpy']);
  expect(results.slice(0, 2).map(({ device, columns, bytes }) => [device, columns, bytes])).toEqual([
    ['cpu', 8, 1048576 + 4 * 32768],
    ['cpu', 20, 1048560 + 4 * 13107],
  ]);
  for (const { difference, contenders, ratios } of results) {
    expect(difference).toBeLessThan(1e-4);
    for (const { seconds } of Object.values(contenders)) expect(seconds).toBeGreaterThan(0);
    for (const { figure } of ratios) expect(figure).toBeGreaterThan(0);
    expect(Object.keys(contenders).includes('numpy')).toBe(hasNumPy);
  }
});
