/**
 * Builds the addon of a checkout: `node scripts/build-native.mjs [--debug | --sanitize KIND]`, where KIND is what
 * -fsanitize= takes of address, undefined, thread, or address,undefined.
 *
 * Takes cmake-js where `cmake` is on PATH, otherwise node-gyp. Each configuration keeps a CMake tree of its own
 * under build/cmake, so a second run compiles only what changed; the finished addon is put where the loader
 * looks: build/Release, or build/Debug for the debug build. Only the latest of the two stays, so what loads is what
 * was built last. A sanitized addon loads into no ordinary Node: it lies apart, and scripts/sanitize.mjs loads it.
 */
import { copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { buildWithNodeGyp, findCompiler, installHint } from './node-gyp.mjs';
import { installCommand } from './system-packages.mjs';
import { fail, findProgram, packageBin, root, runOrExit } from './tools.mjs';
import { sanitizedFolder, sanitizers } from './sanitizers.mjs';

const usage = `usage: node scripts/build-native.mjs [--debug | --sanitize ${sanitizers.join('|')}]`;

function parse(args) {
  const [flag, kind, ...rest] = args;
  if (flag === undefined) return { configuration: 'Release', tree: 'release', folder: root };
  if (flag === '--debug' && kind === undefined)
    return { configuration: 'Debug', tree: 'debug', folder: root };
  if (flag === '--sanitize' && sanitizers.includes(kind) && rest.length === 0) {
    return { configuration: 'Debug', tree: kind, folder: sanitizedFolder(kind), sanitize: kind };
  }
  return fail(usage, 2);
}

function addonPath(folder, configuration) {
  return path.join(folder, 'build', configuration, 'thalweg.node');
}

function buildWithCmake({ configuration, tree, folder, sanitize }) {
  const args = ['build', '-B', configuration, '-O', path.join('build', 'cmake', tree), '--log-level', 'warn'];
  args.push('--parallel', String(availableParallelism()));
  if (sanitize !== undefined) args.push(`--CDSANITIZE=${sanitize}`);
  runOrExit(process.execPath, [packageBin('cmake-js'), ...args]);
  const built = path.join(root, 'build', 'cmake', tree, configuration, 'thalweg.node');
  const target = addonPath(folder, configuration);
  mkdirSync(path.dirname(target), { recursive: true });
  // Renamed into place: a process that has the old file loaded keeps it.
  copyFileSync(built, `${target}.new`);
  renameSync(`${target}.new`, target);
}

function main() {
  const choice = parse(process.argv.slice(2));
  if (findCompiler() === undefined) {
    fail(`building the addon needs a C++ compiler, and none is on PATH.\n${installHint}`);
  }
  if (findProgram('cmake') && findProgram('make', 'ninja')) {
    buildWithCmake(choice);
  } else if (choice.configuration === 'Release') {
    buildWithNodeGyp(packageBin('node-gyp'));
  } else {
    const command = installCommand('cmake');
    fail(`debug and sanitized builds go through cmake, which is not on PATH. Install it: ${command}`);
  }
  const other = choice.configuration === 'Release' ? 'Debug' : 'Release';
  rmSync(addonPath(choice.folder, other), { force: true });
}

main();
