import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BareMachine, cleanEnvironment, output, root, type Finished } from './support';
import { tarballPath } from './tarball';

// y = X·[1, 2] + 3 fitted without an intercept: XᵀX = [[10, 13], [13, 18]], Xᵀy = [54, 73], determinant 11.
const solution = [23 / 11, 28 / 11];
const descent = `batchGradientDescent(
  [[1, 1], [1, 2], [2, 2], [2, 3]], [6, 8, 9, 11], { learningRate: 0.1, iterations: 3000, device: 'cpu' })`;

function expectSolution({ status, stdout, stderr }: Finished): void {
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const theta = JSON.parse(stdout) as number[];
  expect(theta).toHaveLength(2);
  theta.forEach((value, index) => {
    expect(value).toBeCloseTo(solution[index] ?? NaN, 10);
  });
}

describe('the tarball, installed where there is only Node and npm', () => {
  const machine = new BareMachine();

  function write(name: string, text: string): void {
    writeFileSync(path.join(machine.project, name), text);
  }

  beforeAll(() => {
    write('package.json', JSON.stringify({ name: 'user', version: '1.0.0', private: true }));
    machine.install(tarballPath());
  });

  afterAll(() => {
    machine.dispose();
  });

  test('there is no compiler, no Python and no make on that machine', () => {
    const probe = ['c++', 'g++', 'cc', 'python3', 'make', 'cmake'].map((name) => [name, '--version']);
    const script = `const { spawnSync } = require('node:child_process');
      console.log(${JSON.stringify(probe)}.filter(([name, flag]) => !spawnSync(name, [flag]).error).length);`;
    expect(machine.run('node', '-e', script).stdout.trim()).toBe('0');
  });

  test('require loads it and it trains', () => {
    write(
      'required.cjs',
      `const { batchGradientDescent } = require('thalweg');
       ${descent}.then(({ theta }) => console.log(JSON.stringify([...theta])));`,
    );
    expectSolution(machine.run('node', 'required.cjs'));
  });

  test('import loads it by name and it trains', () => {
    write(
      'imported.mjs',
      `import { batchGradientDescent } from 'thalweg';
       const { theta } = await ${descent};
       console.log(JSON.stringify([...theta]));`,
    );
    expectSolution(machine.run('node', 'imported.mjs'));
  });

  test('it loads and trains inside a Jest run, and Jest ends by itself', () => {
    write(
      'thalweg.test.js',
      `const { batchGradientDescent } = require('thalweg');
       test('trains', async () => {
         const { theta } = await ${descent};
         expect(theta[0]).toBeCloseTo(${String(solution[0])}, 10);
         expect(theta[1]).toBeCloseTo(${String(solution[1])}, 10);
       });`,
    );
    const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
    const flags = ['--rootDir', machine.project, '--watchman=false', '--json', '--transform={}'];
    const { status, stdout } = machine.run('node', jest, ...flags);
    const { numPassedTests, numTotalTests } = JSON.parse(stdout) as Record<string, number>;
    expect({ status, numPassedTests, numTotalTests }).toEqual({
      status: 0,
      numPassedTests: 1,
      numTotalTests: 1,
    });
  });

  test('its types resolve for a CommonJS and for an ES module file', () => {
    const body = `const result: Promise<{ theta: Float64Array }> = batchGradientDescent([[1]], [1], {
      learningRate: 'auto', iterations: 1 });\nexport { result };\n`;
    write('typed.cts', `import { batchGradientDescent } from 'thalweg';\n${body}`);
    write('typed.mts', `import { batchGradientDescent } from 'thalweg';\n${body}`);
    const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const flags = ['--noEmit', '--strict', '--module', 'node16', '--target', 'es2022'];
    const libraries = ['--lib', 'es2022,esnext.disposable,dom'];
    const checked = machine.run('node', tsc, ...flags, ...libraries, 'typed.cts', 'typed.mts');
    expect(checked).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('the command works', () => {
    const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
    const command = path.join(machine.project, 'node_modules', '.bin', 'thalweg');
    expect(machine.run('node', command, '--version').stdout.trim()).toBe(manifest.version);
  });
});

describe('the prebuilt binary in the checkout', () => {
  test('is what PREBUILDS_ONLY=1 loads, and it trains', () => {
    const script = `const { batchGradientDescent } = require('./dist/index.js');
      ${descent}.then(({ theta }) => console.log(JSON.stringify({
        theta: [...theta],
        loaded: process.report.getReport().sharedObjects.filter((file) => file.endsWith('thalweg.glibc.node')
          || file.endsWith('thalweg.musl.node') || file.endsWith('thalweg.node')),
      })));`;
    const env = { ...cleanEnvironment(), PREBUILDS_ONLY: '1' };
    const { theta, loaded } = JSON.parse(output(process.execPath, ['-e', script], { env })) as {
      theta: number[];
      loaded: string[];
    };
    expect(loaded).toHaveLength(1);
    expect(path.relative(root, loaded[0] ?? '')).toMatch(/^prebuilds[/]/);
    expect(theta[0]).toBeCloseTo(solution[0] ?? NaN, 10);
    expect(theta[1]).toBeCloseTo(solution[1] ?? NaN, 10);
  });
});
