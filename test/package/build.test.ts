import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BareMachine, cleanEnvironment, run } from './support';
import { tarballPath } from './tarball';

// A machine that the package carries no binary for is one whose prebuilds folder holds none.
describe('an installed package without a binary that fits', () => {
  const machine = new BareMachine();
  const installed = path.join(machine.project, 'node_modules', 'thalweg');
  const command = path.join(machine.project, 'node_modules', '.bin', 'thalweg');
  const load = [
    '-e',
    `try { require('./node_modules/thalweg/dist/addon/native-loader.js').loadAddon(); console.log('loaded'); }
     catch ({ code, message, fix }) { console.log(JSON.stringify({ code, message, fix })); }`,
  ];

  beforeAll(() => {
    writeFileSync(path.join(machine.project, 'package.json'), '{ "name": "user", "private": true }');
    machine.install(tarballPath());
    rmSync(path.join(installed, 'prebuilds'), { recursive: true });
  });

  afterAll(() => {
    machine.dispose();
  });

  test('says which platform this is, what was looked for and the command that builds it', () => {
    const thrown = JSON.parse(machine.run('node', ...load).stdout) as Record<string, string>;
    expect(thrown.code).toBe('ERR_ADDON_NOT_FOUND');
    expect(thrown.fix).toBe('npx thalweg build');
    const expected = [
      process.platform,
      process.arch,
      /(glibc \d+\.\d+|musl)/,
      `Node ${process.versions.node}`,
      `ABI ${process.versions.modules}`,
      'build/Release/thalweg.node',
      `prebuilds/${process.platform}-${process.arch}/thalweg.`,
      'npx thalweg build',
    ];
    for (const part of expected) expect(thrown.message).toMatch(part);
  });

  test('cannot be built without a compiler, and says what is missing and how to install it', () => {
    const { status, stderr } = machine.run('node', command, 'build');
    expect(status).toBe(1);
    expect(stderr).toContain('not on PATH: a C++ compiler, python3, make');
    expect(stderr).toContain('apt-get install g++ make python3');
  });

  test('is built from the sources it ships, with the node-gyp of npm, and then loads', () => {
    const built = run(process.execPath, [command, 'build'], {
      cwd: machine.project,
      env: cleanEnvironment(),
    });
    expect({ status: built.status, stderr: built.status === 0 ? '' : built.stderr }).toEqual({
      status: 0,
      stderr: '',
    });
    expect(readdirSync(path.join(installed, 'build', 'Release'))).toContain('thalweg.node');
    expect(machine.run('node', ...load).stdout.trim()).toBe('loaded');
  });
});
