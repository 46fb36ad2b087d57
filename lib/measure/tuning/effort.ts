import type { DeviceInfo } from '../../addon/device-info';

/** How much is spent on a measurement. */
export interface Effort {
  /** Of X. */
  readonly bytes: number;
  /** Of one measurement, about. */
  readonly seconds: number;
  /** Of which the median counts. */
  readonly repeats: number;
}

const mebi = 2 ** 20;

/** More than most caches hold, and little of the memory. */
export function effortFor({ backend, type, memoryBytes }: DeviceInfo): Effort {
  // Compiled kernels for the CPU take long as it is.
  const bytes = backend !== 'cpu' && type === 'cpu' ? 16 * mebi : 128 * mebi;
  return { bytes: Math.min(bytes, memoryBytes / 32), seconds: 0.01, repeats: 5 };
}
