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
// The library behind is loaded as thalweg loads it.
const more = ['drivers/opencl/api.cc', 'drivers/environment.cc'].map((file) => path.join(device, file));
const headers = [path.join(device, 'drivers', 'opencl', 'api.h'), path.join(folder, '..', 'edited-source.h')];

process.stdout.write(buildLibrary('opencl-faults', folder, { more, headers }));
