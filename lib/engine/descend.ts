import type * as NodeCrypto from 'node:crypto';
import type { NativeDescentOptions, NativeProgress } from '../addon/native';
import type { Parameters } from '../base/data-types';
import { lazily } from '../base/lazily';
import { Matrix } from '../devices/device';
import { hasLearningRate } from '../method/optimizers';
import { ofThisRealm } from '../rows/rows';
import type { Descent } from './descent';
import { Interruption } from './jobs';
import { type Operands, type Rows, type WorkOf, checkTheta, operandsOn, shapeOf } from './operands';
import type * as Plan from './plan';
import type * as Slow from './slow';
import type { Task, Watch } from './task';

/* eslint-disable @typescript-eslint/no-require-imports -- loaded at their first use */
const crypto = lazily(() => require('node:crypto') as typeof NodeCrypto);
const plans = lazily(() => require('./plan') as typeof Plan);
const slow = lazily(() => require('./slow') as typeof Slow);
/* eslint-enable @typescript-eslint/no-require-imports */

/** After so many L-BFGS is mostly done, however many it may take. */
const usualPassesToOptimum = 50;

/** The task as the addon takes it: what is left to choose is left out. */
function nativeOptions(
  { objective, method }: Task,
  parameters: Parameters,
  plan: 'fused' | 'gram',
): NativeDescentOptions {
  const { learningRate, schedule, tolerance, maxSeconds, seed, ...rest } = method;
  return {
    ...objective,
    ...rest,
    ...parameters,
    plan,
    ...(learningRate === undefined ? {} : { learningRate }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(tolerance === undefined ? {} : { tolerance }),
    ...(maxSeconds === undefined ? {} : { maxSeconds }),
    ...(seed === undefined ? {} : { seed }),
  };
}

function progressOf({ onProgress }: Watch, interruption: Interruption): NativeProgress | undefined {
  if (onProgress === undefined) return undefined;
  return (...progress) => {
    interruption.guard(() => {
      onProgress(...progress);
    });
  };
}

/** What a descent does with rows of a shape. The gram plan is counted at what it costs on the CPU. */
export function workOf(task: Pick<Task, 'objective' | 'method'>): WorkOf {
  const { strategy, optimizer, passes, batchSize } = task.method;
  if (!hasLearningRate(optimizer)) return () => ({ passes: Math.min(passes, usualPassesToOptimum) });
  if (strategy !== 'batch') return () => ({ passes, stepRows: strategy === 'stochastic' ? 1 : batchSize });
  return (shape) => {
    const gram = plans().planOf(task, { ...shape, deviceType: 'cpu' }) === 'gram';
    return { passes: gram ? plans().passesOfGram(shape.columns, 'cpu') : passes };
  };
}

/** Descends on operands that {@link onOperands} has brought to a device. */
export async function descendOn(operands: Operands, task: Task, watch: Watch): Promise<Descent> {
  const { device, dtype } = operands;
  const [rows, columns] = operands.X.shape;
  const { theta = new Float64Array(columns), intercept } = task.start;
  const sequential = task.method.strategy !== 'batch';
  const seed = sequential ? (task.method.seed ?? crypto().randomInt(2 ** 32)) : task.method.seed;
  const seeded = { ...task, method: { ...task.method, seed } };
  const plan = plans().planOf(task, { rows, columns, dtype, deviceType: device.info.type });
  const interruption = new Interruption(watch.signal);
  const job = device.native.descend(
    operands.X.native,
    operands.y.native,
    nativeOptions(seeded, { theta, intercept }, plan),
    progressOf(watch, interruption),
  );
  const found = await interruption.run(device, job);
  const converged = found.stopped === 'converged';
  const vectors = { theta: ofThisRealm(found.theta), loss: ofThisRealm(found.loss) };
  return {
    ...found,
    converged,
    ...vectors,
    ...(seed === undefined ? {} : { seed }),
    device: device.id,
    dtype,
  };
}

/** Brings X and y to the device that the task names, or finds them there, for as long as `body` takes. */
export async function onOperands<Result>(
  X: Rows,
  y: Rows,
  task: Task,
  { signal }: Watch,
  body: (operands: Operands) => Promise<Result>,
): Promise<Result> {
  if (task.start.theta !== undefined) checkTheta('initialTheta', task.start.theta, shapeOf(X)[1]);
  const operands = await operandsOn({ ...task.placement, work: workOf(task), signal }, X, y);
  try {
    return await body(operands);
  } finally {
    operands.dispose();
  }
}

/** Runs a descent. */
export async function descend(X: Rows, y: Rows, task: Task, watch: Watch = {}): Promise<Descent> {
  const found = await onOperands(X, y, task, watch, (operands) => descendOn(operands, task, watch));
  await warnIfSlow(X, task);
  return found;
}

/**
 * Warns where an 'auto' rate learns little of X as it is. A matrix on a device is not read back for that, and of rows whose
 * scaling is known, who measured them tells.
 */
export async function warnIfSlow(X: Rows, task: Task): Promise<void> {
  const { optimizer, learningRate } = task.method;
  if (!hasLearningRate(optimizer) || learningRate !== undefined) return;
  if (X instanceof Matrix || X.scaling !== undefined) return;
  await slow().warnIfSlow(X, task);
}
