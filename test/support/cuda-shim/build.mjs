/** Builds the HIP runtime on NVIDIA's driver and NVRTC, and prints its path: `node test/support/cuda-shim/build.mjs`. */
import { fileURLToPath } from 'node:url';
import { buildLibrary } from '../build-library.mjs';

// It may be taken to a machine with another C++ library, or none, and an older C library: of the former it keeps what it
// uses, and shows nothing.
const link = ['-static-libstdc++', '-static-libgcc', '-Wl,--gc-sections', '-Wl,--exclude-libs,ALL'];
process.stdout.write(buildLibrary('hip-on-cuda', fileURLToPath(new URL('.', import.meta.url)), { link }));
