import { autoDeviceFor } from '../../devices/auto-device';
import { addon } from '../../addon/native';
import type { Work } from '../../devices/costs';
import { width } from '../../tables/encoder/encoding';
import { autoDevice } from '../../devices/open';
import { survey } from '../../drivers/survey';
import { type Device, type Dtype, openDevice } from '../../index';
import { DEFAULT_BATCH_SIZE, DEFAULT_EPOCHS, DEFAULT_ITERATIONS, type FitOptions } from './fit-options';
import { deviceOptions } from '../terminal/options';
import type { Task } from './prepare';

const LARGEST_FLOAT64_BYTES = 2 ** 30;

/** float64 while X stays under a gibibyte; float32 above, where it halves memory and time. */
export function dtypeOf({ found }: Task): Dtype {
  const values = found.rows * width(found.features);
  return values * Float64Array.BYTES_PER_ELEMENT <= LARGEST_FLOAT64_BYTES ? 'float64' : 'float32';
}

function workOf(task: Task, options: FitOptions): Work {
  const { strategy, iterations, epochs, batchSize } = options;
  const size = { rows: task.found.rows, columns: width(task.found.features), dtype: dtypeOf(task) };
  if (strategy === 'batch') return { ...size, passes: iterations ?? DEFAULT_ITERATIONS };
  const stepRows = strategy === 'stochastic' ? 1 : (batchSize ?? DEFAULT_BATCH_SIZE);
  return { ...size, passes: epochs ?? DEFAULT_EPOCHS, stepRows };
}

/** Opens the device that is named; on 'auto' the one that is expected to be done sooner. */
export async function openFitDevice(task: Task, options: FitOptions): Promise<Device> {
  // An override comes before any driver is asked.
  const left = options.device === 'auto' && autoDevice() === 'auto' && options.hsaOverride === undefined;
  const name = left ? await autoDeviceFor(workOf(task, options), survey, addon()) : options.device;
  return await openDevice(name, deviceOptions(options));
}
