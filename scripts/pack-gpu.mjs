/**
 * One folder for a machine that has a GPU's driver and nothing else, and no way to download: `npm run pack:gpu -- [FOLDER]`,
 * by default build/gpu. Node's binary, compressed; thalweg with its prebuilt addon; an OpenCL loader; the CUDA shim; and
 * run.sh, which runs devices, doctor, check, bench and bench/gpu.mjs there and prints one JSON object. docs/gpu.md has the use
 * of it. Fails where the folder is larger than 45 MiB, or asks for a newer glibc than the addon may.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { commit } from '../bench/harness/machine.mjs';
import { ensureTool } from './system-packages.mjs';
import { fail, readArguments, root, runOrExit } from './tools.mjs';

const mostBytes = 45 * 2 ** 20;
/** glibc 2.x of Ubuntu 22.04, the oldest system that the README names. */
const newestGlibc = 35;

const { positionals } = readArguments({ options: {}, allowPositionals: true });
const folder = path.resolve(positionals[0] ?? path.join(root, 'build', 'gpu'));
const home = path.join(folder, 'thalweg');
const lib = path.join(folder, 'lib');

/** Files of the checkout that keep their places: what bench/gpu.mjs and the shim's own build read. */
const kept = [
  'bench/cases.mjs',
  'bench/gpu.mjs',
  'bench/harness',
  'bench/kinds',
  'bench/peers/protocol.py',
  'bench/peers/torch_peer.py',
  'scripts/node-gyp.mjs',
  'scripts/pack-gpu',
  'scripts/tools.mjs',
  'test/support/build-library.mjs',
  'test/support/cuda-shim',
  'native/device/drivers/library.h',
  'native/device/drivers/hip/api.h',
  'LICENSE',
];

/** What nothing reads at run time: types, maps, sources, texts. */
const unread = /\.(?:d\.[cm]?ts|map|ts|md|markdown|min\.c?js|min\.mjs|flow)$/;
const copyRead = (from, to) =>
  cpSync(from, to, { recursive: true, dereference: true, filter: (file) => !unread.test(file) });

function packageFolder(name, from) {
  for (let at = from; ; at = path.dirname(at)) {
    const candidate = path.join(at, 'node_modules', name);
    if (existsSync(path.join(candidate, 'package.json'))) return candidate;
    if (at === path.dirname(at)) return fail(`${name} is not installed; run: npm install`);
  }
}

/** The folders of the dependencies, and of theirs, that are loaded at run time. */
function dependencies(from, found = new Set()) {
  const { dependencies: needed = {} } = JSON.parse(readFileSync(path.join(from, 'package.json'), 'utf8'));
  for (const name of Object.keys(needed)) {
    // Headers for building, and nothing else.
    if (name === 'node-addon-api') continue;
    const own = packageFolder(name, from);
    if (!found.has(own)) dependencies(own, found.add(own));
  }
  return found;
}

function copyPackage() {
  const about = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const { name, version, license, type, main, exports, engines } = about;
  const packed = { name, version, license, type, main, exports, engines, gitHead: commit() };
  mkdirSync(home, { recursive: true });
  writeFileSync(path.join(home, 'package.json'), `${JSON.stringify(packed, undefined, 2)}\n`);
  copyRead(path.join(root, 'dist'), path.join(home, 'dist'));
  for (const file of kept) cpSync(path.join(root, file), path.join(home, file), { recursive: true });
  for (const own of dependencies(root)) copyRead(own, path.join(home, path.relative(root, own)));
  const prebuilt = path.join('prebuilds', `${process.platform}-${process.arch}`);
  cpSync(path.join(root, prebuilt), path.join(home, prebuilt), { recursive: true });
  for (const name of ['run.sh', 'README.txt']) {
    copyFileSync(path.join(root, 'scripts', 'pack-gpu', name), path.join(folder, name));
    rmSync(path.join(home, 'scripts', 'pack-gpu', name));
  }
  chmodSync(path.join(folder, 'run.sh'), 0o755);
}

/** This Node without its symbols, compressed once and kept beside the folder for the next time. */
function packNode(xz) {
  if (process.config.variables.node_shared === true)
    fail('this Node is spread over several libraries; take one of nodejs.org, which is a single file');
  const node = realpathSync(process.execPath);
  const { size, mtimeMs } = statSync(node);
  const key = createHash('sha256').update(`${node}\n${size}\n${mtimeMs}\n${process.version}`).digest('hex');
  const store = path.join(root, 'build', 'packed-node');
  const packed = path.join(store, `${key.slice(0, 16)}.xz`);
  if (!existsSync(packed)) {
    console.error(`compressing Node ${process.version}…`);
    rmSync(store, { recursive: true, force: true });
    mkdirSync(store, { recursive: true });
    const plain = path.join(store, 'node');
    copyFileSync(node, plain);
    // Smaller by a tenth where there is a strip; addons find what they need in the dynamic symbols, which stay.
    spawnSync('strip', [plain], { stdio: 'ignore' });
    runOrExit(xz, ['-6', '-T0', plain]);
    renameSync(`${plain}.xz`, packed);
  }
  copyFileSync(packed, path.join(folder, 'node.xz'));
}

/** A library that a program is linked to, by the start of its name. */
function libraryOf(program, name) {
  const lines = execFileSync('ldd', [program], { encoding: 'utf8' }).split('\n');
  const line = lines.find((one) => one.trim().startsWith(name));
  return /=> (\S+)/.exec(line ?? '')?.[1] ?? fail(`${program} is not linked to ${name}`);
}

/** What a bare machine may lack, for run.sh to take where it does. */
function copyLibraries(xz) {
  const fallback = path.join(lib, 'fallback');
  mkdirSync(fallback, { recursive: true });
  const put = (file, to) => copyFileSync(realpathSync(file), to);
  put(xz, path.join(lib, 'xz'));
  put(libraryOf(xz, 'liblzma.so.5'), path.join(lib, 'liblzma.so.5'));
  put(ensureTool('opencl-loader'), path.join(lib, 'libOpenCL.so.1'));
  for (const name of ['libstdc++.so.6', 'libgcc_s.so.1']) {
    put(libraryOf(process.execPath, name), path.join(fallback, name));
  }
  const shim = [path.join('test', 'support', 'cuda-shim', 'build.mjs')];
  put(
    execFileSync(process.execPath, shim, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
    path.join(lib, 'hip-on-cuda.so'),
  );
}

const filesIn = (from) =>
  readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

/** The newest glibc 2.x that a binary asks for, by the versions that its text names. */
function glibcOf(file) {
  const versions = readFileSync(file, 'latin1').matchAll(/GLIBC_2\.(\d+)/g);
  return Math.max(0, ...Array.from(versions, ([, minor]) => Number(minor)));
}

/** What is used on every machine; lib/fallback is taken where there is nothing else, and then tried first. */
function expectOldGlibc() {
  const binaries = [realpathSync(process.execPath), ...filesIn(folder)].filter(
    (file) => /(?:\.node|\.so|\.so\.\d+|\/xz|\/node)$/.test(file) && !file.includes('/fallback/'),
  );
  for (const file of binaries) {
    const minor = glibcOf(file);
    if (minor > newestGlibc) fail(`${file} needs glibc 2.${minor}: pack on an older system, as Debian 12`);
  }
}

if (process.platform !== 'linux') fail('the folder is for Linux, and made there');
if (!existsSync(path.join(root, 'dist', 'index.js'))) fail('nothing is built here yet; run: npm install');
const xz = ensureTool('xz');
runOrExit(process.execPath, [path.join('scripts', 'prebuild.mjs'), '--if-stale']);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
copyPackage();
packNode(xz);
copyLibraries(xz);
expectOldGlibc();
const bytes = filesIn(folder).reduce((sum, file) => sum + statSync(file).size, 0);
const mebibytes = (bytes / 2 ** 20).toFixed(1);
if (bytes > mostBytes) fail(`${folder} has ${mebibytes} MiB, more than ${mostBytes / 2 ** 20}`);
console.log(`${folder}: ${mebibytes} MiB. On the other machine: sh run.sh > result.json`);
