import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BareMachine, type Finished, root, run } from './support';
import { tarballPath } from './tarball';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

// The least squares of it are exact: y = 2·x.
const suite = `
  describeOnEachDevice('a line', (under) => {
    test('is found', async () => {
      const options = { learningRate: 0.1, iterations: 200 };
      const found = await batchGradientDescent([[1], [2]], [2, 4], { ...options, device: under.device });
      expect(found.device).toBe(under.id);
      expect(found.theta).toBeCloseToArray([2], { relative: 1e-6 });
    });

    test('is found on a device of its own', async () => {
      const device = await under.open();
      expect(device.info).toEqual(under.info);
      const X = await device.matrix([[1], [2]]);
      const found = await batchGradientDescent(X, [2, 4], { learningRate: 'auto', iterations: 200 });
      expect(found.theta).toBeCloseToArray([2], { relative: 1e-6 });
    });
  });
`;

describe('thalweg/jest in a project with the packed tarball', () => {
  const machine = new BareMachine();

  function write(name: string, text: string): void {
    writeFileSync(path.join(machine.project, name), text);
  }

  /** Lets the project find packages of this checkout, as if it had installed them. */
  function lend(...packages: string[]): void {
    for (const name of packages) {
      const link = path.join(machine.project, 'node_modules', name);
      mkdirSync(path.dirname(link), { recursive: true });
      symlinkSync(path.join(root, 'node_modules', name), link);
    }
  }

  function jest(config: object, environment: Readonly<Record<string, string>> = {}): Finished & Report {
    const program = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
    const settings = JSON.stringify({
      rootDir: machine.project,
      transform: {},
      // The first descent on a device compiles its kernels.
      testTimeout: 60_000,
      ...config,
    });
    const args = [program, '--config', settings, '--watchman=false', '--json'];
    const env = { ...machine.environment, ...environment };
    const finished = run('node', args, { cwd: machine.project, env });
    if (finished.stdout === '') throw new Error(`Jest ended without a report: ${JSON.stringify(finished)}`);
    return { ...finished, ...(JSON.parse(finished.stdout) as Report) };
  }

  const tests = ({ testResults }: Report) => testResults.flatMap(({ assertionResults }) => assertionResults);

  beforeAll(() => {
    write('package.json', JSON.stringify({ name: 'user', version: '1.0.0', private: true }));
    machine.install(tarballPath());
    const imports = `const { batchGradientDescent } = require('thalweg');
      const { describeOnEachDevice } = require('thalweg/jest');`;
    write('globals.test.js', `${imports}\n${suite}`);
    write('imported.test.js', `const { expect, test } = require('@jest/globals');\n${imports}\n${suite}`);
  });

  afterAll(() => {
    machine.dispose();
  });

  test('runs a suite on every device, whose titles name it', () => {
    const report = jest({ testMatch: ['**/globals.test.js'] });
    expect(report.status).toBe(0);
    const listed = machine.run(
      'node',
      '-p',
      `require('thalweg').devices().then((list) =>
      console.log(JSON.stringify(list.map(({ id, name }) => id + ' [' + name + ']'))))`,
    );
    const devices = JSON.parse(listed.stdout.split('\n')[1] ?? '') as string[];
    expect(tests(report).map(({ fullName }) => fullName)).toEqual(
      devices.flatMap((device) => [
        `a line: ${device} is found`,
        `a line: ${device} is found on a device of its own`,
      ]),
    );
    expect(tests(report).filter(({ status }) => status !== 'passed')).toEqual([]);
  });

  test('does so without global functions too', () => {
    const report = jest({ testMatch: ['**/imported.test.js'], injectGlobals: false });
    expect(report.status).toBe(0);
    expect(report.numFailedTests).toBe(0);
    expect(report.numPassedTests).toBeGreaterThanOrEqual(2);
  });

  test('serves as a set-up file, by which the matcher is everywhere', () => {
    write('matcher.test.js', `test('is there', () => { expect([1]).toBeCloseToArray([1]); });`);
    const config = { testMatch: ['**/matcher.test.js'], setupFilesAfterEnv: ['thalweg/jest'] };
    expect(jest(config)).toMatchObject({ status: 0, numPassedTests: 1, numFailedTests: 0 });
  });

  test('fails for a device that THALWEG_REQUIRE names and that is missing, and runs on the others', () => {
    const report = jest({ testMatch: ['**/globals.test.js'] }, { THALWEG_REQUIRE: 'cpu, hip:99' });
    expect(report.status).toBe(1);
    const failed = tests(report).filter(({ status }) => status === 'failed');
    expect(failed.map(({ fullName }) => fullName)).toEqual(['a line: hip:99 is on this machine']);
    expect(failed[0]?.failureMessages[0]).toMatch(
      /ThalwegError: THALWEG_REQUIRE asks for 'hip:99', and this machine has cpu/,
    );
    expect(report.numPassedTests).toBeGreaterThanOrEqual(2);
  });

  test('refuses what THALWEG_REQUIRE cannot mean', () => {
    const report = jest({ testMatch: ['**/globals.test.js'] }, { THALWEG_REQUIRE: 'cuda' });
    expect(report.status).toBe(1);
    expect(report.testResults[0]?.message).toContain('THALWEG_REQUIRE must be one of');
  });

  test('says what it is for outside Jest', () => {
    const { status, stderr } = machine.run('node', '-e', `require('thalweg/jest')`);
    expect(status).toBe(1);
    expect(stderr).toContain('thalweg/jest is for test files that Jest runs');
  });

  const typed = `
    describeOnEachDevice('typed', (under) => {
      test('is', async () => {
        const device: Device = await under.open();
        expect(new Float32Array(1)).toBeCloseToArray([0], { absolute: 1 });
        expect([0]).not.toBeCloseToArray(Float64Array.of(1));
        await expect(Promise.resolve([0])).resolves.toBeCloseToArray([0]);
        // @ts-expect-error a tolerance that there is not
        expect([0]).toBeCloseToArray([0], { decimals: 1 });
        await device.close();
      });
    });
  `;
  const imports = `import type { Device } from 'thalweg';\nimport { describeOnEachDevice } from 'thalweg/jest';`;

  /** Checks one file, the package's own declarations included. */
  function check(file: string, ...more: string[]): Finished {
    const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const flags = ['--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2022,esnext.disposable,dom'];
    return machine.run('node', tsc, ...flags, ...more, file);
  }

  const node16 = ['--module', 'node16'];

  test('has types where no package of Jest can be found from it', () => {
    write(
      'alone.cts',
      `import { type Closeness, toBeCloseToArray } from 'thalweg/jest';
      export const closeness: Closeness = { relative: 1 };\nexport const name: string = toBeCloseToArray.name;\n`,
    );
    expect(check('alone.cts', ...node16)).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('has types for global functions and for imported ones', () => {
    lend('@types/jest', '@jest/globals', 'expect');
    const passed = { status: 0, stdout: '', stderr: '' };
    write('globals.cts', `${imports}\n${typed}`);
    expect(check('globals.cts', ...node16, '--types', 'jest', '--skipLibCheck')).toEqual(passed);
    write('imported.cts', `import { expect, test } from '@jest/globals';\n${imports}\n${typed}`);
    expect(check('imported.cts', ...node16, '--skipLibCheck')).toEqual(passed);
  });
});
