import { type Stats, constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { systemFolder, systemPath, systemText } from '../drivers/system/files';
import { type Kfd, readKfd } from '../drivers/system/kfd';
import { type Distribution, readDistribution } from './distribution';

/** A graphics card on the PCI bus. */
export interface Card {
  readonly maker: string;
  /** Vendor and device, as '1002:743f'. */
  readonly id: string;
}

/** A device file that a driver opens. */
export interface DeviceNode {
  readonly file: string;
  /** Whether this process may read and write it. */
  readonly open: boolean;
  readonly gid: number;
}

/** What the kernel and the system show of GPUs, before any driver is asked. */
export interface Machine {
  readonly distribution: Distribution;
  readonly cards: readonly Card[];
  readonly kfd: Kfd;
  /** /dev/kfd, where it is there. */
  readonly kfdNode: DeviceNode | undefined;
  /** /dev/dri/renderD128, … */
  readonly renderNodes: readonly DeviceNode[];
  /** The container's kind; undefined outside of one. */
  readonly container: string | undefined;
}

/** Whether an AMD GPU is there, by the PCI bus or by the kernel's compute driver. */
export function hasAmd({ cards, kfd }: Machine): boolean {
  return kfd.gpus.length > 0 || cards.some(({ maker }) => maker === 'AMD');
}

/** The AMD GPUs by name: their targets where the kernel tells, otherwise as on the PCI bus. */
export function amdNames({ cards, kfd }: Machine): string {
  if (kfd.gpus.length > 0) return kfd.gpus.map(({ target }) => target).join(', ');
  return cards
    .filter(({ maker }) => maker === 'AMD')
    .map(({ maker, id }) => `${maker} ${id}`)
    .join(', ');
}

export async function lookAtMachine(): Promise<Machine> {
  const dri = ((await systemFolder('/dev/dri')) ?? []).filter((name) => /^renderD\d+$/.test(name));
  const renderNodes = await Promise.all(dri.map((name) => deviceNode(`/dev/dri/${name}`)));
  return {
    distribution: await readDistribution(),
    cards: await graphicsCards(),
    kfd: await readKfd(),
    kfdNode: await deviceNode('/dev/kfd'),
    renderNodes: renderNodes.filter((node) => node !== undefined),
    container: await containerKind(),
  };
}

async function deviceNode(file: string): Promise<DeviceNode | undefined> {
  const found: Stats | undefined = await stat(systemPath(file)).catch(() => undefined);
  if (found === undefined) return undefined;
  const open = await access(systemPath(file), constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  return { file, open, gid: found.gid };
}

const PCI = '/sys/bus/pci/devices';
/** PCI base class 03: display controllers; 12: accelerators, as an MI300X is. */
const KINDS = /^0x(03|12)/;
const MAKERS: Record<string, string> = { '0x1002': 'AMD', '0x10de': 'NVIDIA', '0x8086': 'Intel' };

async function graphicsCards(): Promise<Card[]> {
  const slots = (await systemFolder(PCI)) ?? [];
  const cards = await Promise.all(slots.map((slot) => graphicsCard(`${PCI}/${slot}`)));
  return cards.filter((card) => card !== undefined);
}

async function graphicsCard(slot: string): Promise<Card | undefined> {
  const read = async (name: string): Promise<string> => (await systemText(`${slot}/${name}`)) ?? '';
  const vendor = await read('vendor');
  const maker = MAKERS[vendor];
  if (maker === undefined || !KINDS.test(await read('class'))) return undefined;
  const id = [vendor, await read('device')].map((text) => text.replace('0x', '')).join(':');
  return { maker, id };
}

async function containerKind(): Promise<string | undefined> {
  const named = await systemText('/run/systemd/container');
  if (named !== undefined && named !== '') return named;
  if ((await systemText('/run/.containerenv')) !== undefined) return 'podman';
  if ((await systemText('/.dockerenv')) !== undefined) return 'docker';
  const cgroup = (await systemText('/proc/1/cgroup')) ?? '';
  return /\b(docker|kubepods|lxc|containerd|libpod)\b/.exec(cgroup)?.[1];
}
