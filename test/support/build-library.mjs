/**
 * Builds the shared libraries that stand in for drivers in tests, with the system's C++ compiler.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { findCompiler, installHint } from '../../scripts/node-gyp.mjs';
import { fail, root } from '../../scripts/tools.mjs';

const flags = [
  ...['-std=c++20', '-O2', '-g', '-fPIC', '-shared', '-pthread', '-fvisibility=hidden', '-Wl,-Bsymbolic'],
  ...['-Wall', '-Wextra', '-Werror'],
];

function isStale(library, inputs) {
  if (!existsSync(library)) return true;
  const made = statSync(library).mtimeMs;
  return inputs.some((file) => statSync(file).mtimeMs > made);
}

/**
 * Makes sure of build/test/lib<name>.so, from the .cc files of a folder and `more` sources, and returns its path.
 * `defines` as NAME or NAME=VALUE.
 */
export function buildLibrary(name, folder, { more = [], defines = [] } = {}) {
  const library = path.join(root, 'build', 'test', `lib${name}.so`);
  const files = readdirSync(folder).filter((file) => /\.(cc|h|mjs)$/.test(file));
  const own = files.map((file) => path.join(folder, file));
  if (!isStale(library, [...own, ...more])) return library;
  const compiler = findCompiler();
  if (compiler === undefined) fail(`${name} needs a C++ compiler, and none is on PATH.\n${installHint}`);
  mkdirSync(path.dirname(library), { recursive: true });
  // Renamed into place: another process may have the old one loaded, or build it at the same time.
  const fresh = `${library}.${process.pid}`;
  const sources = [...own.filter((file) => file.endsWith('.cc')), ...more];
  const options = [...flags, `-I${path.join(root, 'native')}`, ...defines.map((define) => `-D${define}`)];
  const { status, error } = spawnSync(compiler, [...options, '-o', fresh, ...sources, '-ldl'], {
    stdio: ['ignore', 2, 2],
  });
  if (error !== undefined) fail(`${compiler} could not be started: ${error.message}`);
  if (status !== 0) fail(`${compiler} could not build ${name}`);
  renameSync(fresh, library);
  return library;
}
