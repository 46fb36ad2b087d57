/**
 * Makes the binary that the npm package carries: `node scripts/prebuild.mjs [--if-stale]` writes
 * prebuilds/<platform>-<arch>/thalweg.<libc>.node. With --if-stale it does nothing where that file stands and was
 * made from the sources as they are.
 *
 * prebuildify cleans the build folder it works in, so it works in build/prebuild, a copy of the
 * sources: the checkout's own development build stays as it is.
 */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { nodeGypEnvironment } from './node-gyp.mjs';
import { packageBin, root, runOrExit } from './tools.mjs';

const inputs = ['binding.gyp', 'native', 'kernels', 'scripts/build-list.mjs', 'scripts/embed-kernels.mjs'];
const staging = path.join(root, 'build', 'prebuild');
const stamp = path.join(root, 'build', 'prebuild.sha256');
const target = path.join(root, 'prebuilds', `${process.platform}-${process.arch}`);

function filesUnder(relative) {
  const entries = readdirSync(path.join(root, relative), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

function fingerprint() {
  const hash = createHash('sha256');
  const single = inputs.filter((input) => path.extname(input) !== '').map((input) => path.join(root, input));
  const folders = inputs.filter((input) => path.extname(input) === '').flatMap(filesUnder);
  for (const file of [...single, ...folders].sort()) {
    const content = readFileSync(file);
    hash.update(`${path.relative(root, file)} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

function isFresh(current) {
  const built = existsSync(target) && readdirSync(target).some((name) => name.endsWith('.node'));
  return built && existsSync(stamp) && readFileSync(stamp, 'utf8') === current;
}

function stage() {
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  for (const name of ['binding.gyp', 'native', 'kernels', 'scripts', 'package.json']) {
    cpSync(path.join(root, name), path.join(staging, name), { recursive: true });
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(staging, 'node_modules'));
}

const current = fingerprint();
if (!process.argv.includes('--if-stale') || !isFresh(current)) {
  stage();
  rmSync(target, { recursive: true, force: true });
  const args = ['--napi', '--strip', '--tag-libc', '--cwd', staging, '--out', root];
  runOrExit(process.execPath, [packageBin('prebuildify'), ...args], {
    env: { ...nodeGypEnvironment(), JOBS: String(availableParallelism()) },
  });
  writeFileSync(stamp, current);
}
