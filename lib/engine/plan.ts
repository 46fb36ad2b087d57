import { bytesOf } from '../devices/costs';
import type { Dtype } from '../base/data-types';
import type { DeviceInfo } from '../addon/device-info';
import type { Method } from '../method/method';
import { hasLearningRate } from '../method/optimizers';
import type { Objective } from '../objective/objective';
import type { Task } from './task';

/** Beyond so many columns XᵀX takes more memory and time than it is likely to save. */
export const mostColumns = 2048;

/** What passes must read in all before making XᵀX is worth a thought: some milliseconds. */
const worthwhileBytes = 64 * 2 ** 20;

// In passes over X: XᵀX has n/2 products for each element of X, of which a pass reads one at the speed of memory; an
// iteration has n² float64 values to read, in the processor's cache, while a pass reads X in the device's memory.
// Measured with two AVX2 cores (docs/performance.md); a GPU has more bandwidth to lose.
const passesPerColumn = { cpu: 1 / 6, gpu: 1 / 4, accelerator: 1 / 4 };
const valuesPerElement = { cpu: 4, gpu: 32, accelerator: 32 };

/** Whether XᵀX is for such a descent at all. */
export function gramApplies(
  { activation, loss }: Pick<Objective, 'activation' | 'loss'>,
  { strategy, optimizer }: Pick<Method, 'strategy' | 'optimizer'>,
): boolean {
  return strategy === 'batch' && hasLearningRate(optimizer) && activation === 'linear' && loss === 'squared';
}

/** How many passes over X making XᵀX takes as long as. */
export function passesOfGram(columns: number, deviceType: DeviceInfo['type']): number {
  return 1 + columns * passesPerColumn[deviceType];
}

/** The shape of X and what it is held in. */
export interface PlanShape {
  readonly rows: number;
  readonly columns: number;
  /** Undefined: as many as there are labels. */
  readonly outputs: number | undefined;
  readonly dtype: Dtype;
  readonly deviceType: DeviceInfo['type'];
}

/**
 * What 'auto' stands for: 'gram' where it takes at most half the time of reading X in each iteration, as far as that can
 * be told beforehand. Its accuracy is watched while it runs: where AᵀA can no longer tell the loss, passes go on.
 */
export function planOf(
  { objective, method }: Pick<Task, 'objective' | 'method'>,
  shape: PlanShape,
): 'fused' | 'gram' {
  const { plan, passes } = method;
  if (plan !== 'auto') return plan;
  if (!gramApplies(objective, method)) return 'fused';
  const { rows, columns, deviceType } = shape;
  const bytes = passes * bytesOf(shape);
  if (bytes < worthwhileBytes || columns > mostColumns) return 'fused';
  const iterating = (passes * columns * valuesPerElement[deviceType]) / rows;
  return 2 * (passesOfGram(columns, deviceType) + iterating) < passes ? 'gram' : 'fused';
}
