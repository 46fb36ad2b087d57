/**
 * Builds the library that makes OpenCL calls fail, where it is missing or older than its sources, and prints its path:
 * `node test/support/opencl-faults/build.mjs`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCompiler, installHint } from '../../../scripts/node-gyp.mjs';
import { fail, root } from '../../../scripts/tools.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const native = path.join(root, 'native');
const sources = ['functions.cc', 'plan.cc'].map((file) => path.join(folder, file));
sources.push(path.join(native, 'device', 'opencl', 'api.cc'));
const headers = [path.join(folder, 'plan.h'), path.join(native, 'device', 'opencl', 'api.h')];
const library = path.join(root, 'build', 'test', 'libopencl-faults.so');

const flags = [
  ...['-std=c++20', '-O1', '-g', '-fPIC', '-shared', '-pthread', '-fvisibility=hidden'],
  ...['-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Wshadow', '-Werror'],
];

function isStale() {
  if (!existsSync(library)) return true;
  const made = statSync(library).mtimeMs;
  return [...sources, ...headers, fileURLToPath(import.meta.url)].some(
    (file) => statSync(file).mtimeMs > made,
  );
}

function build() {
  const compiler = findCompiler();
  if (compiler === undefined)
    fail(`the library of faults needs a C++ compiler, and none is on PATH.\n${installHint}`);
  mkdirSync(path.dirname(library), { recursive: true });
  // Renamed into place: another process may have the old one loaded, or build it at the same time.
  const fresh = `${library}.${process.pid}`;
  const args = [...flags, `-I${native}`, '-o', fresh, ...sources, '-ldl'];
  const { status, error } = spawnSync(compiler, args, { stdio: ['ignore', 2, 2] });
  if (error !== undefined) fail(`${compiler} could not be started: ${error.message}`);
  if (status !== 0) fail(`${compiler} could not build the library of faults`);
  renameSync(fresh, library);
}

if (isStale()) build();
process.stdout.write(library);
