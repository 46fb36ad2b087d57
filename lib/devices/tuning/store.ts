import type * as NodeCrypto from 'node:crypto';
import type * as NodeFiles from 'node:fs/promises';
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
const files = lazily(() => require('node:fs/promises') as typeof NodeFiles);
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

/** Where what is measured on a device is kept; undefined where nothing is (THALWEG_CACHE=off). */
export function tuningFile(info: DeviceInfo): string | undefined {
  const { cacheFolder } = environment();
  if (cacheFolder === undefined) return undefined;
  const key = crypto()
    .createHash('sha256')
    .update(JSON.stringify(identityOf(info)))
    .digest('hex')
    .slice(0, 16);
  return path.join(cacheFolder, `tuning-${info.backend}-${key}.json`);
}

/** Undefined where there is none to read, or too much. */
async function textOf(file: string): Promise<string | undefined> {
  try {
    const handle = await files().open(file);
    try {
      const { size } = await handle.stat();
      return size <= largestBytes ? await handle.readFile('utf8') : '';
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

/** What is stored for a device: 'broken' is what does not fit the format, and as good as nothing. */
export async function storedTuning(info: DeviceInfo): Promise<Tuning | 'none' | 'broken'> {
  const file = tuningFile(info);
  const text = file === undefined ? undefined : await textOf(file);
  if (text === undefined) return 'none';
  const stored = parser().parseTuning(text);
  if (stored === undefined || JSON.stringify(stored.device) !== JSON.stringify(identityOf(info)))
    return 'broken';
  return stored;
}

/** What is stored for a device, or nothing. */
export async function tuningOf(info: DeviceInfo): Promise<Tuning | undefined> {
  const stored = await storedTuning(info);
  return typeof stored === 'string' ? undefined : stored;
}
