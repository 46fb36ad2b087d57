/**
 * Builds the shared libraries that stand in for drivers in tests, and programs that ask drivers, with the system's C++
 * compiler.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { findCompiler, installHint } from '../../scripts/node-gyp.mjs';
import { fail, root } from '../../scripts/tools.mjs';

const flags = ['-std=c++20', '-O2', '-g', '-pthread', '-Wall', '-Wextra', '-Werror'];
const libraryFlags = ['-fPIC', '-shared', '-fvisibility=hidden', '-Wl,-Bsymbolic'];

function isStale(target, inputs) {
  if (!existsSync(target)) return true;
  const made = statSync(target).mtimeMs;
  return inputs.some((file) => statSync(file).mtimeMs > made);
}

/**
 * Makes sure of build/test/lib<name>.so, from the .cc files of a folder and `more` sources, and returns its path.
 * `headers` are those outside the folder, `defines` NAME or NAME=VALUE, `link` the linker's flags.
 */
export function buildLibrary(name, folder, options = {}) {
  return build(`lib${name}.so`, folder, { ...options, kind: libraryFlags });
}

/** Makes sure of the program build/test/<name> in the same way. */
export function buildProgram(name, folder, options = {}) {
  return build(name, folder, { ...options, kind: [] });
}

function build(name, folder, { more = [], headers = [], defines = [], link = [], kind }) {
  const target = path.join(root, 'build', 'test', name);
  const files = readdirSync(folder).filter((file) => /\.(cc|h|mjs)$/.test(file));
  const own = files.map((file) => path.join(folder, file));
  if (!isStale(target, [...own, ...more, ...headers])) return target;
  const compiler = findCompiler();
  if (compiler === undefined) fail(`${name} needs a C++ compiler, and none is on PATH.\n${installHint}`);
  mkdirSync(path.dirname(target), { recursive: true });
  // Renamed into place: another process may have the old one loaded, or build it at the same time.
  const fresh = `${target}.${process.pid}`;
  const sources = [...own.filter((file) => file.endsWith('.cc')), ...more];
  const options = [...flags, ...kind, `-I${path.join(root, 'native')}`, ...defines.map((one) => `-D${one}`)];
  const { status, error } = spawnSync(compiler, [...options, '-o', fresh, ...sources, ...link, '-ldl'], {
    stdio: ['ignore', 2, 2],
  });
  if (error !== undefined) fail(`${compiler} could not be started: ${error.message}`);
  if (status !== 0) fail(`${compiler} could not build ${name}`);
  renameSync(fresh, target);
  return target;
}
