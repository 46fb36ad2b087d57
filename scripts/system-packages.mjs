/**
 * Installing what a test or a check needs from the system, where that is possible without asking: as root, on a
 * machine with apt, dnf or pacman. `node scripts/system-packages.mjs TOOL…` makes sure of tools by name, and
 * `--path TOOL` prints where one is.
 *
 * `--remove-all [--dry-run]` takes all of them away again, so that what follows shows what a fresh machine shows: with
 * CI=true only, as root and with apt. A package stays where others, that nobody here installs, would go with it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fail, findProgram, isMain, readArguments } from './tools.mjs';

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

/**
 * All that is ever installed here: which program or file each is, and which packages bring it, by package manager. PoCL,
 * OpenCL on the CPU, is no file but a device: ensure-opencl.mjs looks for that.
 */
const tools = {
  chromium: {
    programs: ['chromium', 'chromium-browser'],
    packages: { apt: ['chromium'], dnf: ['chromium'], pacman: ['chromium'] },
  },
  clang: { programs: ['clang-15'], packages: { apt: ['clang-15'] } },
  'clang-19': { programs: ['clang-19'], packages: { apt: ['clang-19'] } },
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
  mpich: {
    programs: ['mpicc.mpich'],
    packages: { apt: ['mpich', 'libmpich-dev'] },
  },
  'open-mpi': {
    programs: ['mpicc.openmpi'],
    packages: { apt: ['openmpi-bin', 'libopenmpi-dev'] },
  },
  oclgrind: { programs: ['oclgrind'], packages: { apt: ['oclgrind'] } },
  'opencl-loader': {
    programs: [
      '/usr/lib/x86_64-linux-gnu/libOpenCL.so.1',
      '/usr/lib64/libOpenCL.so.1',
      '/usr/lib/libOpenCL.so.1',
    ],
    packages: { apt: ['ocl-icd-libopencl1'], dnf: ['ocl-icd'], pacman: ['ocl-icd'] },
  },
  'opencl-headers': {
    programs: ['/usr/include/CL/cl.h'],
    packages: { apt: ['opencl-headers'], dnf: ['opencl-headers'], pacman: ['opencl-headers'] },
  },
  pocl: {
    programs: [],
    packages: {
      apt: ['pocl-opencl-icd', 'ocl-icd-libopencl1'],
      dnf: ['pocl', 'ocl-icd'],
      pacman: ['pocl', 'ocl-icd'],
    },
  },
  'rocm-device-libs': {
    programs: ['/usr/lib/x86_64-linux-gnu/amdgcn/bitcode/ocml.bc'],
    packages: { apt: ['rocm-device-libs'] },
  },
  xz: { programs: ['xz'], packages: { apt: ['xz-utils'], dnf: ['xz'], pacman: ['xz'] } },
};

export function packageManager() {
  return managers.find((manager) => findProgram(manager.program) !== undefined);
}

function run(program, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Standard output stays free for what the caller prints there.
  return spawnSync(program, args, { stdio: ['ignore', 2, 2], env }).status === 0;
}

function toolNamed(name) {
  return tools[name] ?? fail(`no tool is known as ${name}`, 2);
}

/** The command a person would type for that tool, by the machine's package manager; or the Debian one. */
export function installCommand(name) {
  const { packages } = toolNamed(name);
  const manager = packageManager();
  const known = manager !== undefined && packages[manager.name] !== undefined ? manager : managers[0];
  const action = known.name === 'pacman' ? '-S' : 'install';
  return `${known.program} ${action} ${(packages[known.name] ?? []).join(' ')}`;
}

/** Installs that tool where it can. Returns whether it did. */
export function installAsRoot(name) {
  const manager = packageManager();
  const names = manager && toolNamed(name).packages[manager.name];
  if (names === undefined || process.getuid?.() !== 0) return false;
  console.error(`installing ${names.join(', ')} with ${manager.program}`);
  const install = () => run(manager.program, [...manager.install, ...names]);
  return install() || (manager.refresh !== undefined && run(manager.program, manager.refresh) && install());
}

/** The path of a tool of the table above, or undefined. */
export function findTool(name) {
  const { programs } = toolNamed(name);
  return programs.find((file) => path.isAbsolute(file) && existsSync(file)) ?? findProgram(...programs);
}

/** The path of such a tool, installed first where it is missing and can be; ends the process where there is none. */
export function ensureTool(name) {
  const found = findTool(name) ?? (installAsRoot(name) ? findTool(name) : undefined);
  if (found !== undefined) return found;
  return fail(`${toolNamed(name).programs[0]} is not here. Install it: ${installCommand(name)}`);
}

/** The lines that a program prints; ends the process where it fails. */
function linesOf(program, ...args) {
  const env = { ...process.env, LC_ALL: 'C' };
  const { status, stdout } = spawnSync(program, args, {
    encoding: 'utf8',
    env,
    stdio: ['ignore', 'pipe', 2],
  });
  if (status !== 0) fail(`${program} ${args.join(' ')} failed`);
  return stdout.split('\n').filter((line) => line !== '');
}

/** Which packages would go with these: themselves, and what depends on them. */
function removedWith(names) {
  const lines = linesOf('apt-get', '--simulate', 'remove', ...names);
  return lines.map((line) => /^Remv (\S+)/.exec(line)?.[1]).filter((name) => name !== undefined);
}

function removeAll(isDry) {
  if (process.env.CI !== 'true' || process.getuid?.() !== 0 || findProgram('apt-get') === undefined)
    fail('system packages are removed with CI=true only, as root and with apt', 2);
  const ours = new Set(Object.values(tools).flatMap(({ packages }) => packages.apt));
  const installed = linesOf('dpkg-query', '--show', '--showformat', '${binary:Package} ${db:Status-Status}\n')
    .map((line) => line.split(' '))
    .filter(([, status]) => status === 'installed')
    .map(([name]) => name.replace(/:.*$/, ''));
  // What a person installed, or came with the system, stays; what apt brought along for ours may go with it.
  const kept = new Set(linesOf('apt-mark', 'showmanual').filter((name) => !ours.has(name)));
  const going = installed.filter((name) => {
    if (!ours.has(name)) return false;
    const lost = removedWith([name]).filter((other) => kept.has(other));
    if (lost.length > 0) console.error(`${name} stays: ${lost.join(', ')} would go with it`);
    return lost.length === 0;
  });
  if (going.length === 0) {
    console.error('no system package of these scripts is installed');
    return;
  }
  console.error(`${isDry ? 'would remove' : 'removing'} ${removedWith(going).join(', ')}`);
  if (!isDry && !run('apt-get', ['remove', '--purge', '-y', ...going])) fail('apt-get could not remove them');
}

if (isMain(import.meta.url)) {
  const { values, positionals } = readArguments({
    options: {
      path: { type: 'string' },
      'remove-all': { type: 'boolean' },
      'dry-run': { type: 'boolean' },
    },
    allowPositionals: true,
  });
  if (values['remove-all']) removeAll(values['dry-run']);
  if (values.path !== undefined) process.stdout.write(ensureTool(values.path));
  positionals.forEach(ensureTool);
}
