import type { Device } from '../devices/device';
import type { DeviceInfo } from '../addon/device-info';
import { openDevice } from '../devices/open';
import { ThalwegError } from '../base/errors';
import { devicesHere } from './devices-here';
import { jestGlobals } from './globals';
import { missingDevices } from './required';

/** A device that a suite of {@link describeOnEachDevice} runs on. */
export class DeviceUnderTest {
  #device: Device | undefined;
  readonly #opened: Device[] = [];

  /** @internal */
  constructor(
    /** What `devices()` tells of it. */
    readonly info: DeviceInfo,
  ) {}

  /** What `openDevice` and the option `device` take: 'cpu', 'opencl:0', … */
  get id(): string {
    return this.info.id;
  }

  /** @internal How the suite's title names it. */
  get title(): string {
    return this.id;
  }

  /** The device, open while the suite's tests and hooks run; an Error is thrown before and after. */
  get device(): Device {
    if (this.#device !== undefined) return this.#device;
    throw new Error(`${this.id} is open within tests and hooks only`);
  }

  /**
   * Opens the device once more. It is closed after the suite, unless a test has closed it.
   *
   * @throws as {@link openDevice}
   */
  async open(): Promise<Device> {
    const device = await openDevice(this.id);
    this.#opened.push(device);
    return device;
  }

  /** @internal */
  async start(): Promise<void> {
    this.#device = await this.open();
  }

  /** @internal */
  async stop(): Promise<void> {
    this.#device = undefined;
    await Promise.all(this.#opened.splice(0).map((device) => device.close()));
  }
}

/** @internal A failing test for each device that THALWEG_REQUIRE names and that is not among these. */
export function failForMissingDevices(name: string, devices: readonly DeviceInfo[]): void {
  const { describe, test } = jestGlobals();
  const there = devices.map(({ id }) => id).join(', ');
  for (const required of missingDevices(devices)) {
    describe(`${name}: ${required}`, () => {
      test('is on this machine', () => {
        throw new ThalwegError(
          'ERR_DEVICE_NOT_FOUND',
          `THALWEG_REQUIRE asks for '${required}', and this machine has ${there}. Run \`npx thalweg doctor\` for why`,
          { option: 'THALWEG_REQUIRE', device: required },
        );
      });
    });
  }
}

/** @internal A suite on each of these. */
export function describeOnDevices<Under extends DeviceUnderTest>(
  name: string,
  devices: readonly Under[],
  suite: (under: Under) => void,
): void {
  const { describe, beforeAll, afterAll } = jestGlobals();
  for (const under of devices) {
    describe(`${name}: ${under.title} [${under.info.name}]`, () => {
      beforeAll(async () => {
        await under.start();
      });
      afterAll(async () => {
        await under.stop();
      });
      suite(under);
    });
  }
}

/**
 * A `describe` for every device of this machine, the CPU included, with the device in its title:
 * 'name: opencl:0 [AMD Radeon RX 6500 XT]'. A device that THALWEG_REQUIRE names ('gpu', 'hip', 'opencl', an id; several
 * with commas) and that is missing is a failing test, so that it cannot vanish from a run unnoticed.
 *
 * @param name what the suites are about
 * @param suite declares the tests, as the body of `describe` does
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT for a THALWEG_REQUIRE that no device can have; Error where the devices
 *   cannot be listed, and outside Jest
 *
 * @example
 * ```ts
 * import { batchGradientDescent } from 'thalweg';
 * import { describeOnEachDevice } from 'thalweg/jest';
 *
 * describeOnEachDevice('a line', (under) => {
 *   test('is found', async () => {
 *     const options = { learningRate: 0.1, iterations: 200, device: under.device };
 *     const { theta } = await batchGradientDescent([[1], [2]], [2, 4], options);
 *     expect(theta).toBeCloseToArray([2], { relative: 1e-6 });
 *   });
 * });
 * ```
 */
export function describeOnEachDevice(name: string, suite: (under: DeviceUnderTest) => void): void {
  const infos = devicesHere();
  failForMissingDevices(name, infos);
  describeOnDevices(
    name,
    infos.map((info) => new DeviceUnderTest(info)),
    suite,
  );
}
