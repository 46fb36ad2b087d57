import type { DeviceInfo } from '../addon/device-info';
import { type Finding, ok, problem } from './finding';
import type { Card } from './machine';

/** Whether a GPU works; where none does, whether one is offered, or there at all. */
export function gpuFinding(
  devices: readonly DeviceInfo[],
  working: readonly DeviceInfo[],
  cards: readonly Card[],
): Finding {
  const gpus = devices.filter(({ type }) => type === 'gpu');
  const ready = gpus.filter(({ id }) => working.some((device) => device.id === id));
  if (ready.length > 0) return ok('GPU_READY', `A GPU works: ${listed(ready)}.`);
  if (gpus.length > 0) {
    return problem(
      'GPU_BROKEN',
      `A GPU is offered (${listed(gpus)}), and does not work: what stands above says how it fails. Name the CPU meanwhile.`,
      'export THALWEG_DEVICE=cpu',
    );
  }
  if (cards.length === 0) {
    return problem(
      'GPU_NONE',
      'This machine shows no graphics card of AMD, NVIDIA or Intel. Neurons are trained on the CPU.',
    );
  }
  const there = cards.map(({ maker, id }) => `${maker} ${id}`).join(', ');
  return problem(
    'GPU_UNUSED',
    `There is a graphics card (${there}), but no driver offers it. Neurons are trained on the CPU.`,
    'Install the driver of the card; what stands above says what is missing.',
  );
}

function listed(devices: readonly DeviceInfo[]): string {
  return devices.map(({ id, name }) => `${id} (${name})`).join(', ');
}
