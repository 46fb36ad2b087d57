/**
 * Builds what changed and runs the tests concerned, again and again: `npm run watch [-- TEST…]`. A change in lib/ is
 * compiled, one in native/ builds the addon, one in kernels/ does both. Then come the suites named on the command line; or
 * those that import what changed, and those of the test folder of the same name; or, after a change of the addon, all of
 * test:quick. Ends with Ctrl-C.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, watch } from 'node:fs';
import path from 'node:path';
import { packageBin, root } from './tools.mjs';

/** Milliseconds without a change after which it is taken for whole: editors write more than once. */
const quiet = 200;

/** What is built for a file, by the folder that it is in. */
const builds = {
  lib: ['build:lib'],
  native: ['build:native'],
  kernels: ['build:lib', 'build:native'],
  test: [],
  examples: [],
};
const named = process.argv.slice(2);

/** Resolves to whether the program ended with 0. */
function run(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit' });
    child.on('error', () => resolve(false)).on('close', (status) => resolve(status === 0));
  });
}

function buildsOf(file) {
  return builds[file.split(path.sep)[0]];
}

/** The suites of the folder of test/ whose name is that of the file's in lib/: they run what is built, and import nothing. */
function namesakes(file) {
  const [top, folder] = file.split(path.sep);
  const tests = path.join(root, 'test', folder ?? '');
  if (top !== 'lib' || !existsSync(tests)) return [];
  const names = readdirSync(tests).filter((name) => name.endsWith('.test.ts'));
  return names.map((name) => path.join('test', folder, name));
}

function chosenFor(files) {
  if (named.length > 0) return named;
  if (files.some((file) => buildsOf(file).includes('build:native'))) return [];
  return ['--findRelatedTests', ...new Set(files.flatMap((file) => [file, ...namesakes(file)]))];
}

async function rebuild(files) {
  console.log(`\n${files.join(', ')}`);
  for (const script of new Set(files.flatMap(buildsOf)))
    if (!(await run('npm', ['run', '--silent', script]))) return;
  const jest = [packageBin('jest'), '--config', 'jest.quick.config.js', '--passWithNoTests'];
  await run(process.execPath, [...jest, ...chosenFor(files)]);
}

const changed = new Set();
let timer;
let isWorking = false;

async function work() {
  if (isWorking) return;
  isWorking = true;
  while (changed.size > 0) {
    const files = [...changed];
    changed.clear();
    await rebuild(files);
    console.log('\nwaiting for a change…');
  }
  isWorking = false;
}

const isOfEditor = (name) => /(^|[/\\])\.|~$|\.sw.$/.test(name);

for (const folder of Object.keys(builds)) {
  watch(path.join(root, folder), { recursive: true }, (_event, name) => {
    if (name === null || isOfEditor(name)) return;
    changed.add(path.join(folder, name));
    clearTimeout(timer);
    timer = setTimeout(work, quiet);
  });
}
console.log(`watching ${Object.keys(builds).join(', ')}`);
