import type * as NodeCrypto from 'node:crypto';
import type { NativeDescentOptions, NativeProgress } from '../addon/native';
import type { Dtype, VectorLike } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { lazily } from '../base/lazily';
import type { Matrix, MatrixLike } from '../devices/device';
import { type RowSource, ofThisRealm, smallVector } from '../rows/rows';
import { Interruption } from './jobs';
import { type Placement, operandsOn } from './operands';
import type * as Plan from './plan';
import type * as Slow from './slow';
import type { CheckedOptions } from './task';

/* eslint-disable @typescript-eslint/no-require-imports -- loaded at their first use */
const crypto = lazily(() => require('node:crypto') as typeof NodeCrypto);
const plans = lazily(() => require('./plan') as typeof Plan);
const slow = lazily(() => require('./slow') as typeof Slow);
/* eslint-enable @typescript-eslint/no-require-imports */

/** What a descent found. */
export interface Descent {
  /** θ, n values. */
  readonly theta: Float64Array;
  /** b; 0 unless it was fitted. */
  readonly intercept: number;
  /** The training loss, penalty included: at the θ each iteration starts from (batch), or after each epoch. */
  readonly loss: Float64Array;
  /** Steps taken. */
  readonly iterations: number;
  readonly stopped: 'completed' | 'converged';
  /** The id of the device that computed. */
  readonly device: string;
  readonly dtype: Dtype;
  readonly plan: 'fused' | 'gram' | 'sequential';
  /** The rate used, which 'auto' picked. */
  readonly learningRate: number;
  /** What reproduces the order of rows; stochastic and mini-batch only. */
  readonly seed?: number;
  /** Seconds of the descent itself: rows that were copied to the device first are not counted. */
  readonly seconds: number;
}

/** What a caller within this package may add to a descent. */
export interface DescentExtras {
  /** Rows to copy to the device instead of X. */
  readonly source?: RowSource;
  /** b at the start. */
  readonly intercept?: number;
}

function startingTheta(initialTheta: VectorLike | undefined, columns: number): Float64Array {
  if (initialTheta === undefined) return new Float64Array(columns);
  const theta = smallVector('initialTheta', initialTheta);
  if (theta.length === columns) return theta;
  throw new ThalwegError(
    'ERR_SHAPE',
    `initialTheta has ${theta.length} values, and X has ${columns} columns`,
    {
      option: 'initialTheta',
    },
  );
}

function nativeOptions(
  options: CheckedOptions,
  plan: 'fused' | 'gram',
  theta: Float64Array,
  intercept: number,
): NativeDescentOptions {
  const { strategy, passes, batchSize, sampling, activation, loss, fitIntercept, l1, l2 } = options;
  const { learningRate, tolerance, seed } = options;
  return {
    ...{
      strategy,
      passes,
      batchSize,
      sampling,
      activation,
      loss,
      fitIntercept,
      l1,
      l2,
      plan,
      theta,
      intercept,
    },
    ...(learningRate === undefined ? {} : { learningRate }),
    ...(tolerance === undefined ? {} : { tolerance }),
    ...(seed === undefined ? {} : { seed }),
  };
}

function progressOf(options: CheckedOptions, interruption: Interruption): NativeProgress | undefined {
  const { onProgress, strategy } = options;
  if (onProgress === undefined) return undefined;
  const count = strategy === 'batch' ? 'iteration' : 'epoch';
  return (passes, loss, seconds) => {
    interruption.guard(() => {
      onProgress({ [count]: passes, loss, seconds } as unknown as Parameters<typeof onProgress>[0]);
    });
  };
}

/** What it does with rows of a shape. The gram plan is counted at what it costs on the CPU. */
function workOf(options: CheckedOptions): Placement['work'] {
  const { strategy, passes, batchSize } = options;
  if (strategy !== 'batch') return () => ({ passes, stepRows: strategy === 'stochastic' ? 1 : batchSize });
  return (shape) => {
    const gram = plans().planOf(options, { ...shape, deviceType: 'cpu' }) === 'gram';
    return { passes: gram ? plans().passesOfGram(shape.columns, 'cpu') : passes };
  };
}

/** Runs a descent whose options are checked. */
export async function descend(
  X: MatrixLike,
  y: VectorLike | Matrix,
  checked: CheckedOptions,
  extras: DescentExtras = {},
): Promise<Descent> {
  const sequential = checked.strategy !== 'batch';
  const options = sequential ? { ...checked, seed: checked.seed ?? crypto().randomInt(2 ** 32) } : checked;
  const operands = await operandsOn({ ...options, work: workOf(options) }, X, y, extras.source);
  try {
    const theta = startingTheta(options.initialTheta, operands.X.shape[1]);
    const interruption = new Interruption(options.signal);
    const { device, dtype } = operands;
    const [rows, columns] = operands.X.shape;
    const plan = plans().planOf(options, { rows, columns, dtype, deviceType: device.info.type });
    const job = device.native.descend(
      operands.X.native,
      operands.y.native,
      nativeOptions(options, plan, theta, extras.intercept ?? 0),
      progressOf(options, interruption),
    );
    const found = await interruption.run(device, job);
    if (options.learningRate === undefined && extras.source === undefined)
      await slow().warnIfSlow(X, options);
    const vectors = { theta: ofThisRealm(found.theta), loss: ofThisRealm(found.loss) };
    const seed = options.seed === undefined ? {} : { seed: options.seed };
    return { ...found, ...vectors, ...seed, device: device.id, dtype };
  } finally {
    operands.dispose();
  }
}
