import {
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Finished, output, run } from './support';

/** All of coreutils that run.sh names, besides a shell. */
const programs = ['sh', 'cat', 'chmod', 'dirname', 'mkdir', 'mktemp', 'rm', 'timeout', 'tr'];
/** The rest of glibc, which no system lacks. */
const glibc = ['libc.so.6', 'libdl.so.2', 'libm.so.6', 'libpthread.so.0', 'librt.so.1'];
const devices = { null: 3, zero: 5, urandom: 9 };

/** The libraries that a program or library is linked to, and theirs. */
function librariesOf(file: string): string[] {
  return output('ldd', [file]).match(/\/\S+/g) ?? [];
}

/** Where the dynamic linker finds a library. */
function libraryFile(name: string): string {
  const lines = output('sh', ['-c', 'PATH=$PATH:/usr/sbin:/sbin ldconfig -p']).split('\n');
  const line = lines.find((one) => one.trim().startsWith(`${name} `) && one.includes('x86-64'));
  const file = line?.split('=> ')[1];
  if (file === undefined) throw new Error(`the dynamic linker knows no ${name}`);
  return file;
}

/**
 * The root of a machine that has a kernel, a C library, a shell and coreutils: no Node, no xz, no C++ library, no OpenCL.
 * Programs run in it by chroot, so as root only.
 */
export class BareRoot {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'thalweg-root-'));

  constructor() {
    if (process.getuid?.() !== 0)
      throw new Error('an empty root is entered by chroot: run this suite as root');
    // As this system has them: what is found by '..' from a library is found there too.
    for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
      if (!lstatSync(`/${name}`).isSymbolicLink()) continue;
      const target = readlinkSync(`/${name}`);
      symlinkSync(target, path.join(this.folder, name));
      mkdirSync(path.join(this.folder, target), { recursive: true });
    }
    for (const name of programs) this.addLinked(output('sh', ['-c', `command -v ${name}`]).trim());
    for (const name of glibc) this.#add(libraryFile(name));
    for (const name of ['tmp', 'dev', 'proc', 'sys']) mkdirSync(path.join(this.folder, name));
    for (const [name, minor] of Object.entries(devices)) {
      output('mknod', ['-m', '666', path.join(this.folder, 'dev', name), 'c', '1', String(minor)]);
    }
    // What a kernel shows; mounting it would take more rights than a container has.
    for (const name of ['cpuinfo', 'meminfo', 'stat']) {
      writeFileSync(path.join(this.folder, 'proc', name), readFileSync(path.join('/proc', name)));
    }
    const system = '/sys/devices/system';
    mkdirSync(path.join(this.folder, system), { recursive: true });
    for (const name of ['cpu', 'node']) {
      const from = path.join(system, name);
      // Some of it may be read by nobody.
      if (existsSync(from)) run('cp', ['-r', from, path.join(this.folder, system)]);
    }
  }

  #add(file: string): void {
    const target = path.join(this.folder, file);
    if (existsSync(target)) return;
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(realpathSync(file), target);
  }

  /** A program or a library, with all that it is linked to. */
  addLinked(file: string): void {
    for (const one of [file, ...librariesOf(file)]) this.#add(one);
  }

  /** PoCL as "the driver": itself, its libraries, and the linker that it calls, with what that links to. */
  addPocl(): void {
    const icd = '/etc/OpenCL/vendors/pocl.icd';
    const named = readFileSync(icd, 'utf8').trim();
    const library = path.isAbsolute(named) ? named : libraryFile(named.replace(/(\.so\.\d+)\..*$/, '$1'));
    this.#add(icd);
    this.addLinked(library);
    const own = path.dirname(library);
    copyFileSync(realpathSync(library), path.join(this.folder, own, path.basename(named)));
    for (const name of readdirSync(path.join(own, 'pocl'))) this.addLinked(path.join(own, 'pocl', name));
    cpSync('/usr/share/pocl', path.join(this.folder, 'usr/share/pocl'), { recursive: true });
    this.addLinked(output('sh', ['-c', 'command -v ld']).trim());
    for (const name of ['libc.so.6', 'libm.so.6', 'libgcc_s.so.1']) {
      const folder = path.join(this.folder, path.dirname(libraryFile(name)));
      symlinkSync(name, path.join(folder, name.replace(/\.\d+$/, '')));
    }
    const libgcc = output('cc', ['-print-libgcc-file-name']).trim();
    copyFileSync(libgcc, path.join(this.folder, path.dirname(libraryFile('libc.so.6')), 'libgcc.a'));
  }

  remove(file: string): void {
    rmSync(path.join(this.folder, file));
  }

  /** What lies in its /tmp. */
  left(): string[] {
    return readdirSync(path.join(this.folder, 'tmp'));
  }

  /** Runs a program there, with next to no environment. */
  run(...command: string[]): Finished {
    return run('/usr/bin/env', [
      '-i',
      'PATH=/usr/sbin:/sbin:/usr/bin:/bin',
      'HOME=/tmp',
      'chroot',
      this.folder,
      ...command,
    ]);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
