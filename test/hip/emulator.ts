import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { programsOf } from '../support/forked';

const support = path.join(__dirname, '..', 'support');

/** The libraries of the emulated HIP devices, by the size of their waves. */
export function emulators(): { wave32: string; wave64: string } {
  const build = path.join(support, 'hip-emulator', 'build.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [build], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the HIP emulator cannot be built: ${stderr}`);
  const [wave32, wave64] = JSON.parse(stdout) as [string, string];
  return { wave32, wave64 };
}

export const program = programsOf(__dirname);
