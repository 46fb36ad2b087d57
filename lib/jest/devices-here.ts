import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { DeviceInfo } from '../addon/device-info';

const entry = path.join(__dirname, '..', 'index.js');

/**
 * What the body of an async function with `thalweg` returns, without a promise, which `describe` could not wait for. It
 * runs in a process of its own, as a driver is loaded once a process, and stays.
 *
 * @param body reaches the package as `thalweg`; what it returns becomes JSON on the way
 * @param environment variables on top of those that this process has
 * @param index the package's entry
 */
export function askElsewhere(
  body: string,
  environment: Readonly<Record<string, string>> = {},
  index = entry,
): unknown {
  const script = `const thalweg = require(${JSON.stringify(index)});
    (async () => { ${body} })().then(
      (answer) => process.stdout.write(JSON.stringify(answer)),
      (error) => { console.error(error.message); process.exitCode = 1; },
    );`;
  const { status, signal, stdout, stderr, error } = spawnSync(process.execPath, ['-e', script], {
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, ...environment },
  });
  if (status !== 0) {
    const reason = error?.message ?? (stderr.trim() || `it ended with ${String(signal ?? status)}`);
    throw new Error(`the devices of this machine cannot be listed: ${reason}`, { cause: error });
  }
  return JSON.parse(stdout) as unknown;
}

let known: readonly DeviceInfo[] | undefined;

/** `devices()`, asked once a file. */
export function devicesHere(): readonly DeviceInfo[] {
  known ??= askElsewhere('return thalweg.devices();') as DeviceInfo[];
  return known;
}
