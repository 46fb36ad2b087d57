import path from 'node:path';
import type { DeviceInfo } from '../../lib';
import { askElsewhere } from '../../lib/jest/devices-here';
import { cpu } from '../../native/build.json';
import { emulators } from '../hip/emulator';

/** A device in one of the ways it can be made to compute: a CPU level, a shape of OpenCL kernels. */
export interface Configuration {
  /** The id and the way: 'cpu x86_64_v3', 'opencl:0 wide'. */
  readonly title: string;
  readonly info: DeviceInfo;
  /** Environment variables while the device is opened. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whether every property is tried often, or, on the lower CPU levels and with small allocations, a few times only. */
  readonly thorough: boolean;
  /** Whether a library of the tests stands in for the driver. */
  readonly emulated?: boolean;
}

/** What the devices of this machine make possible. */
export interface DevicesHere {
  readonly configurations: readonly Configuration[];
  /** Set where no OpenCL device is, and the run was told so: then its absence is no failure. */
  readonly openclAbsent?: 'not run';
}

/** Where the global set-up leaves what it found, for the test files. */
export const devicesVariable = 'THALWEG_TEST_DEVICES';

/** The built package: TypeScript is compiled in Jest's own processes only. */
const entry = path.join(__dirname, '..', '..', 'dist', 'index.js');

const levelNames = cpu.levels.map(({ name }) => name);
const look = `
  const levels = [];
  for (const name of ${JSON.stringify(levelNames)}) {
    process.env.THALWEG_CPU_LEVEL = name;
    try {
      await (await thalweg.openDevice('cpu')).close();
      levels.push(name);
    } catch (error) {
      if (error.code !== 'ERR_INVALID_ARGUMENT') throw error;
    }
  }
  delete process.env.THALWEG_CPU_LEVEL;
  return { devices: await thalweg.devices(), levels };`;

function cpuConfigurations(info: DeviceInfo, levels: readonly string[]): Configuration[] {
  const others = levels.filter((level) => level !== info.driver);
  return [info.driver, ...others].map((level) => ({
    title: `cpu ${level}`,
    info,
    environment: { THALWEG_CPU_LEVEL: level },
    thorough: level === info.driver,
  }));
}

interface Found {
  readonly devices: DeviceInfo[];
  readonly levels: string[];
}

/** So small that most matrices of the tests are cut into blocks. */
const smallAllocation = { THALWEG_MAX_ALLOCATION: '16384' };

/** The emulated HIP devices, each with its library. */
function emulatedConfigurations(): Configuration[] {
  // The emulator's switch between work-items is written for x86-64.
  if (process.arch !== 'x64') return [];
  return Object.values(emulators()).flatMap((library) => {
    const environment = { THALWEG_HIP_LIBRARY: library };
    const devices = askElsewhere('return thalweg.devices();', environment, entry) as DeviceInfo[];
    return devices
      .filter(({ backend }) => backend === 'hip')
      .map((info) => ({
        title: `${info.id} ${path.basename(library).replace(/^.*-(wave\d+).*$/, '$1')}`,
        info,
        environment,
        thorough: false,
        emulated: true,
      }));
  });
}

function kernelConfigurations(info: DeviceInfo): Configuration[] {
  return ['wide', 'rows'].flatMap((shape) => {
    const environment = { THALWEG_KERNEL_SHAPE: shape };
    const split = { ...environment, ...smallAllocation };
    const float32 = { ...environment, THALWEG_FLOAT64: 'off' };
    return [
      { title: `${info.id} ${shape}`, info, environment, thorough: true },
      { title: `${info.id} ${shape}/split`, info, environment: split, thorough: false },
      {
        title: `${info.id} ${shape}/float32`,
        info: { ...info, float64: false },
        environment: float32,
        thorough: false,
      },
    ];
  });
}

function configurationsOf(info: DeviceInfo, levels: readonly string[]): Configuration[] {
  if (info.backend === 'cpu') return cpuConfigurations(info, levels);
  if (info.backend === 'opencl') return kernelConfigurations(info);
  return [{ title: info.id, info, environment: {}, thorough: true }];
}

/**
 * Looks for the devices of this machine, with the environment that the tests were started with, and adds those that are
 * emulated.
 */
export function lookForDevices(): DevicesHere {
  const { devices, levels } = askElsewhere(look, {}, entry) as Found;
  const here = devices.flatMap((info) => configurationsOf(info, levels));
  const configurations = [...here, ...emulatedConfigurations()];
  const known = process.env['THALWEG_TEST_OPENCL'] === 'absent' && process.env['CI'] !== 'true';
  const absent = known && !devices.some(({ backend }) => backend === 'opencl');
  return { configurations, ...(absent ? { openclAbsent: 'not run' } : {}) };
}
