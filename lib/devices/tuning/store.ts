import type * as NodeCrypto from 'node:crypto';
import type { PrivateFiles } from '../../addon/native';
import type * as Temporaries from '../../base/temporaries';
import path from 'node:path';
import type { Costs } from '../costs';
import type { DeviceInfo } from '../../addon/device-info';
import { environment } from '../../base/environment';
import { lazily } from '../../base/lazily';
import { packageVersion } from '../../base/package-version';
import type * as Parser from './parse';
import type { StoredTuning } from './schema';
import { type Settings, shapeOf } from '../../addon/settings';

/* eslint-disable @typescript-eslint/no-require-imports -- loaded at their first use */
const crypto = lazily(() => require('node:crypto') as typeof NodeCrypto);
const temporaries = lazily(() => require('../../base/temporaries') as typeof Temporaries);
const parser = lazily(() => require('./parse') as typeof Parser);
/* eslint-enable @typescript-eslint/no-require-imports */

/** What was measured on a device. */
export interface Tuning {
  readonly settings: Settings;
  readonly costs: Costs;
}

/** A file that is longer holds something else. */
const largestBytes = 64 * 1024;

/** What has to be the same for a measurement to count. */
export function identityOf(info: DeviceInfo): StoredTuning['device'] {
  const { backend, name, driver, computeUnits } = info;
  return {
    thalweg: packageVersion(),
    backend,
    name,
    driver,
    computeUnits,
    isa: info.isa ?? null,
    shape: shapeOf(info) ?? null,
  };
}

/** The name of the file with what is measured on a device. */
export function tuningName(info: DeviceInfo): string {
  const key = crypto()
    .createHash('sha256')
    .update(JSON.stringify(identityOf(info)))
    .digest('hex')
    .slice(0, 16);
  return `tuning-${info.backend}-${key}.json`;
}

/** Where it is kept; undefined where nothing is (THALWEG_CACHE=off). */
export function tuningFile(info: DeviceInfo): string | undefined {
  const { cacheFolder } = environment();
  return cacheFolder === undefined ? undefined : path.join(cacheFolder, tuningName(info));
}

/** The cache folders that were looked through for what killed processes left. */
const tidied = new Set<string>();

function tidy(folder: string): void {
  if (tidied.has(folder)) return;
  tidied.add(folder);
  // Nothing waits for it, and nothing that it meets is an error.
  void temporaries().removeAbandoned(folder);
}

/**
 * What is stored for a device: 'broken' is what does not fit the format, or may be another user's, and as good as nothing.
 *
 * @param files what reads it: the addon
 */
export async function storedTuning(
  info: DeviceInfo,
  files: Pick<PrivateFiles, 'readPrivate'>,
): Promise<Tuning | 'none' | 'broken'> {
  const { cacheFolder } = environment();
  if (cacheFolder === undefined) return 'none';
  tidy(cacheFolder);
  const text = await files.readPrivate(cacheFolder, tuningName(info), largestBytes);
  if (text === undefined) return 'none';
  const stored = text === null ? undefined : parser().parseTuning(text);
  if (stored === undefined || JSON.stringify(stored.device) !== JSON.stringify(identityOf(info)))
    return 'broken';
  return stored;
}

/** What is stored for a device, or nothing. */
export async function tuningOf(
  info: DeviceInfo,
  files: Pick<PrivateFiles, 'readPrivate'>,
): Promise<Tuning | undefined> {
  const stored = await storedTuning(info, files);
  return typeof stored === 'string' ? undefined : stored;
}
