import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { addon } from '../../addon/native';
import type { DeviceInfo } from '../../addon/device-info';
import { environment } from '../../base/environment';
import { ThalwegError } from '../../base/errors';
import type { StoredTuning } from './schema';
import { type Tuning, identityOf, tuningFile, tuningName } from './store';

function notWritten(file: string, why: string, cause?: unknown): ThalwegError {
  return new ThalwegError(
    'ERR_FILE',
    `Cannot write ${file} (${why}). Check the folder and its rights, or name another with THALWEG_CACHE.`,
    { path: file, cause },
  );
}

/**
 * Makes the folder, so that it is known before long work whether it can be written.
 *
 * @throws ThalwegError ERR_FILE
 */
export async function makeTuningFolder(): Promise<void> {
  const { cacheFolder } = environment();
  if (cacheFolder === undefined) return;
  const { kind, why, notWritable } = await addon().inspectFolder(cacheFolder, true);
  const reason = kind === 'ready' ? notWritable : (why ?? kind);
  if (reason !== undefined) throw notWritten(cacheFolder, reason);
}

/**
 * Stores what was measured, whole or not at all, and for this user alone.
 *
 * @returns the file; undefined with THALWEG_CACHE=off
 * @throws ThalwegError ERR_FILE
 */
export async function storeTuning(info: DeviceInfo, tuning: Tuning): Promise<string | undefined> {
  const { cacheFolder } = environment();
  if (cacheFolder === undefined) return undefined;
  const stored: StoredTuning = {
    format: 'thalweg-tuning',
    version: 1,
    created: new Date().toISOString(),
    device: identityOf(info),
    settings: tuning.settings,
    costs: tuning.costs,
  };
  const name = tuningName(info);
  const file = path.join(cacheFolder, name);
  const why = await addon().writePrivate(cacheFolder, name, `${JSON.stringify(stored, null, 2)}\n`);
  if (why !== '') throw notWritten(file, why);
  return file;
}

/** Forgets what was measured on a device, or on all, those of other drivers and versions included. */
export async function forgetTuning(info?: DeviceInfo): Promise<string[]> {
  const { cacheFolder } = environment();
  if (cacheFolder === undefined) return [];
  const known = await readdir(cacheFolder).catch(() => []);
  const stored = known.filter((name) => /^tuning-(cpu|hip|opencl)-[0-9a-f]{16}\.json$/.test(name));
  const files = stored
    .map((name) => path.join(cacheFolder, name))
    .filter((file) => info === undefined || file === tuningFile(info));
  for (const file of files) {
    await rm(file, { force: true }).catch((cause: unknown) => {
      throw notWritten(file, (cause as Error).message, cause);
    });
  }
  return files;
}
