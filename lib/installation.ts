import { survey } from './devices';
import type { Diagnosis } from './doctor';
import { lazy } from './lazy';

/** Versions of what computes. */
export interface Versions {
  readonly thalweg: string;
  /** The version of Node-API that this Node offers. */
  readonly napi: string;
  /** The first OpenCL platform's version, where there is one. */
  readonly opencl?: string;
  /** The HIP runtime's version, where there is one. */
  readonly hip?: string;
}

/** @throws ThalwegError ERR_ADDON_NOT_FOUND */
export async function versions(): Promise<Versions> {
  const { hip, opencl } = await survey();
  const napi = process.versions.napi ?? 'unknown';
  return {
    thalweg: lazy.packageVersion.packageVersion(),
    napi,
    ...(opencl.version === undefined ? {} : { opencl: opencl.version }),
    ...(hip.version === undefined ? {} : { hip: hip.version }),
  };
}

/**
 * Looks at everything that training needs, from the platform to a small fit on each device, and says what was found,
 * what was not, and what to do about it. What is missing or broken is a finding, never an error. Drivers are asked in
 * processes of their own, so that one that crashes or hangs is a finding, too, and this process loads none.
 */
export async function diagnose(): Promise<Diagnosis> {
  return await lazy.doctor.diagnoseUntil();
}
