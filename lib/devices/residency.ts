import type { NativePlacing } from '../addon/native';
import { invalid } from '../base/arguments';
import type * as Environment from '../base/environment';
import { lazily } from '../base/lazily';

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
