import type { FindingCode } from './codes';
import type { Finding } from './finding';
import type { Machine } from './machine';

/** Commands by distribution; `any` helps on each. */
interface Remedy {
  readonly any?: readonly string[];
  readonly arch?: readonly string[];
  readonly debian?: readonly string[];
  readonly fedora?: readonly string[];
}

const families = {
  arch: 'Arch, Manjaro',
  debian: 'Debian, Ubuntu',
  fedora: 'Fedora',
} as const;

/** A driver for AMD cards; AMD's own packages need AMD's repository, for which docs/gpu.md has the steps. */
const amdDriver: Remedy = {
  arch: ['sudo pacman -S rocm-opencl-sdk rocm-hip-sdk', 'pamac build opencl-amd  # instead, from the AUR'],
  debian: [
    "sudo apt install rocm-opencl-runtime rocm-hip-runtime  # AMD's repository: see docs/gpu.md",
    "sudo apt install mesa-opencl-icd  # instead, Mesa's driver",
  ],
  fedora: ['sudo dnf install rocm-opencl rocm-hip'],
};

const loader: Remedy = {
  arch: ['sudo pacman -S ocl-icd'],
  debian: ['sudo apt install ocl-icd-libopencl1'],
  fedora: ['sudo dnf install ocl-icd'],
};

const hipRuntime: Remedy = {
  arch: ['sudo pacman -S rocm-hip-sdk'],
  debian: [
    "sudo apt install rocm-hip-runtime  # AMD's repository: see docs/gpu.md",
    'sudo apt install libamdhip64-5  # instead, what Debian has itself',
  ],
  fedora: ['sudo dnf install rocm-hip'],
};

const update: Remedy = {
  arch: ['sudo pacman -Syu'],
  debian: ['sudo apt update && sudo apt upgrade'],
  fedora: ['sudo dnf upgrade'],
};

const joinGroups: Remedy = { any: ['sudo usermod -aG render,video "$USER"', 'Log out and in again.'] };

const loadModule: Remedy = {
  any: ['sudo modprobe amdgpu'],
  arch: ['sudo pacman -S linux-firmware'],
  debian: ['sudo apt install firmware-amd-graphics  # on Ubuntu: linux-firmware'],
  fedora: ['sudo dnf install amd-gpu-firmware'],
};

/** What mends a finding; those whose remedy depends on more than the distribution bring their own. */
const remedies: Partial<Record<FindingCode, Remedy>> = {
  ADDON_NOT_FOUND: {
    any: ['npx thalweg build'],
    arch: ['sudo pacman -S gcc make python  # what the build needs'],
    debian: ['sudo apt install g++ make python3  # what the build needs'],
    fedora: ['sudo dnf install gcc-c++ make python3  # what the build needs'],
  },
  KFD_MISSING: loadModule,
  KFD_NO_GPU: loadModule,
  KFD_NO_ACCESS: joinGroups,
  DRI_MISSING: loadModule,
  DRI_NO_ACCESS: joinGroups,
  GROUP_NOT_YET: { any: ['Log out and in again, or for one shell: newgrp render'] },
  CONTAINER_WITHOUT_GPU: {
    any: [
      'docker run --device /dev/kfd --device /dev/dri --group-add video --group-add "$(getent group render | cut -d: -f3)" …',
    ],
  },
  OPENCL_ICD_NONE: amdDriver,
  OPENCL_ICD_BROKEN: { any: ['Install the package of this driver again, or delete the file.'] },
  OPENCL_LIBRARY_MISSING: {
    arch: [...(loader.arch ?? []), ...(amdDriver.arch ?? [])],
    debian: [...(loader.debian ?? []), ...(amdDriver.debian ?? [])],
    fedora: [...(loader.fedora ?? []), ...(amdDriver.fedora ?? [])],
  },
  OPENCL_LOADER_BROKEN: loader,
  OPENCL_NO_PLATFORM: amdDriver,
  OPENCL_PLATFORM_BROKEN: update,
  OPENCL_DEVICE_UNUSABLE: update,
  OPENCL_CRASHES: update,
  OPENCL_HANGS: update,
  HIP_LIBRARY_MISSING: hipRuntime,
  HIP_RUNTIME_BROKEN: { any: ['lsmod | grep amdgpu  # whether the kernel drives the card'], ...update },
  HIP_DEVICE_UNUSABLE: update,
  HIP_CRASHES: update,
  HIP_HANGS: update,
  COMPILER_FAILED: update,
  DEVICE_WRONG: update,
  DEVICE_CRASHES: { any: ['sudo dmesg | tail -n 50  # what the kernel says of it'], ...update },
  DEVICE_HANGS: { any: ['sudo dmesg | tail -n 50  # what the kernel says of it'], ...update },
  GPU_UNUSED: amdDriver,
};

/** What a container's maker mends from outside, by the same command. */
const fromOutside: readonly string[] = [
  'KFD_MISSING',
  'KFD_NO_GPU',
  'KFD_NO_ACCESS',
  'DRI_MISSING',
  'DRI_NO_ACCESS',
] satisfies FindingCode[];

/** Puts the commands of this distribution with a finding that is not as it should be; of all where it is another one. */
export function withRemedy(
  finding: Finding,
  { distribution: { family }, container }: Pick<Machine, 'distribution' | 'container'>,
): Finding {
  const outside = container !== undefined && fromOutside.includes(finding.code);
  const remedy = remedies[outside ? 'CONTAINER_WITHOUT_GPU' : (finding.code as FindingCode)];
  if (remedy === undefined || finding.level === 'ok') return finding;
  const commands =
    family === undefined
      ? Object.entries(families).flatMap(([key, name]) =>
          (remedy[key as keyof typeof families] ?? []).map((command) => `${name}: ${command}`),
        )
      : (remedy[family] ?? []);
  return { ...finding, fix: [...(remedy.any ?? []), ...commands] };
}
