/**
 * Compilers for AMD's instruction sets, for check-isa.mjs. Debian's device libraries end before the newest ones: what they
 * lack for those is one constant, the number of the instruction set, which is compiled here beside links to the rest.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureTool } from './system-packages.mjs';
import { fail } from './tools.mjs';

/** Debian 12's clang, of LLVM 15 as the device libraries, and the newest one, for what came later. */
const newer = new Set(['gfx942', 'gfx1100', 'gfx1101', 'gfx1200']);

/** 9402 of gfx942, 9010 of gfx90a, 11000 of gfx1100: major, minor and step, of which the last is a hexadecimal digit. */
function numberOf(isa) {
  const [, major, minor, step] = /^gfx(\d+)(\d)([0-9a-f])$/.exec(isa);
  return Number(major) * 1000 + Number(minor) * 100 + parseInt(step, 16);
}

function writeNumber(clang, isa, file) {
  const source = [
    'target triple = "amdgcn-amd-amdhsa"',
    `@__oclc_ISA_version = linkonce_odr protected local_unnamed_addr addrspace(4) constant i32 ${numberOf(isa)}, align 4`,
  ].join('\n');
  const text = file.replace(/bc$/, 'll');
  writeFileSync(text, `${source}\n`);
  const options = ['-x', 'ir', '-nogpulib', '-target', 'amdgcn-amd-amdhsa', '-emit-llvm', '-c'];
  const { status } = spawnSync(clang, [...options, '-o', file, text], { stdio: ['ignore', 2, 2] });
  if (status !== 0) fail(`${clang} could not compile the number of ${isa}`);
}

/**
 * What compiles for each of these targets: `{ clang, libraries }` by target.
 *
 * @param folder for the libraries that are made here
 */
export function compilersFor(targets, folder) {
  const libraries = path.dirname(ensureTool('rocm-device-libs'));
  const made = path.join(folder, 'bitcode');
  const chosen = new Map();
  for (const target of targets) {
    if (!newer.has(target)) {
      chosen.set(target, { clang: ensureTool('clang'), libraries });
      continue;
    }
    const clang = ensureTool('clang-19');
    if (![...chosen.values()].some((one) => one.libraries === made)) {
      mkdirSync(made);
      for (const name of readdirSync(libraries))
        symlinkSync(path.join(libraries, name), path.join(made, name));
    }
    writeNumber(clang, target, path.join(made, `oclc_isa_version_${target.slice('gfx'.length)}.bc`));
    chosen.set(target, { clang, libraries: made });
  }
  return chosen;
}
