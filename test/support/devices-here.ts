import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { DeviceInfo } from '../../lib';

/** A device in one of the ways it can be made to compute: a CPU level, a shape of OpenCL kernels. */
export interface Configuration {
  /** The id and the way: 'cpu x86_64_v3', 'opencl:0 wide'. */
  readonly title: string;
  readonly info: DeviceInfo;
  /** Environment variables while the device is opened. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whether every property is tried often, or, on the lower CPU levels and with small allocations, a few times only. */
  readonly thorough: boolean;
}

/** What the devices of this machine make possible, or why OpenCL is not among it. */
export interface DevicesHere {
  readonly configurations: readonly Configuration[];
  /** Set where no OpenCL device is. */
  readonly openclAbsent?: 'failure' | 'not run';
}

/** Where the global set-up leaves what it found, for the test files. */
export const devicesVariable = 'THALWEG_TEST_DEVICES';

const root = path.join(__dirname, '..', '..');

// In a process of its own: a driver is loaded once a process, and stays.
const look = `
const { devices, openDevice } = require('./dist/index.js');
const { cpu } = require('./native/build.json');
(async () => {
  const levels = [];
  for (const { name } of cpu.levels) {
    process.env.THALWEG_CPU_LEVEL = name;
    try {
      await (await openDevice('cpu')).close();
      levels.push(name);
    } catch (error) {
      if (error.code !== 'ERR_INVALID_ARGUMENT') throw error;
    }
  }
  delete process.env.THALWEG_CPU_LEVEL;
  process.stdout.write(JSON.stringify({ devices: await devices(), levels }));
})();
`;

function cpuConfigurations(info: DeviceInfo, levels: readonly string[]): Configuration[] {
  const others = levels.filter((level) => level !== info.driver);
  return [info.driver, ...others].map((level) => ({
    title: `cpu ${level}`,
    info,
    environment: { THALWEG_CPU_LEVEL: level },
    thorough: level === info.driver,
  }));
}

/** So small that most matrices of the tests are cut into blocks. */
const smallAllocation = { THALWEG_MAX_ALLOCATION: '16384' };

function kernelConfigurations(info: DeviceInfo): Configuration[] {
  return ['wide', 'rows'].flatMap((shape) => {
    const environment = { THALWEG_KERNEL_SHAPE: shape };
    const split = { ...environment, ...smallAllocation };
    return [
      { title: `${info.id} ${shape}`, info, environment, thorough: true },
      { title: `${info.id} ${shape}/split`, info, environment: split, thorough: false },
    ];
  });
}

/** Looks for the devices of this machine, with the environment that the tests were started with. */
export function lookForDevices(): DevicesHere {
  const child = spawnSync(process.execPath, ['-e', look], { cwd: root, encoding: 'utf8' });
  if (child.status !== 0)
    throw new Error(
      `the devices cannot be listed; is the package built? (npm run build:all)\n${child.stderr}`,
    );
  const { devices, levels } = JSON.parse(child.stdout) as { devices: DeviceInfo[]; levels: string[] };
  const configurations = devices.flatMap((info) =>
    info.backend === 'cpu' ? cpuConfigurations(info, levels) : kernelConfigurations(info),
  );
  if (devices.some(({ backend }) => backend === 'opencl')) return { configurations };
  const known = process.env['THALWEG_TEST_OPENCL'] === 'absent' && process.env['CI'] !== 'true';
  return { configurations, openclAbsent: known ? 'not run' : 'failure' };
}
