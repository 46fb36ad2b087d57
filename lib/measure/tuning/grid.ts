import type { SettingName, Shape } from '../../addon/settings';

/** The values of one parameter that are tried, and at which numbers of columns it matters. */
export interface Axis {
  readonly name: SettingName;
  readonly values: readonly number[];
  readonly columns: readonly number[];
}

/** Numbers of columns for which different kernels run, and the speed that a user is told. */
export const representativeColumns: readonly number[] = [8, 64, 256, 1024, 4096];

/** In the order in which they are tried: what changes most comes first. */
export const grid: Readonly<Record<Shape, readonly Axis[]>> = {
  wide: [
    { name: 'groupSize', values: [64, 128, 256, 512], columns: representativeColumns },
    { name: 'groupsPerUnit', values: [2, 4, 8, 16], columns: representativeColumns },
    { name: 'tileRegisters', values: [16, 32, 64], columns: [8, 64, 256, 1024] },
    { name: 'rowRegisters', values: [4, 8, 16], columns: [64, 256, 1024] },
    { name: 'narrowFloats', values: [8, 16, 32], columns: [12, 16, 24, 32] },
    { name: 'sweepRows', values: [2, 4, 8], columns: [16_384] },
    { name: 'cacheKibibytes', values: [4096, 12_288, 49_152], columns: [16_384, 65_536] },
  ],
  rows: [
    { name: 'tileRows', values: [2, 4, 8], columns: [64, 256, 1024, 4096] },
    { name: 'groupsPerUnit', values: [4, 8, 16], columns: representativeColumns },
    { name: 'elementsPerGroup', values: [4096, 16_384, 65_536], columns: representativeColumns },
  ],
};
