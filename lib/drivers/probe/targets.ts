import type { DeviceInfo } from '../../addon/device-info';
import { type DriverBackend, type Outcome, type Trial, probe } from './index';

/** Whether a GPU of that target, as 'gfx1034', can be used by its own name. */
export type Works = (target: string) => boolean;

/** What became of looking, by the backends that were asked. */
const known = new Map<string, Promise<Works>>();

/**
 * Tries the GPUs that drivers offer in processes of their own, so that none is loaded in this one. A GPU of AMD that does
 * not tell its target, as with Mesa's drivers, counts as any: it may be the one in question, and it works.
 *
 * @param device The name of the device that is about to be opened; of 'hip' and 'opencl', only theirs count.
 */
export async function workingTargets(device: string): Promise<Works> {
  const backend = device.split(':')[0] ?? device;
  const backends: DriverBackend[] = backend === 'hip' || backend === 'opencl' ? [backend] : ['hip', 'opencl'];
  const key = backends.join();
  const looking = known.get(key) ?? lookForTargets(backends);
  known.set(key, looking);
  return await looking;
}

async function lookForTargets(backends: readonly DriverBackend[]): Promise<Works> {
  const working: DeviceInfo[] = [];
  for (const gpu of await offeredGpus(backends)) {
    if (agrees(await probe({ ask: 'fit', device: gpu.id }))) working.push(gpu);
  }
  return (target) =>
    working.some(({ isa, vendor }) =>
      isa === undefined ? /AMD|Advanced Micro Devices/.test(vendor) : isa === target,
    );
}

/** The GPUs that drivers offer, each asked in a process of its own; none of one that does not answer. */
export async function offeredGpus(
  backends: readonly DriverBackend[],
  variables: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<DeviceInfo[]> {
  const outcomes = await Promise.all(
    backends.map((backend) => probe({ ask: 'survey', backend }, variables, signal)),
  );
  return outcomes.flatMap((outcome) =>
    outcome.state === 'answered' ? outcome.answer.devices.filter(({ type }) => type === 'gpu') : [],
  );
}

/** Whether a device trained as the CPU does. */
export function agrees(outcome: Outcome<Trial>): boolean {
  return outcome.state === 'answered' && outcome.answer.agrees;
}
