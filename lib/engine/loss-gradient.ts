import type { NativeLossGradient } from '../addon/native';
import type { Parameters } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { ofThisRealm } from '../rows/rows';
import { Interruption } from './jobs';
import { type Rows, operandsOn } from './operands';
import type { Task, Watch } from './task';

/** The loss and its gradient at the task's parameters, by one fused pass, and the device that made it. */
export async function lossGradientAt(
  X: Rows,
  y: Rows,
  {
    objective,
    parameters,
    placement,
  }: Pick<Task, 'objective' | 'placement'> & { readonly parameters: Parameters },
  { signal }: Watch,
): Promise<NativeLossGradient & { readonly device: string }> {
  const operands = await operandsOn({ ...placement, work: () => ({ passes: 1 }), signal }, X, y);
  try {
    const { device } = operands;
    const [, columns] = operands.X.shape;
    if (parameters.theta.length !== columns) {
      throw new ThalwegError(
        'ERR_SHAPE',
        `theta has ${parameters.theta.length} values, and X has ${columns} columns`,
        { option: 'theta' },
      );
    }
    const job = device.native.lossGradient(operands.X.native, operands.y.native, {
      ...objective,
      ...parameters,
    });
    const found = await new Interruption(signal).run(device, job);
    return { ...found, gradient: ofThisRealm(found.gradient), device: device.id };
  } finally {
    operands.dispose();
  }
}
