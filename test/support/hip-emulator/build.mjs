/**
 * Builds the emulator of a HIP device where it is missing or older than its sources, once with waves of 32 work-items
 * and the properties' layout of ROCm 6, and once with 64 and that of ROCm 5, and prints their paths as JSON: `node test/support/hip-emulator/build.mjs`.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildLibrary } from '../build-library.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const header = `HIP_EMULATOR_DEVICE_HEADER="\\"${path.join(folder, 'device.h')}\\""`;

const headers = [path.join(folder, '..', 'edited-source.h')];

const libraries = [
  { wave: 32, rocm: 6 },
  { wave: 64, rocm: 5 },
].map(({ wave, rocm }) => {
  const defines = [header, `HIP_EMULATOR_WAVE="${wave}"`, `HIP_EMULATOR_ROCM=${rocm}`];
  return buildLibrary(`hip-emulator-wave${wave}`, folder, { defines, headers });
});
process.stdout.write(JSON.stringify(libraries));
