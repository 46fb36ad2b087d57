/**
 * What npm runs in a checkout when it installs: builds everything, and sets up the checks of commits. `npx thalweg` there
 * installs, too, as npm sees it: what is built already runs as it is.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root } from './tools.mjs';

const isBuilt = ['dist/cli/main.js', 'build/Release/thalweg.node'].every((file) =>
  existsSync(path.join(root, file)),
);

function passes(command) {
  return spawnSync(command, { cwd: root, stdio: 'inherit', shell: true }).status === 0;
}

if (process.env.npm_command !== 'exec' || !isBuilt)
  process.exitCode = passes('npm run build:all') && passes('node scripts/pre-commit.mjs --set-up') ? 0 : 1;
