/**
 * Every static check: `node scripts/lint.mjs [CHECK…]` runs those named, or all. Ends with status 1 where one
 * found something; each says what on its own.
 */
import { execFile, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { values } from './build-list.mjs';
import { nativeFiles } from './sources.mjs';
import { ensureTool } from './system-packages.mjs';
import { fail, packageBin, root, runOrExit } from './tools.mjs';

/** Resolves to whether the program ended with 0. */
function run(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit' });
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`);
      resolve(false);
    });
    child.on('close', (status) => resolve(status === 0));
  });
}

function runPackage(name, ...args) {
  return run(process.execPath, [packageBin(...[name].flat()), ...args]);
}

/** Runs clang-tidy on one file and shows what it found, without its counts of what it left out in headers. */
function runClangTidy(program, tree, file) {
  return new Promise((resolve) => {
    execFile(
      program,
      ['-p', tree, '--quiet', file],
      { cwd: root, maxBuffer: 1 << 28 },
      (error, stdout, stderr) => {
        const notes = stderr
          .split('\n')
          .filter((line) => !/^\d+ warnings? (and \d+ errors? )?generated\.$|^$/.test(line));
        if (stdout !== '') console.log(stdout.trimEnd());
        if (notes.length > 0) console.error(notes.join('\n'));
        resolve(error === null);
      },
    );
  });
}

async function clangTidy() {
  const program = ensureTool('clang-tidy');
  ensureTool('cmake');
  const tree = path.join('build', 'cmake', 'debug');
  runOrExit(process.execPath, [
    packageBin('cmake-js'),
    'configure',
    '-B',
    'Debug',
    '-O',
    tree,
    '--log-level',
    'warn',
  ]);
  const queue = [...values('sources'), ...values('cpu.source')];
  let clean = true;
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      clean = (await runClangTidy(program, tree, file)) && clean;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return clean;
}

const checks = {
  types: () => runPackage(['typescript', 'tsc'], '-p', 'tsconfig.json', '--noEmit'),
  eslint: () => runPackage('eslint', '--max-warnings', '0', '.'),
  circles: () => run(process.execPath, ['scripts/check-circles.mjs']),
  prettier: () => runPackage('prettier', '--check', '--log-level', 'warn', '.'),
  'clang-format': () => run(ensureTool('clang-format'), ['--dry-run', '-Werror', ...nativeFiles()]),
  'clang-tidy': clangTidy,
  'driver-apis': () => run(process.execPath, ['scripts/check-driver-apis.mjs']),
};

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(checks);
const failed = [];
for (const name of chosen) {
  const check =
    checks[name] ?? fail(`no check is named ${name}; there are ${Object.keys(checks).join(', ')}`, 2);
  console.log(`${name}…`);
  if (!(await check())) failed.push(name);
}
if (failed.length > 0) fail(`found by ${failed.join(', ')}`);
