/**
 * Builds the addon of a checkout: `node scripts/build-native.mjs [--debug | --sanitize KIND]`.
 *
 * Takes cmake-js where `cmake` is on PATH, otherwise node-gyp. Each configuration keeps a CMake tree of its own
 * under build/cmake, so a second run compiles only what changed; the finished addon is put where the loader
 * looks: build/Release, or build/Debug for the debug and sanitized builds. Only the latest of the two stays, so
 * what loads is what was built last.
 */
import { copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { nodeGypEnvironment } from './node-headers.mjs';
import { fail, findProgram, packageBin, root, runOrExit } from './tools.mjs';

const sanitizers = ['address', 'undefined', 'thread'];
const usage = `usage: node scripts/build-native.mjs [--debug | --sanitize ${sanitizers.join('|')}]`;

function parse(args) {
  const [flag, kind, ...rest] = args;
  if (flag === undefined) return { configuration: 'Release', tree: 'release' };
  if (flag === '--debug' && kind === undefined) return { configuration: 'Debug', tree: 'debug' };
  if (flag === '--sanitize' && sanitizers.includes(kind) && rest.length === 0) {
    return { configuration: 'Debug', tree: kind, sanitize: kind };
  }
  return fail(usage, 2);
}

function addonPath(configuration) {
  return path.join(root, 'build', configuration, 'thalweg.node');
}

/** The cmake-js arguments after its command. `-B` names the configuration, `-O` the tree. */
export function cmakeArguments({ configuration, tree, sanitize }) {
  const args = ['-B', configuration, '-O', path.join('build', 'cmake', tree), '--log-level', 'warn'];
  return sanitize === undefined ? args : [...args, `--CDSANITIZE=${sanitize}`];
}

function buildWithCmake(choice) {
  const parallel = String(availableParallelism());
  const args = ['build', ...cmakeArguments(choice), '--parallel', parallel];
  runOrExit(process.execPath, [packageBin('cmake-js'), ...args]);
  const built = path.join(root, 'build', 'cmake', choice.tree, choice.configuration, 'thalweg.node');
  const target = addonPath(choice.configuration);
  mkdirSync(path.dirname(target), { recursive: true });
  // Renamed into place: a process that has the old file loaded keeps it.
  copyFileSync(built, `${target}.new`);
  renameSync(`${target}.new`, target);
}

function buildWithNodeGyp(choice) {
  const mode = choice.configuration === 'Debug' ? '--debug' : '--release';
  const args = ['configure', 'build', mode, '--jobs', String(availableParallelism()), '--loglevel', 'warn'];
  runOrExit(process.execPath, [packageBin('node-gyp'), ...args], { env: nodeGypEnvironment() });
}

/** What node-gyp needs and this machine lacks. */
function missingForNodeGyp() {
  const missing = [];
  if (!findProgram('python3')) missing.push('python3');
  if (!findProgram('make')) missing.push('make');
  return missing;
}

const installHint = `Install a C++20 compiler with cmake, or with make and Python 3:
  Debian, Ubuntu: apt-get install g++ cmake make
  Fedora:         dnf install gcc-c++ cmake make
  Arch:           pacman -S gcc cmake make`;

function main() {
  const choice = parse(process.argv.slice(2));
  const compiler = findProgram(process.env.CXX ?? 'c++', 'g++', 'clang++');
  if (compiler === undefined) fail(`building the addon needs a C++ compiler, and none is on PATH.\n${installHint}`);
  if (findProgram('cmake') && findProgram('make', 'ninja')) {
    buildWithCmake(choice);
  } else if (choice.sanitize !== undefined) {
    fail(`sanitized builds go through cmake, which is not on PATH.\n${installHint}`);
  } else {
    const missing = missingForNodeGyp();
    if (missing.length > 0) {
      fail(`building the addon needs cmake, or make and Python 3; not on PATH: cmake, ${missing.join(', ')}.\n${installHint}`);
    }
    buildWithNodeGyp(choice);
  }
  const other = choice.configuration === 'Release' ? 'Debug' : 'Release';
  rmSync(addonPath(other), { force: true });
}

main();
