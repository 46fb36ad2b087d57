/**
 * Finding and running programs, for the other scripts.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

export const root = fileURLToPath(new URL('../', import.meta.url));

const require = createRequire(import.meta.url);

/** Whether the script with this `import.meta.url` is the one that was started, through a link or not. */
export function isMain(url) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);
}

/** The first of these programs on PATH, by its whole path, or undefined. */
export function findProgram(...names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
      const candidate = path.join(folder, name);
      try {
        accessSync(candidate, constants.X_OK);
        if (statSync(candidate).isFile()) return candidate;
      } catch {
        continue;
      }
    }
  }
  return undefined;
}

/** The script behind a dependency's command, to be run with this Node. */
export function packageBin(packageName, binName = packageName) {
  const file = require.resolve(`${packageName}/package.json`);
  const { bin } = require(file);
  return path.join(path.dirname(file), typeof bin === 'string' ? bin : bin[binName]);
}

/** Runs a program with its output shown; ends this process with the program's status where it fails. */
export function runOrExit(program, args, options = {}) {
  const { status, error, signal } = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options });
  if (error !== undefined) fail(`${program} could not be started: ${error.message}`);
  if (signal !== null) fail(`${program} was ended by ${signal}`);
  if (status !== 0) process.exit(status);
}

export function fail(message, status = 1) {
  console.error(`\nthalweg: ${message}`);
  process.exit(status);
}

/** What the command line says, read as `parseArgs` reads it; says what is wrong with it, and ends with 2. */
export function readArguments(settings) {
  try {
    return parseArgs(settings);
  } catch (error) {
    return fail(`${error.message}\nIts options stand at the head of ${process.argv[1]}.`, 2);
  }
}
