import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { DeviceInfo } from '../device-info';
import type { Finding } from './finding';

const PCI = '/sys/bus/pci/devices';
/** PCI base class 03: display controllers. */
const DISPLAY = '0x03';
const VENDORS: Record<string, string> = { '0x1002': 'AMD', '0x10de': 'NVIDIA', '0x8086': 'Intel' };

/** Whether a GPU can be used; where none can, whether the machine has one at all. */
export async function gpuFinding(devices: readonly DeviceInfo[], pciFolder = PCI): Promise<Finding> {
  const gpus = devices.filter(({ type }) => type === 'gpu');
  if (gpus.length > 0) {
    const names = gpus.map(({ id, name }) => `${id} (${name})`).join(', ');
    return { code: 'GPU_READY', level: 'ok', what: `A GPU can be used: ${names}.` };
  }
  const cards = await graphicsCards(pciFolder);
  if (cards.length === 0) {
    return {
      code: 'GPU_NONE',
      level: 'problem',
      what: 'This machine shows no graphics card of AMD, NVIDIA or Intel. Neurons are trained on the CPU.',
    };
  }
  return {
    code: 'GPU_UNUSED',
    level: 'problem',
    what: `There is a graphics card (${cards.join(', ')}), but no driver offers it. Neurons are trained on the CPU.`,
    fix: ['Install the OpenCL driver of the card; what stands above says what is missing.'],
  };
}

/** Graphics cards on the PCI bus, as `AMD 1002:743f`. */
async function graphicsCards(pciFolder: string): Promise<string[]> {
  const slots = await readdir(pciFolder).catch(() => []);
  const cards = await Promise.all(slots.map((slot) => graphicsCard(path.join(pciFolder, slot))));
  return cards.filter((card) => card !== undefined);
}

async function graphicsCard(slot: string): Promise<string | undefined> {
  const [kind, vendor, device] = await Promise.all(
    ['class', 'vendor', 'device'].map((name) => readFile(path.join(slot, name), 'utf8').catch(() => '')),
  );
  const maker = VENDORS[vendor?.trim() ?? ''];
  if (maker === undefined || kind?.startsWith(DISPLAY) !== true) return undefined;
  return `${maker} ${[vendor, device].map((id) => id?.trim().replace('0x', '')).join(':')}`;
}
