/** Builds the program that compiles kernels with a real hiprtc, and prints its path. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../../scripts/tools.mjs';
import { buildProgram } from '../build-library.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const device = path.join(root, 'native', 'device');
const more = [path.join(device, 'drivers', 'hip', 'api.cc'), path.join(device, 'drivers', 'environment.cc')];
process.stdout.write(buildProgram('hiprtc-compile', folder, { more }));
