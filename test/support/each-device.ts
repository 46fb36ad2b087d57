import type fc from 'fast-check';
import { type Device, type Dtype } from '../../lib';
import { DeviceUnderTest, describeOnDevices, failForMissingDevices } from '../../lib/jest/describe';
import { type Shape, fewCounts, oddCounts, shapes } from './arbitrary';
import { type Configuration, type DevicesHere, devicesVariable } from './configurations';

const { configurations } = JSON.parse(process.env[devicesVariable] ?? '{}') as DevicesHere;

/** A device in one of its configurations. */
export class Target extends DeviceUnderTest {
  constructor(readonly configuration: Configuration) {
    super(configuration.info);
  }

  /** 'cpu x86_64_v3', 'opencl:0 wide', … */
  override get title(): string {
    return this.configuration.title;
  }

  get isCpu(): boolean {
    return this.configuration.info.backend === 'cpu';
  }

  get dtypes(): readonly Dtype[] {
    return this.configuration.info.float64 ? ['float32', 'float64'] : ['float32'];
  }

  /** How often a property is tried here: `thorough` times, or a fifth of that on the lower CPU levels. */
  runs(thorough: number): number {
    return this.configuration.thorough ? thorough : Math.ceil(thorough / 5);
  }

  /** Whether every boundary of shapes is tried here; elsewhere kernels are compiled for one of each kind alone. */
  get triesEveryShape(): boolean {
    return this.isCpu || this.configuration.thorough;
  }

  /** Counts of rows or columns to try. */
  get counts(): readonly number[] {
    return this.triesEveryShape ? oddCounts : fewCounts;
  }

  /** Odd shapes of at most so many values. */
  shapes(mostValues: number): fc.Arbitrary<Shape> {
    return shapes(mostValues, this.counts);
  }

  /** Opens the device once more, with other variables on top of the configuration's. */
  override async open(more: Readonly<Record<string, string>> = {}): Promise<Device> {
    return await withEnvironment({ ...this.configuration.environment, ...more }, () => super.open());
  }
}

/** Runs `body` with environment variables set, and sets them back. */
export async function withEnvironment<Result>(
  variables: Readonly<Record<string, string>>,
  body: () => Promise<Result>,
): Promise<Result> {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    return await body();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
}

function describeOn(chosen: readonly Configuration[], name: string, suite: (target: Target) => void): void {
  const real = configurations.filter(({ emulated }) => emulated !== true);
  failForMissingDevices(
    name,
    real.map(({ info }) => info),
  );
  describeOnDevices(
    name,
    chosen.map((configuration) => new Target(configuration)),
    suite,
  );
}

/**
 * A suite on every device of this machine: the CPU at each instruction-set level that it has, each OpenCL device with
 * both shapes of kernels, and with matrices cut into small allocations. Where no OpenCL device is, that is a failure,
 * unless the run was told so (THALWEG_TEST_OPENCL=absent, outside CI); then the reporter says that OpenCL was not run.
 */
export function describeOnEachDevice(name: string, suite: (target: Target) => void): void {
  describeOn(configurations, name, suite);
}

/** As {@link describeOnEachDevice}, without the lower CPU levels and the small allocations, which make no difference. */
export function describeOnUsualDevices(name: string, suite: (target: Target) => void): void {
  describeOn(
    configurations.filter(({ thorough }) => thorough),
    name,
    suite,
  );
}

/**
 * A suite on the first OpenCL device, which it opens itself, with the driver's calls made to fail. Where none is, that is a
 * failure, but for a run that was told so.
 */
export function describeWithOpenclFaults(name: string, suite: () => void): void {
  const device = configurations.find(({ info }) => info.backend === 'opencl')?.info;
  if (device === undefined) {
    describeOn([], name, () => undefined);
    return;
  }
  describe(`${name}: ${device.id} faults [${device.name}]`, () => {
    suite();
  });
}

/** The configurations of this machine, for suites that use several devices at once. */
export const allConfigurations = configurations;
