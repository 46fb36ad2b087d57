/**
 * Builds the library that makes OpenCL calls fail, where it is missing or older than its sources, and prints its path:
 * `node test/support/opencl-faults/build.mjs`.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../../scripts/tools.mjs';
import { buildLibrary } from '../build-library.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const device = path.join(root, 'native', 'device');
const more = [path.join(device, 'opencl', 'api.cc'), path.join(device, 'driver_environment.cc')];
process.stdout.write(buildLibrary('opencl-faults', folder, { more }));
