import type { NativePartsDescent, NativePartsOptions } from '../addon/native';
import { ThalwegError } from '../base/errors';
import type { LayerParameters } from '../base/data-types';
import type { Device } from '../devices/device';
import { ofThisRealm } from '../rows/rows';
import { foldStandardization } from '../rows/standardize';
import type { Objective } from '../objective/objective';
import { nativeOptions } from './descend';
import { isFlat } from './descent';
import { Interruption } from './jobs';
import { type Operands, outputsOf } from './operands';
import type { Task, Watch } from './task';

/** Of more columns a device does not keep XᵀX, which each part is to have once. */
export const mostPartColumns = 512;

/** Fewer products than about these are made by QR, over rows in memory: native/descent/least_squares.cc. */
export const leastProducts = 2 ** 23;

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
  /** What the last pass found, which is not made again there. */
  readonly passed: Float64Array | undefined;
}

/** How columns of parts are taken. */
export interface PartsUse {
  /** Whether they are scaled by the rows of the parts. */
  readonly standardize: boolean;
  readonly start: PartsStart | undefined;
  readonly atZero: Float64Array | undefined;
  /** For scaled columns, where the optimum may be, as that of much the same rows tells. */
  readonly guess: LayerParameters | undefined;
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
  { standardize, start, atZero, guess }: PartsUse,
  { signal }: Watch,
): Promise<PartsDescent | undefined> {
  const [first] = parts;
  if (first === undefined) return undefined;
  const options = {
    ...nativeOptions(task, outputsOf(task.objective, first.y), 'fused', undefined),
    standardize,
    ...(start === undefined ? {} : begunAt(start)),
    ...(atZero === undefined ? {} : { atZero }),
    ...(guess === undefined ? {} : { guess: joined(guess, task.objective.fitIntercept) }),
  };
  const rows = parts.map(({ X, y, weights }) => ({
    ...{ X: X.native, y: y.native },
    ...(weights === undefined ? {} : { weights: weights.native }),
  }));
  const found = await unlessTold(() =>
    new Interruption(signal).run(device, device.native.descendOverParts(rows, options)),
  );
  return found && endOf(found, task.objective);
}

function begunAt({
  parameters,
  memory,
  l2,
  passed,
}: PartsStart): Pick<NativePartsOptions, 'memory' | 'l2Before' | 'passed'> {
  return { ...parameters, memory, l2Before: l2, ...(passed && { passed }) };
}

function joined({ theta, intercepts }: LayerParameters, fitIntercept: boolean): Float64Array {
  return fitIntercept ? Float64Array.of(...theta, ...intercepts) : theta;
}

function endOf(
  { theta, intercepts, means, scales, state, passed, ...found }: NativePartsDescent,
  { l2, activation }: Pick<Objective, 'l2' | 'activation'>,
): PartsDescent {
  const parameters = { theta: ofThisRealm(theta), intercepts: ofThisRealm(intercepts) };
  const scaling = { means: ofThisRealm(means), scales: ofThisRealm(scales) };
  return {
    parameters: foldStandardization(parameters, scaling),
    iterations: found.iterations,
    converged: found.stopped === 'converged' && !isFlat({ ...parameters, loss: found.loss }, activation),
    after: { parameters, memory: ofThisRealm(state.moments), l2, passed: passed && ofThisRealm(passed) },
    atZero: ofThisRealm(found.atZero),
  };
}
