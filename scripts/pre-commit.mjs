/**
 * What `git commit` checks before it commits, through .githooks/pre-commit: the types, and of the staged files what ESLint,
 * Prettier and clang-format say. They are read as they lie in the folder. `git commit --no-verify` goes without.
 *
 * `--set-up`, of `npm install` in a checkout, names .githooks to git, unless another folder is named already. It is no
 * error where there is no git, or no checkout; and it does nothing in CI.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { isNative } from './sources.mjs';
import { findTool } from './system-packages.mjs';
import { packageBin, root } from './tools.mjs';

function git(...args) {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}

function setUp() {
  if ((process.env.CI ?? '') !== '' || !existsSync(path.join(root, '.git'))) return;
  if (git('config', '--get', 'core.hooksPath') === undefined) git('config', 'core.hooksPath', '.githooks');
}

/** Whether the program found nothing; it says what it found itself. */
function passes(program, args) {
  return spawnSync(program, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

function packagePasses(name, ...args) {
  return passes(process.execPath, [packageBin(...[name].flat()), ...args]);
}

function check() {
  const listed = git('diff', '--cached', '--name-only', '--diff-filter=ACMR', '-z') ?? '';
  const staged = listed.split('\0').filter((file) => file !== '' && existsSync(path.join(root, file)));
  const scripts = staged.filter((file) => /\.([mc]?js|ts)$/.test(file));
  const native = staged.filter(isNative);
  const clangFormat = findTool('clang-format');
  const found = [
    staged.length === 0 ||
      packagePasses('prettier', '--check', '--ignore-unknown', '--log-level=warn', ...staged),
    native.length === 0 ||
      clangFormat === undefined ||
      passes(clangFormat, ['--dry-run', '-Werror', ...native]),
    scripts.length === 0 || packagePasses('eslint', '--max-warnings=0', '--no-warn-ignored', ...scripts),
    !scripts.some((file) => file.endsWith('.ts')) ||
      packagePasses(['typescript', 'tsc'], '-p', 'tsconfig.json', '--noEmit'),
  ];
  if (found.includes(false)) process.exitCode = 1;
}

if (process.argv[2] === '--set-up') setUp();
else if (existsSync(path.join(root, 'node_modules', 'prettier'))) check();
