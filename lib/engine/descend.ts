import type * as NodeCrypto from 'node:crypto';
import type { NativeDescent, NativeDescentOptions, NativeHeld, NativeProgress } from '../addon/native';
import { ThalwegError } from '../base/errors';
import { lazily } from '../base/lazily';
import { Matrix } from '../devices/device';
import { autoDevice } from '../devices/open';
import type { PlaceOfRows } from '../devices/residency';
import type { Ranks } from '../mpi/world';
import { hasLearningRate } from '../method/optimizers';
import { ofThisRealm } from '../rows/rows';
import { type Descent, interceptOf, isFlat, withState } from './descent';
import { Interruption } from './jobs';
import {
  type Operands,
  type Rows,
  type Sample,
  type WorkOf,
  checkTheta,
  onePass,
  operandsOn,
  outputsOf,
  shapeOf,
} from './operands';
import type * as Plan from './plan';
import type * as Slow from './slow';
import { deviceKind, nativeState, refuseOther, stateOf } from './state';
import type * as StateFiles from './state-file';
import type { StateProblem, StateRank } from './training-state';
import type * as Validations from './validation';
import { type RowsOfAll, agreed, rowsOver, shareOf } from './ranks';
import type { SplitRows } from './validation';
import type { Task, ValidationRows, Watch } from './task';

/* eslint-disable @typescript-eslint/no-require-imports -- loaded at their first use */
const crypto = lazily(() => require('node:crypto') as typeof NodeCrypto);
const plans = lazily(() => require('./plan') as typeof Plan);
const slow = lazily(() => require('./slow') as typeof Slow);
const validations = lazily(() => require('./validation') as typeof Validations);
const stateFiles = lazily(() => require('./state-file') as typeof StateFiles);
/* eslint-enable @typescript-eslint/no-require-imports */

/** Numbers of rows have 32 bits. */
const mostDrawn = 2 ** 32 - 1;

/** After so many L-BFGS is mostly done, however many it may take. */
const usualPassesToOptimum = 50;

/** The task as the addon takes it: what is left to choose is left out. */
export function nativeOptions(
  { objective, method, start }: Task,
  outputs: number | undefined,
  plan: 'fused' | 'gram',
  weights: Matrix | undefined,
): NativeDescentOptions {
  const { theta, intercepts } = start;
  const { learningRate, schedule, averageEvery, mostPasses, tolerance, maxSeconds, seed, ...rest } = method;
  return {
    ...objective,
    ...rest,
    outputs,
    ...(theta === undefined ? {} : { theta }),
    ...(intercepts === undefined ? {} : { intercepts }),
    plan,
    ...(weights === undefined ? {} : { weights: weights.native }),
    ...(learningRate === undefined ? {} : { learningRate }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(averageEvery === undefined ? {} : { averageEvery }),
    ...(mostPasses === undefined ? {} : { mostPasses }),
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
  const { strategy, optimizer, isDirect, passes, batchSize } = task.method;
  if (!hasLearningRate(optimizer)) {
    if (!isDirect) return () => ({ passes: Math.min(passes, usualPassesToOptimum) });
    return ({ columns }) => ({ passes: plans().passesOfGram(columns, 'cpu') + 3 });
  }
  if (strategy !== 'batch') return () => ({ passes, stepRows: strategy === 'stochastic' ? 1 : batchSize });
  return (shape) => {
    const gram = plans().planOf(task, { ...shape, outputs: 1, deviceType: 'cpu' }) === 'gram';
    return { passes: gram ? plans().passesOfGram(shape.columns, 'cpu') : passes };
  };
}

/** What the state of a descent goes with, as far as it is known before X is on a device. */
function problemOfTask(task: Task, { X, y, weights }: Sample): Partial<StateProblem> {
  const [rows, columns] = shapeOf(X);
  const outputs = outputsOf(task.objective, y);
  const { strategy, optimizer, seed, batchSize, averageEvery, sampling } = task.method;
  const { activation, loss, fitIntercept } = task.objective;
  return {
    ...{ rows: task.allRows ?? rows, columns, weighted: weights !== undefined },
    ...(outputs === undefined ? {} : { outputs }),
    ...{ activation, loss, fitIntercept, strategy, optimizer: { ...optimizer } },
    standardize: task.standardized ?? false,
    // Also where there is none: a state of such steps is refused.
    ...(strategy === 'mini-batch' ? ({ batchSize, averageEvery } as Partial<StateProblem>) : {}),
    ...(strategy === 'stochastic' ? { sampling } : {}),
    ...(strategy === 'batch' || seed === undefined ? {} : { seed }),
  };
}

/** What a descent that goes on keeps of the one before, where it is left to it. */
function seedOf({ method, resumeFrom }: Pick<Task, 'method' | 'resumeFrom'>): number | undefined {
  if (method.strategy === 'batch') return method.seed;
  return method.seed ?? resumeFrom?.madeFor.seed ?? crypto().randomInt(2 ** 32);
}

function planOfTask(task: Task, shape: Plan.PlanShape): 'fused' | 'gram' {
  const before = task.resumeFrom?.madeFor.plan;
  if (task.method.plan === 'auto' && (before === 'fused' || before === 'gram')) return before;
  return plans().planOf(task, shape);
}

/** Operands, and those to validate with. */
export interface HeldOperands extends Operands {
  readonly held?: Operands;
}

function nativeHeld({ X, y, weights }: Operands, validation: Task['validation']): NativeHeld {
  const { every = 1, patience, minDelta = 0, restoresBest = false } = validation ?? {};
  return {
    ...{ X: X.native, y: y.native, every, minDelta, restoresBest },
    ...(weights === undefined ? {} : { weights: weights.native }),
    ...(patience === undefined ? {} : { patience }),
  };
}

/** What a descent was validated with, by the names of its passes. */
function validationOf(
  validationLoss: Float64Array | undefined,
  best: NativeDescent['best'],
  { strategy }: Task['method'],
): object {
  if (validationLoss === undefined || best === undefined) return {};
  const { loss, passes } = best;
  const lowest = strategy === 'batch' ? { loss, iteration: passes } : { loss, epoch: passes };
  return {
    validationLoss: ofThisRealm(validationLoss),
    ...(Number.isFinite(loss) ? { best: lowest } : {}),
  };
}

/** Descends on operands that {@link onOperands} has brought to a device. */
export async function descendOn(operands: HeldOperands, task: Task, watch: Watch): Promise<Descent> {
  const { device, dtype, held } = operands;
  const [rows, columns] = operands.X.shape;
  const { ranks } = task;
  const outputs = outputsOf(task.objective, operands.y);
  const seed = seedOf(task);
  const seeded = { ...task, method: { ...task.method, seed } };
  const shape = { rows: task.allRows ?? rows, columns, outputs, dtype, deviceType: device.info.type };
  const own = { plan: planOfTask(task, shape), rows, device: deviceKind(device.info), deviceId: device.id };
  const all = ranks === undefined || ranks.isAlone ? [own] : await ranks.gather(own);
  // The first one's: devices may differ, and so may what suits them.
  const [{ plan }] = all as [typeof own];
  const computed = { device, dtype, plan, residency: operands.X.residency };
  const madeFor = overAll(madeForOf(seeded, operands, computed), task, all);
  if (task.resumeFrom !== undefined) refuseOther(task.resumeFrom, madeFor);
  const interruption = new Interruption(watch.signal);
  // All ranks stand at the same place, of which the first tells.
  const checkpoint = ranks === undefined || ranks.rank === 0 ? watch.checkpoint : undefined;
  const file = checkpoint && new (stateFiles().CheckpointFile)(checkpoint.path, interruption.cancel);
  await file?.require();
  const job = device.native.descend(
    operands.X.native,
    operands.y.native,
    {
      ...nativeOptions(seeded, outputs, plan, operands.weights),
      ofRanks: ranks?.isAlone === false,
      ...(task.resumeFrom === undefined ? {} : { from: nativeState(task.resumeFrom) }),
      ...(held === undefined ? {} : { held: nativeHeld(held, task.validation) }),
    },
    progressOf(watch, interruption),
    file &&
      ((state) => {
        file.write(() => stateOf(state, madeFor));
      }),
    checkpoint?.everySeconds,
  );
  const found = await withFile(file, () => interruption.run(device, job));
  file?.write(() => stateOf(found.state, madeFor));
  await file?.end();
  return descentOf(found, seeded, { device, dtype, residency: operands.X.residency }, madeFor);
}

/** What the state of a descent over ranks goes with, the same on all of them; of one process alone what it went with before. */
function overAll(
  madeFor: StateProblem,
  { ranks }: Pick<Task, 'ranks'>,
  all: readonly StateRank[],
): StateProblem {
  if (ranks === undefined || ranks.isAlone) return { ...madeFor, ranks: undefined } as object as StateProblem;
  const { device, deviceId } = all[0] as StateRank;
  const each = all.map((rank): StateRank => ({
    rows: rank.rows,
    device: rank.device,
    deviceId: rank.deviceId,
  }));
  return { ...madeFor, device, deviceId, ranks: each };
}

/** Where a descent was computed. */
export interface Computed extends Pick<Operands, 'device' | 'dtype'> {
  readonly residency: PlaceOfRows;
}

/** What the state of a descent goes with. */
export function madeForOf(
  task: Task,
  sample: Sample,
  { device, dtype, plan, residency }: Computed & { readonly plan: 'fused' | 'gram' },
): StateProblem {
  const { strategy } = task.method;
  return {
    ...problemOfTask(task, sample),
    ...{ dtype, device: deviceKind(device.info), deviceId: device.id },
    plan: strategy === 'batch' ? plan : 'sequential',
    windowed: strategy !== 'batch' && residency !== 'device' ? true : undefined,
  } as StateProblem;
}

/** What the addon has found, as the API tells it. */
export function descentOf(
  { best, state: ended, ...found }: NativeDescent,
  { method, objective }: Pick<Task, 'method' | 'objective'>,
  { device, dtype, residency }: Computed,
  madeFor: StateProblem,
): Descent {
  const { seed } = method;
  const isNone = found.stopped === 'converged' && isFlat(found, objective.activation);
  const stopped = isNone ? 'completed' : found.stopped;
  const intercepts = ofThisRealm(found.intercepts);
  const descent = {
    ...found,
    ...validationOf(found.validationLoss, best, method),
    ...{ stopped, converged: stopped === 'converged' },
    ...{ theta: ofThisRealm(found.theta), loss: ofThisRealm(found.loss) },
    intercept: interceptOf(intercepts),
    intercepts,
    ...(seed === undefined ? {} : { seed }),
    ...{ device: device.id, dtype, residency },
  };
  return withState(descent, () => stateOf(ended, madeFor));
}

/** Awaits a descent; where one of its states could not be written, that is why it failed. */
async function withFile<Result>(
  file: StateFiles.CheckpointFile | undefined,
  body: () => Promise<Result>,
): Promise<Result> {
  try {
    return await body();
  } catch (error) {
    await file?.end();
    throw error;
  }
}

/** Brings a sample, and what there is to validate with, to the device that the task names, for as long as `body` takes. */
export async function onOperands<Result>(
  { held, ...sample }: SplitRows,
  task: Task,
  { signal }: Watch,
  body: (operands: HeldOperands) => Promise<Result>,
): Promise<Result> {
  const { X, y } = sample;
  if (task.resumeFrom !== undefined) refuseOther(task.resumeFrom, problemOfTask(task, sample));
  const outputs = outputsOf(task.objective, y);
  if (task.start.theta !== undefined) checkTheta('initialTheta', task.start.theta, shapeOf(X)[1], outputs);
  const use = { ...task.placement, work: workOf(task), signal, several: outputs !== 1 };
  const operands = await operandsOn(use, sample, task.objective);
  try {
    if (held === undefined) return await body(operands);
    const { device, dtype } = operands;
    const there = await operandsOn(
      { device, dtype, residency: task.placement.residency, work: onePass, signal },
      held,
      task.objective,
      'validation.',
    );
    try {
      return await body({ ...operands, held: there });
    } finally {
      there.dispose();
    }
  } finally {
    operands.dispose();
  }
}

/** The task with a seed, and its rows without those that are held out. */
export function prepared(sample: Sample, task: Task): { readonly rows: SplitRows; readonly task: Task } {
  const seeded = { ...task, method: { ...task.method, seed: seedOf(task) } };
  if (task.validation === undefined) return { rows: { ...sample, held: undefined }, task: seeded };
  return { rows: validations().splitRows(sample, seeded), task: seeded };
}

/**
 * The sample of this rank as a share of all, where there are others, and the task for it. A share that is to be held out is held
 * out of the rows of all, and then given to the task.
 */
export async function shared(
  sample: Sample,
  given: Task,
  { checkpoint }: Watch,
  more?: object,
): Promise<{ sample: Sample; task: Task }> {
  const { ranks, objective, validation } = given;
  if (ranks === undefined) return { sample, task: given };
  const all = await agreed(ranks, sample, given, { ...more, checkpoint });
  const task = { ...given, placement: placementOfRank(given, ranks) };
  const seeded = { ...task, method: { ...task.method, seed: await agreedSeed(task, ranks, all.sample) } };
  if (validation?.share === undefined) {
    const held = validation?.rows && all.held && shareOf(validation.rows, all.held, objective);
    return withHeld(shareOf(sample, all.sample, objective), seeded, all.sample, held);
  }
  const { learned, held, counts } = validations().splitOver(sample, seeded, ranks.rank, all.sample.counts);
  const toLearn = { ...all.sample, counts: counts.learned };
  const toValidate = shareOf(held, { ...all.sample, counts: counts.held }, objective);
  return withHeld(shareOf(learned, toLearn, objective), seeded, toLearn, toValidate);
}

/** On 'auto' each rank goes on where it was. */
function placementOfRank({ placement, resumeFrom }: Task, { rank, isAlone }: Ranks): Task['placement'] {
  if (resumeFrom === undefined || placement.device !== 'auto' || autoDevice() !== 'auto') return placement;
  const { ranks, deviceId } = resumeFrom.madeFor;
  const device = isAlone ? deviceId : ranks?.[rank]?.deviceId;
  return device === undefined ? placement : { ...placement, device };
}

function withHeld(
  sample: Sample,
  task: Task,
  { counts }: RowsOfAll,
  held: ValidationRows | undefined,
): { sample: Sample; task: Task } {
  const allRows = rowsOver(counts);
  if (held === undefined || task.validation === undefined) return { sample, task: { ...task, allRows } };
  return {
    sample,
    task: { ...task, allRows, validation: { ...task.validation, rows: held, share: undefined } },
  };
}

/** Of draws among the rows of all ranks: that of the first, where none is given. */
async function agreedSeed(
  { method, validation, resumeFrom }: Task,
  ranks: Ranks,
  { counts }: RowsOfAll,
): Promise<number | undefined> {
  const allRows = rowsOver(counts);
  const isDrawn = method.strategy !== 'batch' && method.averageEvery === undefined;
  if (allRows > mostDrawn && (isDrawn || validation?.share !== undefined)) {
    const instead = isDrawn ? 'use batch steps' : 'give the rows to validate with';
    throw new ThalwegError(
      'ERR_SHAPE',
      `All ranks together have ${allRows} rows, and rows are drawn from up to ${mostDrawn}: ${instead}`,
      { option: 'X' },
    );
  }
  if (method.strategy === 'batch') return method.seed;
  return (await ranks.gather(seedOf({ method, resumeFrom })))[0];
}

/** Runs a descent. */
export async function descend(given: Sample, asked: Task, watch: Watch = {}): Promise<Descent> {
  const { sample, task: whole } = await shared(given, asked, watch);
  const { rows, task } = prepared(sample, whole);
  const found = await onOperands(rows, task, watch, (operands) => descendOn(operands, task, watch));
  await warnIfSlow(sample.X, task);
  return found;
}

/**
 * Warns where an 'auto' rate learns little of X as it is. A matrix on a device is not read back for that, and of rows whose
 * scaling is known, who measured them tells.
 */
export async function warnIfSlow(X: Rows, task: Task): Promise<void> {
  const { optimizer, learningRate } = task.method;
  // Of several ranks one is enough.
  if (task.ranks !== undefined && task.ranks.rank > 0) return;
  if (!hasLearningRate(optimizer) || learningRate !== undefined) return;
  if (X instanceof Matrix || X.scaling !== undefined) return;
  await slow().warnIfSlow(X, task);
}
