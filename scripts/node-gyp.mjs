/**
 * Building with node-gyp, in a checkout and in an installed package alike.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fail, findProgram, root, runOrExit } from './tools.mjs';

export const installHint = `Install a C++20 compiler, make and Python 3 (or cmake, in a checkout):
  Debian, Ubuntu: apt-get install g++ make python3
  Fedora:         dnf install gcc-c++ make python3
  Arch:           pacman -S gcc make python
  Alpine:         apk add g++ make python3`;

/** The C++ compiler that a build would take, or undefined. */
export function findCompiler() {
  return process.env.CXX ?? findProgram('c++', 'g++', 'clang++');
}

/** The folder for node-gyp's `nodedir`: this Node's own headers, or undefined where only the executable is. */
function nodeHeadersFolder() {
  const prefix = path.resolve(process.execPath, '../..');
  const needed = ['include/node/node_api.h', 'include/node/common.gypi'];
  return needed.every((file) => existsSync(path.join(prefix, file))) ? prefix : undefined;
}

/** The environment in which node-gyp downloads no headers where this Node came with them. */
export function nodeGypEnvironment() {
  const folder = nodeHeadersFolder();
  if (folder === undefined || process.env.npm_config_nodedir !== undefined) return process.env;
  return { ...process.env, npm_config_nodedir: folder };
}

/** Builds the addon into build/Release with that node-gyp script; ends the process where it cannot. */
export function buildWithNodeGyp(nodeGypScript) {
  const missing = ['python3', 'make'].filter((program) => findProgram(program) === undefined);
  if (findCompiler() === undefined) missing.unshift('a C++ compiler');
  if (missing.length > 0)
    fail(`building the addon needs what is not on PATH: ${missing.join(', ')}.\n${installHint}`);
  const jobs = String(availableParallelism());
  runOrExit(
    process.execPath,
    [nodeGypScript, 'configure', 'build', '--release', '--jobs', jobs, '--loglevel', 'warn'],
    {
      cwd: root,
      env: nodeGypEnvironment(),
    },
  );
}
