import type { DeviceInfo } from './device-info';
import { environment } from '../base/environment';

/** How kernels spread over work-items: see docs/kernels.md. */
export type Shape = 'wide' | 'rows';

interface Range {
  readonly least: number;
  readonly most: number;
  readonly powerOfTwo: boolean;
}

/** The parameters of kernels that are measured, as native/device/kernels/plan/tunable.cc has them. */
export const settingRanges = {
  /** Work-items a group. */
  groupSize: { least: 32, most: 512, powerOfTwo: true },
  /** Groups a compute unit, at most. */
  groupsPerUnit: { least: 1, most: 64, powerOfTwo: false },
  /** Elements of X that make another group worth its partial sums. */
  elementsPerGroup: { least: 256, most: 2 ** 20, powerOfTwo: false },
  /** A row a work-item up to so many columns, in float32. */
  narrowFloats: { least: 0, most: 32, powerOfTwo: false },
  /** Registers of a work-item for a row. */
  rowRegisters: { least: 2, most: 16, powerOfTwo: true },
  /** Registers of a work-item for its rows. */
  tileRegisters: { least: 2, most: 64, powerOfTwo: true },
  /** Rows at once where X does not stay in registers. */
  sweepRows: { least: 1, most: 8, powerOfTwo: true },
  /** Of X, in KiB, that is found in the last cache when it is read again. */
  cacheKibibytes: { least: 256, most: 2 ** 20, powerOfTwo: false },
  /** Rows a work-item handles at once on CPU devices. */
  tileRows: { least: 1, most: 8, powerOfTwo: true },
} as const satisfies Record<string, Range>;

export type SettingName = keyof typeof settingRanges;

/** What was measured to suit a device; for the rest it has what its class has. */
export type Settings = Readonly<Partial<Record<SettingName, number>>>;

/** The shape of a device's kernels; the CPU device has none. */
export function shapeOf({ backend, type }: DeviceInfo): Shape | undefined {
  if (backend === 'cpu') return undefined;
  if (backend === 'hip') return 'wide';
  const forced = environment().kernelShape;
  if (forced === 'wide' || forced === 'rows') return forced;
  return type === 'cpu' ? 'rows' : 'wide';
}
