/**
 * Builds the emulator of a HIP device where it is missing or older than its sources, once with waves of 32 work-items
 * and once of 64, and prints their paths as JSON: `node test/support/hip-emulator/build.mjs`.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildLibrary } from '../build-library.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const header = `HIP_EMULATOR_DEVICE_HEADER="\\"${path.join(folder, 'device.h')}\\""`;

const libraries = ['32', '64'].map((wave) =>
  buildLibrary(`hip-emulator-wave${wave}`, folder, { defines: [header, `HIP_EMULATOR_WAVE="${wave}"`] }),
);
process.stdout.write(JSON.stringify(libraries));
