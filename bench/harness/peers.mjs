import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findProgram } from '../../scripts/tools.mjs';
import { Peer } from './peer.mjs';
import { Program } from './program.mjs';

const folder = fileURLToPath(new URL('../peers/', import.meta.url));
const threads = String(availableParallelism());

/** All cores for whichever library of threads a peer is built with. */
const allCores = {
  OMP_NUM_THREADS: threads,
  OPENBLAS_NUM_THREADS: threads,
  MKL_NUM_THREADS: threads,
  BLIS_NUM_THREADS: threads,
};

async function compile(name, build, { flags, libraries = [] }) {
  const compiler = findProgram('g++', 'clang++', 'c++');
  if (compiler === undefined) throw new Error('there is no C++ compiler');
  const program = path.join(build, name);
  await promisify(execFile)(compiler, [
    '-std=c++20',
    ...flags,
    path.join(folder, `${name}.cc`),
    '-o',
    program,
    ...libraries,
  ]);
  return program;
}

function python(name, script, packages, ...args) {
  return {
    name,
    install:
      `Debian, Ubuntu: apt-get install ${packages.apt}; Fedora: dnf install ${packages.dnf}; ` +
      'or name another Python with --python',
    start: ({ python: program }) => new Peer(name, program, [path.join(folder, script), ...args], allCores),
  };
}

function node(name, ...args) {
  const packageFolder = path.join(folder, 'node_modules');
  const needed = name === 'JavaScript' ? folder : packageFolder;
  return {
    name,
    install: 'npm install --prefix bench/peers --no-package-lock',
    start() {
      if (!existsSync(needed)) throw new Error('its packages are not installed');
      return new Peer(name, process.execPath, [path.join(folder, args[0]), ...args.slice(1)]);
    },
  };
}

/** CLBlast's headers do not say which version they are; Debian's and Fedora's packages do. */
async function clblastVersion() {
  try {
    const { stdout } = await promisify(execFile)('pkg-config', ['--modversion', 'clblast']);
    return { clblast: stdout.trim() };
  } catch {
    return {};
  }
}

const sklearnPackages = { apt: 'python3-sklearn', dnf: 'python3-scikit-learn' };
const torchPackages = { apt: 'python3-torch', dnf: 'python3-torch' };

const registry = {
  read: {
    name: 'one read',
    install: 'Debian, Ubuntu: apt-get install g++; Fedora: dnf install gcc-c++; Arch: pacman -S gcc',
    start: async ({ build }) =>
      new Peer(
        'the read',
        await compile('read', build, { flags: ['-O3', '-march=native', '-pthread', '-Wno-attributes'] }),
        [],
      ),
  },
  numpy: python('NumPy', 'numpy_peer.py', {
    apt: 'python3-numpy libopenblas0-pthread',
    dnf: 'python3-numpy',
  }),
  torch: python('PyTorch', 'torch_peer.py', torchPackages),
  'torch-gpu': python('PyTorch on the GPU', 'torch_peer.py', torchPackages, 'cuda'),
  'torch-compile': python('torch.compile on the GPU', 'torch_peer.py', torchPackages, 'cuda', 'compile'),
  sklearn: python('scikit-learn', 'sklearn_peer.py', sklearnPackages),
  saga: python('scikit-learn, saga', 'sklearn_peer.py', sklearnPackages),
  scipy: python('SciPy, scikit-learn with lbfgs', 'scipy_peer.py', sklearnPackages),
  'scipy-saga': python('scikit-learn, saga', 'scipy_peer.py', sklearnPackages),
  liblinear: python('scikit-learn, liblinear', 'scipy_peer.py', sklearnPackages),
  pandas: {
    name: 'pandas and scikit-learn',
    install:
      'Debian, Ubuntu: apt-get install python3-pandas python3-sklearn, and pyarrow for Parquet; or name another Python with --python',
    start: ({ python: program }) =>
      new Program('pandas', program, [path.join(folder, 'pandas_peer.py')], allCores),
  },
  duckdb: {
    name: 'DuckDB, a table and its aggregates',
    install: 'npm install',
    start: () =>
      new Program('DuckDB', process.execPath, [
        fileURLToPath(new URL('../children/duckdb.cjs', import.meta.url)),
      ]),
  },
  clblast: {
    name: 'CLBlast',
    install:
      'Debian, Ubuntu: apt-get install g++ libclblast-dev ocl-icd-opencl-dev; Fedora: dnf install gcc-c++ clblast-devel',
    start: async ({ build, deviceName }) =>
      new Peer(
        'CLBlast',
        await compile('clblast', build, { flags: ['-O2'], libraries: ['-lclblast', '-lOpenCL'] }),
        [deviceName],
      ),
    version: clblastVersion,
  },
  'tfjs-wasm': node('tfjs, WebAssembly', 'tfjs.mjs', 'wasm'),
  'tfjs-cpu': node('tfjs, CPU', 'tfjs.mjs', 'cpu'),
  'ml-matrix': node('ml-matrix', 'ml-matrix.mjs'),
  javascript: node('JavaScript', 'loop.mjs'),
};

export const nameOf = (id) => registry[id]?.name ?? id;

/** The peers of a run, each started at most once; those that this machine lacks are named, once, and left out. */
export class Peers {
  #settings;
  #started = new Map();
  #say;
  versions = {};
  missing = {};

  /** @param settings { python, build: a folder for programs, chosen: ids or undefined for all } */
  constructor(settings, say) {
    this.#settings = settings;
    this.#say = say;
  }

  /** Those of the ids that there are, as { id, peer }. */
  async get(ids, { deviceName } = {}) {
    const found = [];
    for (const id of ids) {
      if (this.#settings.chosen !== undefined && !this.#settings.chosen.includes(id)) continue;
      if (!this.#started.has(id)) this.#started.set(id, await this.#start(id, deviceName));
      const peer = this.#started.get(id);
      if (peer !== undefined) found.push({ id, peer });
    }
    return found;
  }

  async #start(id, deviceName) {
    const { name, start, install, version } = registry[id];
    try {
      const peer = await start({ ...this.#settings, deviceName });
      if (id !== 'read') this.versions[id] = { ...(await peer.ask({ do: 'about' })), ...(await version?.()) };
      return peer;
    } catch (error) {
      this.#say(`${name} is left out: ${error.message.split('\n').at(-1)}\n  To install it: ${install}`);
      this.missing[id] = install;
      return undefined;
    }
  }

  close() {
    for (const peer of this.#started.values()) peer?.close();
  }
}
