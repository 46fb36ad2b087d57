import type { DeviceInfo } from '../device-info';
import { probe } from './index';

/** Whether a GPU of that target, as 'gfx1034', can be used by its own name. */
export type Works = (target: string) => boolean;

/** What became of looking, by the devices that were looked for. */
const known = new Map<string, Promise<Works>>();

/**
 * Tries the GPUs that drivers offer in a process of its own, so that none is loaded in this one. A GPU of AMD that does
 * not tell its target, as with Mesa's drivers, counts as any: it may be the one in question, and it works.
 *
 * @param device The name of the device that is about to be opened; of 'hip' and 'opencl', only theirs count.
 */
export async function workingTargets(device: string): Promise<Works> {
  const backend = device.split(':')[0] ?? device;
  const kinds = backend === 'hip' || backend === 'opencl' ? backend : 'any';
  const looking = known.get(kinds) ?? lookForTargets(kinds);
  known.set(kinds, looking);
  return await looking;
}

async function lookForTargets(kinds: 'hip' | 'opencl' | 'any'): Promise<Works> {
  const outcome = await probe({ ask: 'survey' });
  if (outcome.state !== 'answered') return () => false;
  const gpus = outcome.answer.devices.filter(
    ({ type, backend }) => type === 'gpu' && (kinds === 'any' || backend === kinds),
  );
  const working: DeviceInfo[] = [];
  for (const gpu of gpus) {
    const trial = await probe({ ask: 'fit', device: gpu.id });
    if (trial.state === 'answered' && trial.answer.agrees) working.push(gpu);
  }
  return (target) =>
    working.some(({ isa, vendor }) =>
      isa === undefined ? /AMD|Advanced Micro Devices/.test(vendor) : isa === target,
    );
}
