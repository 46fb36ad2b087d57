/**
 * Installing what a test or a check needs from the system, where that is possible without asking: as root, on a
 * machine with apt, dnf or pacman. `node scripts/system-packages.mjs TOOL…` makes sure of tools by name, and
 * `--path TOOL` prints where one is.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fail, findProgram, isMain } from './tools.mjs';

const managers = [
  {
    name: 'apt',
    program: 'apt-get',
    install: ['install', '-y', '--no-install-recommends'],
    refresh: ['update'],
  },
  { name: 'dnf', program: 'dnf', install: ['install', '-y'] },
  { name: 'pacman', program: 'pacman', install: ['-S', '--noconfirm', '--needed'], refresh: ['-Sy'] },
];

/** The checks' tools: which program or file each is, and which packages bring it, by package manager. */
const tools = {
  clang: { programs: ['clang-15'], packages: { apt: ['clang-15'] } },
  'clang-format': { programs: ['clang-format-15'], packages: { apt: ['clang-format-15'] } },
  'clang-tidy': { programs: ['clang-tidy-15'], packages: { apt: ['clang-tidy-15'] } },
  cmake: { programs: ['cmake'], packages: { apt: ['cmake'], dnf: ['cmake'], pacman: ['cmake'] } },
  'hip-headers': {
    programs: ['/usr/include/hip/hip_runtime_api.h', '/opt/rocm/include/hip/hip_runtime_api.h'],
    packages: { apt: ['libamdhip64-dev'] },
  },
  'hip-runtime': {
    programs: ['/usr/lib/x86_64-linux-gnu/libamdhip64.so.5', '/opt/rocm/lib/libamdhip64.so'],
    packages: { apt: ['libamdhip64-5'] },
  },
  oclgrind: { programs: ['oclgrind'], packages: { apt: ['oclgrind'] } },
  'opencl-headers': {
    programs: ['/usr/include/CL/cl.h'],
    packages: { apt: ['opencl-headers'], dnf: ['opencl-headers'], pacman: ['opencl-headers'] },
  },
  'rocm-device-libs': {
    programs: ['/usr/lib/x86_64-linux-gnu/amdgcn/bitcode/ocml.bc'],
    packages: { apt: ['rocm-device-libs'] },
  },
};

export function packageManager() {
  return managers.find((manager) => findProgram(manager.program) !== undefined);
}

function run(program, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Standard output stays free for what the caller prints there.
  return spawnSync(program, args, { stdio: ['ignore', 2, 2], env }).status === 0;
}

/** The command a person would type for these packages, by the machine's package manager; or the Debian one. */
export function installCommand(packages) {
  const manager = packageManager();
  const known = manager !== undefined && packages[manager.name] !== undefined ? manager : managers[0];
  const action = known.name === 'pacman' ? '-S' : 'install';
  return `${known.program} ${action} ${(packages[known.name] ?? []).join(' ')}`;
}

/** Installs those packages where it can; `packages` maps a package manager to names. Returns whether it did. */
export function installAsRoot(packages) {
  const manager = packageManager();
  const names = manager && packages[manager.name];
  if (names === undefined || process.getuid?.() !== 0) return false;
  console.error(`installing ${names.join(', ')} with ${manager.program}`);
  const install = () => run(manager.program, [...manager.install, ...names]);
  return install() || (manager.refresh !== undefined && run(manager.program, manager.refresh) && install());
}

/** The path of a tool of the table above, installed first where it is missing and can be; or undefined. */
export function tryTool(name) {
  const { programs, packages } = tools[name] ?? fail(`no tool is known as ${name}`, 2);
  const find = () =>
    programs.find((file) => path.isAbsolute(file) && existsSync(file)) ?? findProgram(...programs);
  return find() ?? (installAsRoot(packages) ? find() : undefined);
}

/** The path of a tool of the table above, as `tryTool`; ends the process where there is none. */
export function ensureTool(name) {
  const found = tryTool(name);
  if (found !== undefined) return found;
  const { programs, packages } = tools[name];
  return fail(`${programs[0]} is not here. Install it: ${installCommand(packages)}`);
}

if (isMain(import.meta.url)) {
  const names = process.argv.slice(2);
  if (names[0] === '--path') process.stdout.write(ensureTool(names[1]));
  else names.forEach(ensureTool);
}
