import { lazily } from '../base/lazily';
import type * as PackageVersion from '../base/package-version';
import { survey } from '../drivers/survey';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const packageVersion = lazily(() => require('../base/package-version') as typeof PackageVersion);

/** Versions of what computes. */
export interface Versions {
  /** That of this package, as '0.1.0'. */
  readonly thalweg: string;
  /** The version of Node-API that this Node offers. */
  readonly napi: string;
  /** The first OpenCL platform's version, where there is one. */
  readonly opencl?: string;
  /** The HIP runtime's version, where there is one. */
  readonly hip?: string;
}

/**
 * The versions of this package, of Node-API and of the drivers that are there, which are loaded for it.
 *
 * @throws {@link ThalwegError} ERR_ADDON_NOT_FOUND
 *
 * @example
 * ```ts
 * import { versions } from 'thalweg';
 *
 * const { thalweg, opencl = 'none' } = await versions();
 * console.log(`thalweg ${thalweg}, OpenCL: ${opencl}`); // thalweg …, OpenCL: …
 * ```
 */
export async function versions(): Promise<Versions> {
  const { hip, opencl } = await survey();
  const napi = process.versions.napi ?? 'unknown';
  return {
    thalweg: packageVersion().packageVersion(),
    napi,
    ...(opencl.version === undefined ? {} : { opencl: opencl.version }),
    ...(hip.version === undefined ? {} : { hip: hip.version }),
  };
}
