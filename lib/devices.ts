import { integer, invalid, oneOf } from './check';
import { Device } from './device';
import type { DeviceInfo } from './device-info';
import { environment } from './environment';
import { ThalwegError, translated } from './errors';
import { addon, type NativeDeviceSettings, type NativeSurvey } from './native';

const kernelShapes = ['wide', 'rows'] as const;

/** What the environment variables ask of every device. */
function commonSettings(): NativeDeviceSettings {
  const { threads, cpuLevel, openclLibrary, kernelShape, maxAllocation } = environment();
  return {
    ...(threads === undefined ? {} : { threads: integer('THALWEG_THREADS', Number(threads), 1, 1024) }),
    ...(cpuLevel === undefined ? {} : { cpuLevel }),
    ...(openclLibrary === undefined ? {} : { openclLibrary }),
    ...(kernelShape === undefined
      ? {}
      : { kernelShape: oneOf('THALWEG_KERNEL_SHAPE', kernelShape, kernelShapes) }),
    ...(maxAllocation === undefined
      ? {}
      : {
          maxAllocationBytes: integer(
            'THALWEG_MAX_ALLOCATION',
            Number(maxAllocation),
            4096,
            Number.MAX_SAFE_INTEGER,
          ),
        }),
  };
}

/** What the drivers of this machine offer; asks them anew. */
export async function survey(): Promise<NativeSurvey> {
  return await translated(addon().listDevices(commonSettings()));
}

/**
 * Every device of this machine: always 'cpu', then 'hip:0', …, 'opencl:0', ….
 *
 * @throws ThalwegError ERR_ADDON_NOT_FOUND
 */
export async function devices(): Promise<DeviceInfo[]> {
  return [...(await survey()).devices];
}

/** Whether a GPU can be used. */
export async function isGpuAvailable(): Promise<boolean> {
  return (await devices()).some((device) => device.type === 'gpu');
}

const deviceNames = "'auto', 'cpu', 'gpu', 'opencl', 'hip', 'opencl:0', 'hip:0', …";

/** Checks the name of a device, without looking for it. */
export function checkDeviceName(option: string, name: unknown): string {
  if (typeof name === 'string' && /^(auto|cpu|gpu|(opencl|hip)(:\d+)?)$/.test(name)) return name;
  throw invalid(option, `one of ${deviceNames}`, name);
}

/** What 'auto' stands for; 'auto' where THALWEG_DEVICE is not set. */
export function autoDevice(): string {
  return checkDeviceName('THALWEG_DEVICE', environment().device ?? 'auto');
}

function notFound(name: string, found: NativeSurvey): ThalwegError {
  if (name.startsWith('hip')) {
    return new ThalwegError(
      'ERR_DEVICE_NOT_FOUND',
      `there is no device '${name}': this version has no HIP backend yet; an AMD GPU works through OpenCL, as 'opencl'`,
      { option: 'device', device: name },
    );
  }
  if (name.startsWith('opencl') && found.opencl.version === undefined) {
    const why = found.opencl.findings.map(({ what }) => what.replace(/\.$/, '')).join('; ');
    return new ThalwegError(
      'ERR_DRIVER_MISSING',
      `there is no device '${name}': ${why}. Run \`npx thalweg doctor\` for what to install`,
      { option: 'device', device: name },
    );
  }
  const there = found.devices.map((device) => `${device.id} (${device.name})`).join(', ');
  return new ThalwegError(
    'ERR_DEVICE_NOT_FOUND',
    `there is no device '${name}'; this machine has ${there}. Run \`npx thalweg doctor\` for why`,
    { option: 'device', device: name },
  );
}

/** The id of the device that a name stands for. */
function resolve(name: string, found: NativeSurvey): string {
  const gpu = found.devices.find((device) => device.type === 'gpu');
  const ofBackend = found.devices.filter((device) => device.backend === name);
  const chosen =
    name === 'auto'
      ? (gpu?.id ?? 'cpu')
      : name === 'gpu'
        ? gpu?.id
        : name === 'opencl' || name === 'hip'
          ? (ofBackend.find((device) => device.type === 'gpu') ?? ofBackend[0])?.id
          : found.devices.find((device) => device.id === name)?.id;
  if (chosen === undefined) throw notFound(name, found);
  return chosen;
}

async function openById(id: string): Promise<Device> {
  const [backend, index = '0'] = id.split(':');
  const settings = { ...commonSettings(), backend: backend as 'cpu' | 'opencl', index: Number(index) };
  return new Device(await translated(addon().openDevice(settings)));
}

/**
 * Opens a device. 'auto' is what THALWEG_DEVICE names; unset, a GPU where there is one, otherwise the CPU.
 *
 * @param id 'auto', 'cpu', 'gpu', 'opencl', 'hip', or one device as 'opencl:1'
 * @throws ThalwegError ERR_DEVICE_NOT_FOUND, ERR_DRIVER_MISSING: a device named is never replaced by another;
 *   ERR_OUT_OF_MEMORY, ERR_DEVICE_LOST, ERR_KERNEL_BUILD
 */
export async function openDevice(id = 'auto'): Promise<Device> {
  const name = checkDeviceName('id', id) === 'auto' ? autoDevice() : id;
  return await openById(name === 'cpu' ? 'cpu' : resolve(name, await survey()));
}

/** Devices that calls opened for themselves, by what was asked for; they stay open. */
const shared = new Map<string, Promise<Device>>();

/** The device for a call that names one: opened once, then shared. */
export async function sharedDevice(name: string): Promise<Device> {
  const key = JSON.stringify([name, environment()]);
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
