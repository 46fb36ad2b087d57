/**
 * Builds what stands in for NVIDIA's driver and NVRTC, each into a folder of its own, as libcuda.so.1: one that has graphs,
 * and one of before. Prints the folders as JSON: `node test/support/cuda-fake/build.mjs`.
 */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../../scripts/tools.mjs';
import { buildLibrary } from '../build-library.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const headers = [path.join(root, 'native', 'device', 'drivers', 'hip', 'api.h')];

/** The dynamic linker knows it by the name that the driver's file has. */
function inItsFolder(library, name) {
  const own = path.join(root, 'build', 'test', name);
  mkdirSync(own, { recursive: true });
  const link = path.join(own, 'libcuda.so.1');
  rmSync(link, { force: true });
  symlinkSync(library, link);
  return own;
}

const folders = [
  { name: 'cuda-fake', defines: [] },
  { name: 'cuda-fake-old', defines: ['CUDA_WITHOUT_GRAPHS'] },
].map(({ name, defines }) => inItsFolder(buildLibrary(name, folder, { headers, defines }), name));
process.stdout.write(JSON.stringify(folders));
