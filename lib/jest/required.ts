import { checkDeviceName } from '../devices/open';
import type { DeviceInfo } from '../addon/device-info';
import { environment } from '../base/environment';
import { invalid } from '../base/arguments';

/** What THALWEG_REQUIRE lists: 'gpu', a back end, or a device by its id. */
function requiredNames(): string[] {
  const { require = '' } = environment();
  const names = require.split(',').map((name) => name.trim());
  const given = names.filter((name) => name !== '');
  for (const name of given) {
    if (checkDeviceName('THALWEG_REQUIRE', name) === 'auto')
      throw invalid('THALWEG_REQUIRE', "a list of 'gpu', 'hip', 'opencl', …", require);
  }
  return given;
}

function answers({ id, backend, type }: DeviceInfo, name: string): boolean {
  return name === id || name === backend || (name === 'gpu' && type === 'gpu');
}

/**
 * What THALWEG_REQUIRE asks for and these devices are not.
 *
 * @throws ThalwegError ERR_INVALID_ARGUMENT for a name that no device can have
 */
export function missingDevices(devices: readonly DeviceInfo[]): string[] {
  return requiredNames().filter((name) => !devices.some((device) => answers(device, name)));
}
