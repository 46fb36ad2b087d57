import { existsSync, statfsSync } from 'node:fs';
import path from 'node:path';
import type { NativePlacing } from '../addon/native';
import { invalid } from '../base/arguments';
import type * as Environment from '../base/environment';
import { lazily } from '../base/lazily';
import { availableMemory, gigabytes } from '../base/memory';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const base = lazily(() => require('../base/environment') as typeof Environment);

/** Where the rows of a matrix are. */
export type PlaceOfRows = 'device' | 'host' | 'disk';

/**
 * Where X is while it is trained on: in the device's memory; in the host's, from which it goes to the device block by block;
 * in a file; or in the first of these that it fits in.
 */
export type Residency = 'auto' | PlaceOfRows;

/** @internal */
export const residencies = ['auto', 'device', 'host', 'disk'] as const;

/** Bytes of THALWEG_SPOOL_MEMORY. */
function spoolMemory(): number | undefined {
  const { spoolMemory: given } = base().environment();
  if (given === undefined) return undefined;
  const bytes = Number(given);
  if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
  throw invalid('THALWEG_SPOOL_MEMORY', 'a number of bytes, 0 or more', given);
}

/** @internal The wish as the addon takes it. @throws ThalwegError ERR_INVALID_ARGUMENT */
export function placingOf(residency: Residency): NativePlacing {
  const bytes = spoolMemory();
  return {
    residency,
    spoolFolder: base().environment().spoolFolder,
    ...(bytes === undefined ? {} : { spoolMemory: bytes }),
  };
}

/** Of what is free, what X may take: the rest is for y, for passes and for others, as in native/device/residency.cc. */
const SHARE = 7 / 8;

/** The bytes that are free in the folder, or where it will be made. */
function freeIn(folder: string): number {
  let there = folder;
  while (!existsSync(there) && path.dirname(there) !== there) there = path.dirname(there);
  const { bavail, bsize } = statfsSync(there);
  return bavail * bsize;
}

/** @internal Where so many bytes have room, of an X that does not fit in the memory of a device. */
export function placesFor(bytes: number, isCpu: boolean): string {
  const { spoolFolder } = base().environment();
  const [memory, disk] = [availableMemory(), freeIn(spoolFolder)];
  const places = [
    ...(!isCpu && bytes <= SHARE * memory ? ["residency 'host' is in this machine's memory"] : []),
    ...(bytes <= SHARE * disk ? [`residency 'disk' is in a file in ${spoolFolder}`] : []),
  ];
  if (places.length > 0) return `X has room elsewhere: ${places.join(', ')}`;
  return (
    `X takes ${gigabytes(bytes)}, more than the ${gigabytes(memory)} of memory that are available and the ` +
    `${gigabytes(disk)} that are free in ${spoolFolder}: name a folder on a larger disk in THALWEG_SPOOL, and residency 'disk'`
  );
}
