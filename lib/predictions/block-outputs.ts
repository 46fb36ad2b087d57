import type { Dtype } from '../base/data-types';
import type { Device } from '../devices/device';
import { rowsOf } from '../engine/operands';
import { outputs } from '../engine/outputs';
import type { Learned } from '../model/learned';
import type { Block } from '../tables/encoder/reading';

/** Computes in float64 where the device has it, otherwise in float32. */
export function widest(device: Device): { readonly device: Device; readonly dtype: Dtype } {
  return { device, dtype: device.info.float64 ? 'float64' : 'float32' };
}

/** The outputs of a block of rows, K a row. */
export async function blockOutputs(
  { activation, parameters }: Learned,
  { X, rows }: Pick<Block, 'X' | 'rows'>,
  device: Device,
  signal?: AbortSignal,
): Promise<Float64Array> {
  if (rows === 0) return new Float64Array(0);
  const inputs = rowsOf('X', { data: X, shape: [rows, X.length / rows] });
  return await outputs(inputs, parameters, activation, widest(device), signal);
}
