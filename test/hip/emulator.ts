import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { programsOf } from '../support/forked';

const support = path.join(__dirname, '..', 'support');

/** What the build script of a folder of test/support prints. */
function built(folder: string): string {
  const script = path.join(support, folder, 'build.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${folder} cannot be built: ${stderr}`);
  return stdout;
}

/** The libraries of the emulated HIP devices, by the size of their waves. */
export function emulators(): { wave32: string; wave64: string } {
  const [wave32, wave64] = JSON.parse(built('hip-emulator')) as [string, string];
  return { wave32, wave64 };
}

/** The environment in which HIP is NVIDIA's driver by way of the shim, and that an emulated device; with and without graphs. */
export function cudaEnvironments(): { current: Record<string, string>; old: Record<string, string> } {
  const shim = built('cuda-shim');
  const [current, old] = (JSON.parse(built('cuda-fake')) as string[]).map((folder) => ({
    THALWEG_HIP_LIBRARY: shim,
    CUDA_FAKE_EMULATOR: emulators().wave32,
    CUDA_SHIM_NVRTC: path.join(folder, 'libcuda.so.1'),
    LD_LIBRARY_PATH: folder,
  }));
  if (current === undefined || old === undefined) throw new Error('two drivers were to be built');
  return { current, old };
}

export const program = programsOf(__dirname);
