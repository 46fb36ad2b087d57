import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { DeviceInfo } from '../addon/device-info';

const entry = path.join(__dirname, '..', 'index.js');

const list = `require(${JSON.stringify(entry)}).devices().then(
  (devices) => process.stdout.write(JSON.stringify(devices)),
  (error) => { console.error(error.message); process.exitCode = 1; },
);`;

let known: readonly DeviceInfo[] | undefined;

/** `devices()` without a promise, which `describe` could not wait for: asked of a process of its own, once a file. */
export function devicesHere(): readonly DeviceInfo[] {
  if (known !== undefined) return known;
  const { status, signal, stdout, stderr, error } = spawnSync(process.execPath, ['-e', list], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (status !== 0) {
    const reason = error?.message ?? (stderr.trim() || `it ended with ${String(signal ?? status)}`);
    throw new Error(`the devices of this machine cannot be listed: ${reason}`, { cause: error });
  }
  known = JSON.parse(stdout) as DeviceInfo[];
  return known;
}
