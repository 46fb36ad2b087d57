import type { NativeLossGradient } from '../addon/native';
import { ofThisRealm } from '../rows/rows';
import { Interruption } from './jobs';
import { agreed, shareOf } from './ranks';
import { type Sample, checkTheta, onePass, operandsOn, outputsOf } from './operands';
import type { Task, Watch } from './task';

/** The loss and its gradient at the task's parameters, by one fused pass, and the device that made it. */
export async function lossGradientAt(
  given: Sample,
  {
    objective,
    parameters,
    placement,
    ranks,
  }: Pick<Task, 'objective' | 'placement' | 'ranks'> & {
    readonly parameters: { readonly theta: Float64Array; readonly intercepts: Float64Array | undefined };
  },
  { signal }: Watch,
): Promise<NativeLossGradient & { readonly device: string }> {
  const asked = { objective, placement, start: parameters };
  const all = ranks && (await agreed(ranks, given, asked));
  const sample = all === undefined ? given : shareOf(given, all.sample, objective);
  const outputs = outputsOf(objective, sample.y);
  const use = { ...placement, work: onePass, signal, several: outputs !== 1 };
  const operands = await operandsOn(use, sample, objective);
  try {
    const { device } = operands;
    checkTheta('theta', parameters.theta, operands.X.shape[1], outputs);
    const job = device.native.lossGradient(operands.X.native, operands.y.native, {
      ...objective,
      theta: parameters.theta,
      ...(parameters.intercepts === undefined ? {} : { intercepts: parameters.intercepts }),
      outputs,
      ofRanks: ranks?.isAlone === false,
      ...(operands.weights === undefined ? {} : { weights: operands.weights.native }),
    });
    const found = await new Interruption(signal).run(device, job);
    const interceptGradients = ofThisRealm(found.interceptGradients);
    return { ...found, gradient: ofThisRealm(found.gradient), interceptGradients, device: device.id };
  } finally {
    operands.dispose();
  }
}
