import type { NativeLossGradient } from '../addon/native';
import type { Parameters } from '../base/data-types';
import { ofThisRealm } from '../rows/rows';
import { Interruption } from './jobs';
import { type Sample, checkTheta, onePass, operandsOn } from './operands';
import type { Task, Watch } from './task';

/** The loss and its gradient at the task's parameters, by one fused pass, and the device that made it. */
export async function lossGradientAt(
  sample: Sample,
  {
    objective,
    parameters,
    placement,
  }: Pick<Task, 'objective' | 'placement'> & { readonly parameters: Parameters },
  { signal }: Watch,
): Promise<NativeLossGradient & { readonly device: string }> {
  const operands = await operandsOn({ ...placement, work: onePass, signal }, sample);
  try {
    const { device } = operands;
    checkTheta('theta', parameters.theta, operands.X.shape[1]);
    const job = device.native.lossGradient(operands.X.native, operands.y.native, {
      ...objective,
      ...parameters,
      ...(operands.weights === undefined ? {} : { weights: operands.weights.native }),
    });
    const found = await new Interruption(signal).run(device, job);
    return { ...found, gradient: ofThisRealm(found.gradient), device: device.id };
  } finally {
    operands.dispose();
  }
}
