import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What a faked machine has: files by their path, and the properties of its kfd nodes. */
export interface Machine {
  readonly files?: Readonly<Record<string, string>>;
  readonly nodes?: readonly Node[];
}

/** Properties of a kfd node, or one whose file cannot be read. */
export type Node = Readonly<Record<string, number>> | 'unreadable';

/** As a desktop's processor shows itself. */
export const cpuNode: Node = {
  cpu_cores_count: 16,
  simd_count: 0,
  mem_banks_count: 1,
  wave_front_size: 0,
  gfx_target_version: 0,
  vendor_id: 0,
  drm_render_minor: 0,
};

function gpuNode(target: number, device: number, simds: number, wave: number, minor: number): Node {
  return {
    cpu_cores_count: 0,
    simd_count: simds,
    mem_banks_count: 1,
    wave_front_size: wave,
    gfx_target_version: target,
    vendor_id: 4098,
    device_id: device,
    drm_render_minor: minor,
  };
}

export const rx6500xt = gpuNode(100304, 0x743f, 32, 32, 128);
export const rx9060xt = gpuNode(120000, 0x7590, 64, 32, 129);
export const mi300x = gpuNode(90402, 0x74a1, 1216, 64, 128);
export const mi210 = gpuNode(90010, 0x740f, 416, 64, 129);
export const radeonPro = gpuNode(80003, 0x67df, 144, 64, 128);
export const strixHalo = gpuNode(110501, 0x1586, 80, 32, 128);

/** A card on the PCI bus, as the kernel shows it. */
export function pciCard(vendor: string, device: string, kind = '0x030000'): Record<string, string> {
  const slot = '/sys/bus/pci/devices/0000:03:00.0';
  return {
    [`${slot}/class`]: `${kind}\n`,
    [`${slot}/vendor`]: `${vendor}\n`,
    [`${slot}/device`]: `${device}\n`,
  };
}

export const rx6500xtCard = pciCard('0x1002', '0x743f');

export const osReleases = {
  manjaro: 'NAME="Manjaro Linux"\nPRETTY_NAME="Manjaro Linux"\nID=manjaro\nID_LIKE=arch\n',
  ubuntu: 'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nNAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n',
  fedora: 'NAME="Fedora Linux"\nID=fedora\nPRETTY_NAME="Fedora Linux 41 (Workstation Edition)"\n',
  void: 'NAME="Void"\nID="void"\nPRETTY_NAME="Void Linux"\n',
};

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Writes the files that such a machine shows into a new folder, to be named by THALWEG_SYSTEM_ROOT. */
export function fakeMachine({ files = {}, nodes }: Machine): string {
  const root = mkdtempSync(path.join(tmpdir(), 'thalweg-machine-'));
  folders.push(root);
  chmodSync(root, 0o755);
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  for (const [index, node] of (nodes ?? []).entries()) {
    const file = `/sys/class/kfd/kfd/topology/nodes/${index}/properties`;
    // A folder in the file's place cannot be read by anyone, root included.
    if (node === 'unreadable') mkdirSync(path.join(root, file), { recursive: true });
    else write(file, propertiesText(node));
  }
  return root;
}

function propertiesText(node: Exclude<Node, string>): string {
  return Object.entries(node)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}
