import type { NativePartsDescent } from '../addon/native';
import { ThalwegError } from '../base/errors';
import type { LayerParameters } from '../base/data-types';
import type { Device } from '../devices/device';
import { ofThisRealm } from '../rows/rows';
import { foldStandardization } from '../rows/standardize';
import { nativeOptions } from './descend';
import { Interruption } from './jobs';
import { type Operands, outputsOf } from './operands';
import type { Task, Watch } from './task';

/** Of more columns a device does not keep XᵀX, which each part is to have once. */
export const mostPartColumns = 512;

/** Where a descent over parts of the rows ended. */
export interface PartsDescent {
  /** For columns as they are in the matrices. */
  readonly parameters: LayerParameters;
  readonly iterations: number;
  readonly converged: boolean;
  /** What the next one over the same parts, with another penalty, begins with. */
  readonly after: PartsStart;
  /** The loss and the size of the gradient where all is 0, whatever the penalty. */
  readonly atZero: Float64Array;
}

/** Where a descent over parts begins, and what is known of the curvature there. */
export interface PartsStart {
  /** For scaled columns. */
  readonly parameters: LayerParameters;
  readonly memory: Float64Array;
  readonly l2: number;
}

/** How columns of parts are taken. */
export interface PartsUse {
  /** Whether they are scaled by the rows of the parts. */
  readonly standardize: boolean;
  readonly start: PartsStart | undefined;
  readonly atZero: Float64Array | undefined;
}

/** What a descent over one matrix tells of: a bad value is in a row of that. */
const toldElsewhere: readonly unknown[] = ['ERR_NOT_FINITE', 'ERR_INVALID_ARGUMENT', 'ERR_DIVERGED'];

/** Awaits what parts give; undefined where a descent over one matrix is to say what is wrong. */
export async function unlessTold<Result>(body: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof ThalwegError && toldElsewhere.includes(error.code)) return undefined;
    throw error;
  }
}

/**
 * Descends to the optimum over all rows of some parts on one device.
 *
 * @returns undefined where a descent over one matrix is more exact, or has more to say
 */
export async function descendOverParts(
  device: Device,
  parts: readonly Operands[],
  task: Task,
  { standardize, start, atZero }: PartsUse,
  { signal }: Watch,
): Promise<PartsDescent | undefined> {
  const [first] = parts;
  if (first === undefined) return undefined;
  const options = {
    ...nativeOptions(task, outputsOf(task.objective, first.y), 'fused', undefined),
    standardize,
    ...(start === undefined ? {} : { ...start.parameters, memory: start.memory, l2Before: start.l2 }),
    ...(atZero === undefined ? {} : { atZero }),
  };
  const rows = parts.map(({ X, y, weights }) => ({
    ...{ X: X.native, y: y.native },
    ...(weights === undefined ? {} : { weights: weights.native }),
  }));
  const found = await unlessTold(() =>
    new Interruption(signal).run(device, device.native.descendOverParts(rows, options)),
  );
  return found && endOf(found, task.objective.l2);
}

function endOf(
  { theta, intercepts, means, scales, state, ...found }: NativePartsDescent,
  l2: number,
): PartsDescent {
  const parameters = { theta: ofThisRealm(theta), intercepts: ofThisRealm(intercepts) };
  const scaling = { means: ofThisRealm(means), scales: ofThisRealm(scales) };
  return {
    parameters: foldStandardization(parameters, scaling),
    iterations: found.iterations,
    converged: found.stopped === 'converged',
    after: { parameters, memory: ofThisRealm(state.moments), l2 },
    atZero: ofThisRealm(found.atZero),
  };
}
