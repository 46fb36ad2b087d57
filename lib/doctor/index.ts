import { survey } from '../devices';
import type { DeviceInfo } from '../device-info';
import { ThalwegError } from '../errors';
import type { NativeSurvey } from '../native';
import { addonPlatform } from '../native-loader';
import type { Diagnosis, Finding } from './finding';
import { gpuFinding } from './gpu';

export type { Diagnosis, Finding } from './finding';

/**
 * Looks at everything that training needs and says what was found, what was not, and what to do about it.
 * A part that is missing or broken is a finding, never an error: this works where the addon cannot be loaded.
 */
export async function diagnose(): Promise<Diagnosis> {
  let found: NativeSurvey;
  try {
    found = await survey();
  } catch (error) {
    return { ok: false, findings: [failure(error)] };
  }
  const gpu = await gpuFinding(found.devices);
  const findings = [
    addonFinding(),
    ...found.devices.filter(isCpu).map(cpuFinding),
    ...found.hip.findings,
    ...found.opencl.findings,
    gpu,
  ];
  return { ok: gpu.level === 'ok', findings };
}

function addonFinding(): Finding {
  const { platform, arch, libc, node } = addonPlatform();
  const system = libc === 'none' ? platform : `${platform}, ${libc}`;
  return {
    code: 'ADDON_READY',
    level: 'ok',
    what: `The compiled addon is loaded (${system}, ${arch}, Node ${node}).`,
  };
}

function isCpu({ backend }: DeviceInfo): boolean {
  return backend === 'cpu';
}

function cpuFinding({ name, computeUnits, driver }: DeviceInfo): Finding {
  return {
    code: 'CPU_READY',
    level: 'ok',
    what: `The CPU can be used: ${name}, ${computeUnits} threads, ${driver}.`,
  };
}

function failure(error: unknown): Finding {
  const what = error instanceof Error ? error.message : String(error);
  if (error instanceof ThalwegError && error.code === 'ERR_ADDON_NOT_FOUND') {
    return { code: 'ADDON_NOT_FOUND', level: 'problem', what, fix: ['npx thalweg build'] };
  }
  if (error instanceof ThalwegError && error.option?.startsWith('THALWEG_') === true) {
    return { code: 'ENVIRONMENT_INVALID', level: 'problem', what, fix: [`unset ${error.option}`] };
  }
  return { code: 'ADDON_FAILED', level: 'problem', what };
}
