import type { Dtype } from '../../base/data-types';
import type { Device } from '../../devices/device';
import { autoDevice, openDevice } from '../../devices/open';
import { width } from '../../tables/encoder/encoding';
import { deviceOptions } from '../terminal/options';
import type { FitOptions } from './fit-options';
import type { Prepared } from './prepare';

const LARGEST_FLOAT64_BYTES = 2 ** 30;

/** Where a fit was asked to compute: a device that is open, or 'auto', which the engine chooses by the work. */
export interface FitPlace {
  readonly device: Device | 'auto';
  readonly dtype: Dtype;
}

/** float64 while X stays under a gibibyte; float32 above, where it halves memory and time. */
function dtypeOf({ found }: Prepared): Dtype {
  const values = found.rows * width(found.features);
  return values * Float64Array.BYTES_PER_ELEMENT <= LARGEST_FLOAT64_BYTES ? 'float64' : 'float32';
}

/** Opens the device that is named, and computes in float32 where it has no float64. */
export async function placeOf(prepared: Prepared, options: FitOptions): Promise<FitPlace> {
  const dtype = dtypeOf(prepared);
  // An override comes before any driver is asked.
  const left = options.device === 'auto' && autoDevice() === 'auto' && options.hsaOverride === undefined;
  if (left) return { device: 'auto', dtype };
  const device = await openDevice(options.device, deviceOptions(options));
  return { device, dtype: device.info.float64 ? dtype : 'float32' };
}
