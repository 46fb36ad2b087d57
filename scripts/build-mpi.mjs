/**
 * Joins the addon to the MPI library of this machine: `node scripts/build-mpi.mjs [MPICC]`, which is what
 * `thalweg build --mpi` runs. Compiles native/ranks/mpi_bridge.c with that compiler, with $MPICC, or with the mpicc on PATH;
 * the result is build/mpi/NAME.so of the package, named after the library and its version.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fail, findProgram, isMain, root } from './tools.mjs';

/** 'open-mpi-4.1', 'mpich-4.0' or 'mpi', by what mpi.h defines. */
function nameOf(compiler, folder) {
  const probe = path.join(folder, 'probe.c');
  writeFileSync(probe, '#include <mpi.h>\n');
  const { status, stdout, stderr } = spawnSync(compiler, ['-E', '-dM', probe], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) fail(`${compiler} does not compile a program with mpi.h:\n${stderr ?? ''}`);
  const defined = (name) => new RegExp(`^#define ${name} "?([^"\\n]*)"?$`, 'm').exec(stdout)?.[1];
  const major = defined('OMPI_MAJOR_VERSION');
  if (major !== undefined) return `open-mpi-${major}.${defined('OMPI_MINOR_VERSION') ?? '0'}`;
  const mpich = defined('MPICH_VERSION');
  return mpich === undefined ? 'mpi' : `mpich-${mpich.split('.').slice(0, 2).join('.')}`;
}

/** Builds with that compiler, and returns the file. */
export function buildMpi(compiler) {
  const built = path.join(root, 'build', 'mpi');
  mkdirSync(built, { recursive: true });
  const folder = mkdtempSync(path.join(tmpdir(), 'thalweg-mpi-'));
  try {
    const name = nameOf(compiler, folder);
    const source = path.join(root, 'native', 'ranks', 'mpi_bridge.c');
    const made = path.join(built, `${name}.${process.pid}.part`);
    const flags = [
      '-std=gnu11',
      '-O2',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-fPIC',
      '-shared',
      '-fvisibility=hidden',
    ];
    const { status } = spawnSync(compiler, [...flags, source, '-o', made], { stdio: 'inherit' });
    if (status !== 0) fail(`${compiler} does not compile ${source}`);
    // Whole or not at all: a program may be about to load it.
    const file = path.join(built, `${name}.so`);
    renameSync(made, file);
    return file;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (isMain(import.meta.url)) {
  const compiler = process.argv[2] ?? process.env.MPICC ?? findProgram('mpicc');
  if (compiler === undefined) {
    fail(
      'found no mpicc, the compiler that MPI libraries bring.\nInstall one (Debian: apt-get install libopenmpi-dev openmpi-bin, or libmpich-dev mpich),\nload its module, or name it: MPICC=/path/to/mpicc npx thalweg build --mpi',
    );
  }
  console.log(`built ${buildMpi(compiler)}`);
}
