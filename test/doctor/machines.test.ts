import { execFile } from 'node:child_process';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Diagnosis } from '../../lib';
import { plainEnvironment, root } from '../examples/run-example';
import { emulators } from '../hip/emulator';
import { desktop, examine, native } from './examine';
import { cpuNode, fakeMachine, mi300x, osReleases, pciCard, rx6500xtCard, rx9060xt } from './machine';

const { files, nodes } = desktop;

/** `desktop` without some of its files. */
function without(...names: (keyof typeof files)[]): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([name]) => !(names as string[]).includes(name)));
}

it('finds a desktop with an RX 6500 XT in order, and says so step by step', async () => {
  const hip = { THALWEG_HIP_LIBRARY: emulators().wave32, HIP_EMULATOR_ARCH: 'gfx1034' };
  const { diagnosis, exitCode } = await examine(desktop, { ...native, ...hip });
  expect(diagnosis.findings.map(({ code, level }) => [code, level])).toEqual(
    [
      ...['PLATFORM_READY', 'ADDON_READY', 'KFD_READY', 'DRI_READY', 'GROUP_READY', 'OPENCL_ICD_FOUND'],
      ...['CPU_READY', 'OPENCL_READY', 'OPENCL_DEVICE', 'HIP_READY', 'HIP_DEVICE', 'COMPILER_READY'],
      ...[
        'OVERRIDE_NONE',
        'MEMORY_READY',
        'CACHE_READY',
        'TUNING_NONE',
        'DEVICE_WORKS',
        'DEVICE_WORKS',
        'GPU_READY',
      ],
    ].map((code) => [code, 'ok']),
  );
  expect({ ok: diagnosis.ok, exitCode }).toEqual({ ok: true, exitCode: 0 });
  expect(diagnosis.findings.filter(({ fix }) => fix !== undefined)).toEqual([]);
  expect(diagnosis.findings.at(-1)?.what).toMatch(/^A GPU works: opencl:0 \(gfx1034\), hip:0 \(.+\)\.$/);
});

it('names the system, the addon and the GPUs', async () => {
  const both = { files: { ...files, '/dev/dri/renderD129': '' }, nodes: [cpuNode, mi300x, rx9060xt] };
  const examination = await examine(both);
  expect(examination.finding('PLATFORM_READY').what).toMatch(/^Manjaro Linux, Linux \S+ on \w+, glibc /);
  expect(examination.finding('ADDON_READY').what).toMatch(/: build\/Release\/thalweg\.node\.$/);
  expect(examination.finding('KFD_READY').what).toMatch(
    /gfx942 \(node 1, 1216 SIMDs, waves of 64\), gfx1200 \(node 2, 64 SIMDs, waves of 32\)/,
  );
});

describe('what the kernel shows', () => {
  it('misses /dev/kfd and the render node of an AMD card', async () => {
    const found = await examine({ files: without('/dev/kfd', '/dev/dri/renderD128') });
    expect(found.finding('KFD_MISSING')).toMatchObject({
      level: 'problem',
      what: expect.stringContaining('AMD 1002:743f') as unknown,
      fix: expect.arrayContaining(['sudo modprobe amdgpu']) as unknown,
    });
    expect(found.finding('DRI_MISSING').level).toBe('problem');
  });

  it('misses the render node that the topology names', async () => {
    const elsewhere = { ...without('/dev/dri/renderD128'), '/dev/dri/renderD200': '' };
    const found = await examine({ files: elsewhere, nodes });
    expect(found.finding('DRI_MISSING').what).toMatch(/renderD128 of the AMD GPU \(gfx1034\)/);
  });

  it.each([
    ['KFD_NO_GPU', [cpuNode]],
    ['KFD_UNREADABLE', ['unreadable' as const]],
    ['KFD_UNREADABLE', undefined],
  ])('warns: %s', async (code, shown) => {
    const found = await examine({ files, ...(shown === undefined ? {} : { nodes: shown }) });
    expect(found.finding(code)).toMatchObject({ level: 'warning', fix: expect.any(Array) as unknown });
  });

  it('asks for nothing where no AMD GPU is', async () => {
    const nvidia = pciCard('0x10de', '0x2684');
    const found = await examine({ files: { ...nvidia, '/etc/os-release': osReleases.fedora } });
    expect(found.finding('KFD_NONE').level).toBe('ok');
    expect(found.finding('HIP_LIBRARY_MISSING')).toMatchObject({
      level: 'ok',
      what: 'HIP is not installed, nor needed: there is no AMD GPU.',
    });
    expect(found.codes).not.toContain('DRI_MISSING');
    expect(found.finding('GPU_UNUSED').what).toContain('NVIDIA 10de:2684');
  });

  it.each([
    ['a network card', pciCard('0x8086', '0x10d3', '0x020000')],
    ['the display of a virtual machine', pciCard('0x1234', '0x1111')],
    ['nothing', {}],
  ])('takes %s for no graphics card', async (_name, shown) => {
    expect((await examine({ files: shown })).finding('GPU_NONE').level).toBe('problem');
  });
});

describe('rights', () => {
  const user = process.getuid?.() === 0 ? 'nobody' : os.userInfo().username;

  /** The doctor's findings as a user for whom every device file is closed. */
  async function asStranger(members: string, more: Record<string, string> = {}): Promise<Diagnosis> {
    const folder = fakeMachine({ files: { ...files, ...more }, nodes });
    for (const file of ['dev/kfd', 'dev/dri/renderD128']) chmodSync(path.join(folder, file), 0);
    const { gid } = statSync(path.join(folder, 'dev/kfd'));
    writeFileSync(path.join(folder, 'etc/group'), `render:x:${gid}:${members}\n`);
    const program = `
      const { diagnose } = require('./dist');
      if (process.getuid() === 0) {
        require('./dist/addon/native').addon();
        process.setgroups([]);
        process.setgid(65534);
        process.setuid(65534);
      }
      diagnose().then((found) => process.stdout.write(JSON.stringify(found)));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], {
      cwd: root,
      env: {
        ...plainEnvironment(),
        THALWEG_SYSTEM_ROOT: folder,
        THALWEG_OPENCL_LIBRARY: '/nowhere.so',
        THALWEG_HIP_LIBRARY: '/nowhere.so',
      },
    });
    return JSON.parse(stdout) as Diagnosis;
  }

  it('misses the group that the device files ask for', async () => {
    const { findings } = await asStranger('someone,else');
    const fix = ['sudo usermod -aG render,video "$USER"', 'Log out and in again.'];
    expect(findings).toEqual(
      expect.arrayContaining([
        {
          code: 'KFD_NO_ACCESS',
          level: 'problem',
          what: expect.stringContaining('/dev/kfd') as unknown,
          fix,
        },
        {
          code: 'DRI_NO_ACCESS',
          level: 'problem',
          what: expect.stringContaining('renderD128') as unknown,
          fix,
        },
        {
          code: 'GROUP_MISSING',
          level: 'problem',
          what: '/dev/kfd, /dev/dri/renderD128 asks for the group render, and you are not in it.',
          fix: ['sudo usermod -aG render "$USER"', 'Log out and in again.'],
        },
      ]),
    );
  });

  it('asks for the group by its number in a container', async () => {
    const { findings } = await asStranger('', { '/.dockerenv': '' });
    const { fix } = findings.find(({ code }) => code === 'GROUP_MISSING') ?? {};
    expect(fix).toEqual([expect.stringMatching(/^docker run --group-add \d+ …$/)]);
  });

  it('tells a group that the session does not have yet', async () => {
    const { findings } = await asStranger(`someone,${user}`);
    expect(findings.find(({ code }) => code === 'GROUP_NOT_YET')).toMatchObject({
      level: 'warning',
      fix: [expect.stringContaining('Log out and in again') as unknown],
    });
  });
});

describe('containers', () => {
  it.each([
    ['docker', '/.dockerenv', ''],
    ['podman', '/run/.containerenv', 'engine="podman"\n'],
    ['systemd-nspawn', '/run/systemd/container', 'systemd-nspawn\n'],
    ['kubepods', '/proc/1/cgroup', '0::/kubepods/besteffort/pod1\n'],
  ])('without the GPU of the machine around it: %s', async (kind, file, text) => {
    const found = await examine({ files: { ...rx6500xtCard, [file]: text } });
    const fix = [expect.stringContaining('--device /dev/kfd --device /dev/dri') as unknown];
    expect(found.finding('CONTAINER_WITHOUT_GPU')).toMatchObject({
      level: 'warning',
      what: expect.stringContaining(`(${kind})`) as unknown,
      fix,
    });
    expect(found.finding('KFD_MISSING').fix).toEqual(fix);
  });

  it('with it', async () => {
    const found = await examine({ files: { ...files, '/.dockerenv': '' }, nodes }, native);
    expect(found.finding('CONTAINER_FOUND').what).toContain('/dev/kfd, /dev/dri/renderD128');
    expect(found.exitCode).toBe(0);
  });

  it('without one around it', async () => {
    const found = await examine({ files: { '/proc/1/cgroup': '0::/init.scope\n' } });
    expect(found.codes.filter((code) => code.startsWith('CONTAINER_'))).toEqual([]);
  });
});

describe('registered drivers', () => {
  it('none', async () => {
    const found = await examine({ files: without('/etc/OpenCL/vendors/amdocl64.icd'), nodes });
    expect(found.finding('OPENCL_ICD_NONE')).toMatchObject({
      level: 'problem',
      fix: expect.arrayContaining(['sudo pacman -S rocm-opencl-sdk rocm-hip-sdk']) as unknown,
    });
  });

  it('one whose library is gone, one that names none, and one that the linker finds', async () => {
    const cache = 'glibc-ld.so.cache1.1\0\0libfound.so.1\0/usr/lib/found/libfound.so.1\0';
    const found = await examine({
      files: {
        ...without('/opt/rocm/lib/libamdocl64.so'),
        '/etc/OpenCL/vendors/empty.icd': '\n',
        '/etc/OpenCL/vendors/found.icd': 'libfound.so.1.0.0\n',
        '/etc/OpenCL/vendors/lost.icd': 'liblost.so.1\n',
        '/etc/OpenCL/vendors/notes.txt': 'libnotes.so\n',
        '/etc/ld.so.cache': cache,
        '/usr/lib/found/libfound.so.1.0.0': '',
      },
    });
    const broken = found.diagnosis.findings.filter(({ code }) => code === 'OPENCL_ICD_BROKEN');
    expect(broken.map(({ what }) => what)).toEqual([
      '/etc/OpenCL/vendors/amdocl64.icd names /opt/rocm/lib/libamdocl64.so, and there is no such library.',
      '/etc/OpenCL/vendors/empty.icd cannot be read, or names no library.',
      '/etc/OpenCL/vendors/lost.icd names liblost.so.1, and there is no such library.',
    ]);
  });

  it('another place for them', async () => {
    const variables = { OCL_ICD_VENDORS: '/opt/vendors/' };
    const found = await examine(
      { files: { ...files, '/opt/vendors/own.icd': '/lib/own.so\n', '/lib/own.so': '' } },
      variables,
    );
    expect(found.finding('OPENCL_ICD_ELSEWHERE')).toMatchObject({
      level: 'warning',
      fix: ['unset OCL_ICD_VENDORS'],
    });
    expect(found.finding('OPENCL_ICD_FOUND').what).toContain('own.icd (/lib/own.so)');
  });
});

describe('commands', () => {
  const missing = { THALWEG_OPENCL_LIBRARY: '/nowhere/libOpenCL.so.1' };

  it.each([
    ['manjaro', 'sudo pacman -S ocl-icd'],
    ['ubuntu', 'sudo apt install ocl-icd-libopencl1'],
    ['fedora', 'sudo dnf install ocl-icd'],
  ] as const)('are those of the distribution: %s', async (name, command) => {
    const found = await examine({ files: { '/etc/os-release': osReleases[name] } }, missing);
    const { fix = [], what } = found.finding('OPENCL_LIBRARY_MISSING');
    expect(what).toContain('/nowhere/libOpenCL.so.1');
    expect(fix[0]).toBe(command);
    expect(
      fix.filter(
        (step) => !step.startsWith(command.split(' ').slice(0, 2).join(' ')) && !step.startsWith('pamac'),
      ),
    ).toEqual([]);
  });

  it('bring HIP as well, where an AMD GPU is', async () => {
    const found = await examine(desktop, native);
    expect(found.finding('HIP_LIBRARY_MISSING')).toMatchObject({
      level: 'warning',
      fix: ['sudo pacman -S rocm-hip-sdk'],
    });
    expect(found.exitCode).toBe(0);
  });

  it('are given for each where the distribution is another one', async () => {
    const found = await examine({ files: { '/etc/os-release': osReleases.void } }, missing);
    const { fix } = found.finding('OPENCL_LIBRARY_MISSING');
    expect(fix).toEqual(
      expect.arrayContaining([
        'Arch, Manjaro: sudo pacman -S ocl-icd',
        'Debian, Ubuntu: sudo apt install ocl-icd-libopencl1',
        'Fedora: sudo dnf install ocl-icd',
      ]),
    );
  });
});
