import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { plainEnvironment, root } from './run-example';

// What the benchmark prints and refuses; no test asserts a time.

function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const script = path.join(root, 'bench', 'fused-pass.mjs');
  return spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: plainEnvironment(),
  });
}

const withoutNumPy = /has no NumPy to compare with\. [^]*apt-get install python3-numpy libopenblas0-pthread/;

test('a Python without NumPy is named, with how to install it', () => {
  const { status, stdout, stderr } = bench('--python', '/bin/false');
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^\/bin\/false has no NumPy/);
  expect(stderr).toMatch(withoutNumPy);
});

const python = '/usr/bin/python3';
const hasNumPy = spawnSync(python, ['-c', 'import numpy']).status === 0;

// eslint-disable-next-line jest/valid-title -- what can be seen differs from machine to machine
test(hasNumPy ? 'every device and NumPy come to the same θ' : `${python} without NumPy is named`, () => {
  const { status, stdout, stderr } = bench('--sizes', '8,20', '--mebibytes', '1', '--rounds', '1', '--json');
  const expected = hasNumPy
    ? { status: 0, stderr: /^n = 8: 32768 rows…/ }
    : { status: 1, stderr: withoutNumPy };
  expect(stderr).toMatch(expected.stderr);
  expect(status).toBe(expected.status);
  const { devices, results } = JSON.parse(stdout || '{"devices":[],"results":[]}') as {
    devices: { id: string }[];
    results: { columns: number; bytes: number; devices: { device: string; difference: number }[] }[];
  };
  expect(results.map(({ columns, bytes }) => [columns, bytes])).toEqual(
    hasNumPy
      ? [
          [8, 1048576],
          [20, 1048560],
        ]
      : [],
  );
  for (const result of results) {
    expect(result.devices.map(({ device }) => device)).toEqual(devices.map(({ id }) => id));
    for (const { difference } of result.devices) expect(difference).toBeLessThan(1e-4);
  }
});
