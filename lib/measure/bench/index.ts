import { availableParallelism, cpus } from 'node:os';
import type { DeviceInfo } from '../../addon/device-info';
import { devices, openDevice } from '../../devices/open';
import { ThalwegError } from '../../base/errors';
import { applyHsaOverride } from '../../drivers/hsa-override';
import type { DeviceOptions } from '../../drivers/device-options';
import { packageVersion } from '../../base/package-version';
import { type BenchSettings, type DeviceResult, benchDevice } from './device-bench';

export type { BenchSettings, DeviceResult } from './device-bench';
export { SIZE_COLUMNS } from './device-bench';

/** Which device passes fastest over X of one size, once it is there. */
export interface Fastest {
  readonly bytes: number;
  readonly rows: number;
  readonly device: string;
  /** Of a pass, by device. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** A device that could not be measured to the end. */
export interface DeviceFailure {
  readonly device: string;
  readonly code: string;
  readonly message: string;
}

/** What `thalweg bench --json` prints. */
export interface BenchResult {
  readonly thalweg: string;
  readonly node: string;
  readonly processor: string;
  readonly cores: number;
  readonly date: string;
  readonly settings: {
    readonly dtype: string;
    readonly mebibytes: number;
    readonly rounds: number;
    readonly seconds: number;
  };
  readonly devices: readonly DeviceResult[];
  readonly fastest: readonly Fastest[];
  readonly failed: readonly DeviceFailure[];
}

/** At each size that several devices passed over, the fastest of them. */
function fastestBySize(results: readonly DeviceResult[]): Fastest[] {
  const sizes = new Map<number, { rows: number; seconds: Record<string, number> }>();
  for (const { device, sizes: measured } of results) {
    for (const { bytes, rows, seconds } of measured) {
      const known = sizes.get(bytes) ?? { rows, seconds: {} };
      known.seconds[device.id] = seconds;
      sizes.set(bytes, known);
    }
  }
  return [...sizes]
    .filter(([, { seconds }]) => Object.keys(seconds).length > 1)
    .map(([bytes, { rows, seconds }]) => {
      const [device] = Object.entries(seconds).reduce((best, one) => (one[1] < best[1] ? one : best));
      return { bytes, rows, device, seconds };
    });
}

type Tell = (device: DeviceInfo, what: string) => void;

async function benchNamed(
  name: string,
  settings: BenchSettings,
  tell: Tell,
  options: DeviceOptions,
): Promise<DeviceResult> {
  const device = await openDevice(name, options);
  try {
    return await benchDevice(device, settings, (what) => {
      tell(device.info, what);
    });
  } finally {
    await device.close();
  }
}

/** Every device that computes in the dtype. */
async function everyDevice({ dtype }: BenchSettings, { hsaOverride }: DeviceOptions): Promise<string[]> {
  if (hsaOverride !== undefined) await applyHsaOverride(hsaOverride, 'auto');
  const found = await devices();
  return found.filter(({ float64 }) => float64 || dtype === 'float32').map(({ id }) => id);
}

/**
 * Measures devices, one after the other.
 *
 * @param names As `openDevice` takes them; where empty, every device, and one that fails does not keep the others from
 *   being measured.
 * @throws ThalwegError as `openDevice`, `device.matrix` and the descents
 */
export async function bench(
  names: readonly string[],
  settings: BenchSettings,
  tell: Tell,
  options: DeviceOptions = {},
): Promise<BenchResult> {
  const results: DeviceResult[] = [];
  const failed: DeviceFailure[] = [];
  if (names.length > 0) {
    for (const name of names) results.push(await benchNamed(name, settings, tell, options));
  } else {
    for (const name of await everyDevice(settings, options)) {
      try {
        results.push(await benchNamed(name, settings, tell, {}));
      } catch (error) {
        if (!(error instanceof ThalwegError)) throw error;
        failed.push({ device: name, code: error.code, message: error.message });
      }
    }
  }
  const { dtype, bytes, rounds, seconds } = settings;
  return {
    thalweg: packageVersion(),
    node: process.version,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    date: new Date().toISOString(),
    settings: { dtype, mebibytes: bytes / 2 ** 20, rounds, seconds },
    devices: results,
    fastest: fastestBySize(results),
    failed,
  };
}
