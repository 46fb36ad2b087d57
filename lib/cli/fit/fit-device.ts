import type { Dtype } from '../../base/data-types';
import type { Device } from '../../devices/device';
import { autoDevice, openDevice } from '../../devices/open';
import { deviceOptions } from '../terminal/options';
import type { FitOptions } from './fit-options';

const LARGEST_FLOAT64_BYTES = 2 ** 30;

/** Where a fit was asked to compute: a device that is open, or 'auto', which the engine chooses by the work. */
export interface FitPlace {
  readonly device: Device | 'auto';
  readonly dtype: Dtype;
}

/** float64 while X, as it is held, stays under a gibibyte; float32 above, where it halves memory and time. */
function dtypeOf(bytes: number): Dtype {
  return bytes <= LARGEST_FLOAT64_BYTES ? 'float64' : 'float32';
}

/**
 * Opens the device that is named, and computes in float32 where it has no float64.
 *
 * @param bytes of X as it is held, in float64
 */
export async function placeOf(bytes: number, options: FitOptions): Promise<FitPlace> {
  const dtype = dtypeOf(bytes);
  // An override comes before any driver is asked.
  const left = options.device === 'auto' && autoDevice() === 'auto' && options.hsaOverride === undefined;
  if (left) return { device: 'auto', dtype };
  const device = await openDevice(options.device, deviceOptions(options));
  return { device, dtype: device.info.float64 ? dtype : 'float32' };
}
