import os from 'node:os';
import type { ThalwegError } from '../base/errors';
import { addon } from '../addon/native';
import { addonFile, addonPlatform } from '../addon/native-loader';
import type { Distribution } from './distribution';
import { type Finding, ok, problem, warning } from './finding';

export function platformFinding({ name }: Distribution): Finding {
  const { platform, arch, libc, node } = addonPlatform();
  if (platform !== 'linux') {
    return warning(
      'PLATFORM_UNSUPPORTED',
      `This is ${platform} (${arch}, Node ${node}); thalweg is made for Linux.`,
      'Run it on Linux.',
    );
  }
  return ok('PLATFORM_READY', `${name}, Linux ${os.release()} on ${arch}, ${libc}, Node ${node}.`);
}

/** Whether the addon can be loaded, and which file it is. */
export function addonFinding(): Finding {
  try {
    addon();
    return ok('ADDON_READY', `The compiled addon is loaded: ${addonFile()}.`);
  } catch (error) {
    return failureFinding(error);
  }
}

/** A failure that is not a driver's: of the addon, or of a variable. */
export function failureFinding(error: unknown): Finding {
  const { code, option, message } = error as Partial<ThalwegError>;
  const what = message ?? String(error);
  if (code === 'ERR_ADDON_NOT_FOUND') return problem('ADDON_NOT_FOUND', what);
  if (option?.startsWith('THALWEG_') === true) return problem('ENVIRONMENT_INVALID', what, `unset ${option}`);
  return problem('ADDON_FAILED', what);
}
