/** Builds the HIP runtime on NVIDIA's driver and NVRTC, and prints its path: `node test/support/cuda-shim/build.mjs`. */
import { fileURLToPath } from 'node:url';
import { buildLibrary } from '../build-library.mjs';

process.stdout.write(buildLibrary('hip-on-cuda', fileURLToPath(new URL('.', import.meta.url))));
