import { type Candidate, type Work, defaultCosts, fasterOf, gpuMayWin } from './costs';
import type { Backend, DeviceInfo } from '../addon/device-info';
import type { PrivateFiles } from '../addon/native';
import type { survey } from '../drivers/survey';
import { environment } from '../base/environment';
import { tuningOf } from './tuning/store';

async function candidateOf(info: DeviceInfo, files: PrivateFiles): Promise<Candidate> {
  return { info, costs: (await tuningOf(info, files))?.costs ?? defaultCosts(info) };
}

async function candidateAmong(
  ask: typeof survey,
  files: PrivateFiles,
  backend: Backend | undefined,
  type: DeviceInfo['type'],
): Promise<Candidate | undefined> {
  const { devices } = await ask(backend);
  const info = devices.find((device) => device.type === type);
  return info === undefined ? undefined : await candidateOf(info, files);
}

/** What was looked up, for as long as the environment is the same: neither devices nor their costs change meanwhile. */
const known = new Map<string, Promise<Candidate | undefined>>();

async function lookedUp(
  ask: typeof survey,
  files: PrivateFiles,
  type: 'cpu' | 'gpu',
): Promise<Candidate | undefined> {
  const key = JSON.stringify([type, environment()]);
  const looking = known.get(key) ?? candidateAmong(ask, files, type === 'cpu' ? 'cpu' : undefined, type);
  known.set(key, looking);
  looking.catch(() => known.delete(key));
  return await looking;
}

/**
 * The id of the device that 'auto' stands for: the CPU or the first GPU, whichever has the work done sooner. OpenCL
 * devices of the type 'cpu' are used only where they are named. Drivers are asked only where a GPU could win.
 *
 * @param ask what asks them: `survey`
 * @param files what reads what was measured: the addon
 */
export async function autoDeviceFor(work: Work, ask: typeof survey, files: PrivateFiles): Promise<string> {
  const cpu = await lookedUp(ask, files, 'cpu');
  if (cpu === undefined || !gpuMayWin(cpu.costs, work)) return 'cpu';
  return fasterOf(cpu, await lookedUp(ask, files, 'gpu'), work);
}
