import type { DeviceInfo } from '../addon/device-info';
import { type NativeSurvey, addon } from '../addon/native';
import { invalid } from '../base/arguments';
import type * as Environment from '../base/environment';
import { ThalwegError, toldMore } from '../base/errors';
import { translated } from '../base/native-errors';
import { lazily } from '../base/lazily';
import type { DeviceOptions } from '../drivers/device-options';
import type * as HsaOverrides from '../drivers/hsa-override';
import { commonSettings, survey } from '../drivers/survey';
import { Device } from './device';
import type * as TuningStore from './tuning/store';

/* eslint-disable @typescript-eslint/no-require-imports -- loaded at their first use */
const environment = lazily(() => require('../base/environment') as typeof Environment);
const hsaOverrides = lazily(() => require('../drivers/hsa-override') as typeof HsaOverrides);
const tuningStore = lazily(() => require('./tuning/store') as typeof TuningStore);
/* eslint-enable @typescript-eslint/no-require-imports */

/**
 * Every device of this machine, asked anew: always 'cpu', then 'hip:0', …, 'opencl:0', …. A card that HIP and OpenCL both
 * see is listed by both, with the same `pci`. The drivers are loaded for it.
 *
 * @throws {@link ThalwegError} ERR_ADDON_NOT_FOUND
 *
 * @example
 * ```ts
 * import { devices } from 'thalweg';
 *
 * const [cpu, ...others] = await devices();
 * console.log(cpu?.id, cpu?.float64, others.map(({ name }) => name)); // cpu true […]
 * ```
 */
export async function devices(): Promise<DeviceInfo[]> {
  return [...(await survey()).devices];
}

/**
 * Whether any of the {@link devices} is a GPU.
 *
 * @throws {@link ThalwegError} ERR_ADDON_NOT_FOUND
 *
 * @example
 * ```ts
 * import { isGpuAvailable, openDevice } from 'thalweg';
 *
 * const device = await openDevice((await isGpuAvailable()) ? 'gpu' : 'cpu');
 * console.log(device.info.name); // …
 * await device.close();
 * ```
 */
export async function isGpuAvailable(): Promise<boolean> {
  return (await devices()).some((device) => device.type === 'gpu');
}

const deviceNames = "'auto', 'cpu', 'gpu', 'opencl', 'hip', 'opencl:0', 'hip:0', …";

/** @internal Checks the name of a device, without looking for it. */
export function checkDeviceName(option: string, name: unknown): string {
  if (typeof name === 'string' && /^(auto|cpu|gpu|(opencl|hip)(:\d+)?)$/.test(name)) return name;
  throw invalid(option, `one of ${deviceNames}`, name);
}

/** @internal What 'auto' stands for; 'auto' where THALWEG_DEVICE is not set. */
export function autoDevice(): string {
  return checkDeviceName('THALWEG_DEVICE', environment().environment().device ?? 'auto');
}

/** The backend that a name asks for; undefined for 'auto' and 'gpu', which any may serve. */
function backendOf(name: string): 'hip' | 'opencl' | undefined {
  const [backend] = name.split(':');
  return backend === 'hip' || backend === 'opencl' ? backend : undefined;
}

function notFound(name: string, found: NativeSurvey): ThalwegError {
  const backend = backendOf(name);
  const findings = backend === undefined ? [] : found[backend].findings;
  const why = findings.filter(({ level }) => level !== 'ok').map(({ what }) => what.replace(/\.$/, ''));
  if (backend !== undefined && found[backend].version === undefined) {
    return new ThalwegError(
      'ERR_DRIVER_MISSING',
      `there is no device '${name}': ${why.join('; ')}. Run \`npx thalweg doctor\` for what to install`,
      { option: 'device', device: name },
    );
  }
  const there = found.devices.map((device) => `${device.id} (${device.name})`).join(', ');
  return new ThalwegError(
    'ERR_DEVICE_NOT_FOUND',
    `there is no device '${name}'; this machine has ${[there, ...why].join('; ')}. Run \`npx thalweg doctor\` for why`,
    { option: 'device', device: name },
  );
}

/** The device that a name stands for. HIP devices come first, and with them a card that OpenCL sees as well. */
function resolve(name: string, found: NativeSurvey): DeviceInfo {
  const gpu = found.devices.find((device) => device.type === 'gpu');
  const ofBackend = found.devices.filter(({ backend }) => backend === name);
  const chosen =
    name === 'auto'
      ? (gpu ?? found.devices.find(({ id }) => id === 'cpu'))
      : name === 'gpu'
        ? gpu
        : name === backendOf(name)
          ? (ofBackend.find(({ type }) => type === 'gpu') ?? ofBackend[0])
          : found.devices.find(({ id }) => id === name);
  if (chosen === undefined) throw notFound(name, found);
  return chosen;
}

async function openCpu(): Promise<Device> {
  return Device.of(await translated(addon().openDevice({ ...commonSettings(), backend: 'cpu' })));
}

/** Opens it with the parameters that were measured on it, where some are stored. */
async function openKernelDevice(info: DeviceInfo): Promise<Device> {
  const { backend, id } = info;
  const measured = (await tuningStore().tuningOf(info, addon()))?.settings;
  const settings = { ...commonSettings(), backend, index: Number(id.split(':')[1]) };
  return Device.of(
    await translated(addon().openDevice(measured === undefined ? settings : { ...settings, measured })),
  );
}

/**
 * Opens a device. 'auto' is what THALWEG_DEVICE names; unset, a GPU where there is one, otherwise the CPU.
 *
 * @param id 'auto', 'cpu', 'gpu', 'opencl', 'hip', or one device as 'opencl:1'
 * @throws {@link ThalwegError} ERR_DEVICE_NOT_FOUND, ERR_DRIVER_MISSING: a device named is never replaced by another;
 *   ERR_ADDON_NOT_FOUND, ERR_OUT_OF_MEMORY, ERR_DEVICE_LOST, ERR_KERNEL_BUILD; ERR_INVALID_ARGUMENT, also for an
 *   `hsaOverride` that comes after a driver was loaded
 *
 * @example
 * ```ts
 * import { batchGradientDescent, openDevice } from 'thalweg';
 *
 * const device = await openDevice('cpu');
 * const options = { learningRate: 0.1, iterations: 200, device };
 * const { theta } = await batchGradientDescent([[1], [2]], [2, 4], options);
 * console.log(theta[0]?.toFixed(6)); // 2.000000
 * await device.close();
 * ```
 */
export async function openDevice(id = 'auto', options?: DeviceOptions): Promise<Device> {
  const name = checkDeviceName('id', id) === 'auto' ? autoDevice() : id;
  const { hsaOverride } = options === undefined ? {} : hsaOverrides().checkDeviceOptions(options);
  if (name === 'cpu') return await openCpu();
  if (hsaOverride === undefined) return await openNamed(name);
  const account = await hsaOverrides().applyHsaOverride(hsaOverride, name);
  try {
    const device = await openNamed(name);
    if (device.info.type === 'cpu' && account !== undefined && !name.includes(':')) {
      process.emitWarning(`No GPU can be opened; ${account}`, { code: 'THALWEG_HSA_OVERRIDE' });
    }
    return device;
  } catch (error) {
    if (!(error instanceof ThalwegError) || account === undefined) throw error;
    throw toldMore(error, account);
  }
}

async function openNamed(name: string): Promise<Device> {
  const info = resolve(name, await survey(backendOf(name)));
  return await (info.backend === 'cpu' ? openCpu() : openKernelDevice(info));
}

/** Devices that calls opened for themselves, by what was asked for; they stay open. */
const shared = new Map<string, Promise<Device>>();

/** @internal The device for a call that names one: opened once, then shared. */
export async function sharedDevice(name: string): Promise<Device> {
  const key = JSON.stringify([name, environment().environment()]);
  for (let known = shared.get(key); known !== undefined; known = shared.get(key)) {
    const device = await known;
    if (!device.closed) return device;
    if (shared.get(key) === known) shared.delete(key);
  }
  // Kept at once: of calls that start together the first opens it for all.
  const opening = openDevice(name);
  shared.set(key, opening);
  // A failure is not kept: a driver may be installed meanwhile.
  opening.catch(() => shared.delete(key));
  return await opening;
}
