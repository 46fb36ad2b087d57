import type { Dtype } from '../base/data-types';
import type { Device, MatrixLike } from '../devices/device';
import { type LossGradient, lossGradient } from '../training/loss-gradient';
import { passBounds } from './bounds';
import { firstOutOfBounds } from './compare';
import { Uniform, exactIn, flat, floats, realData } from './data';
import type { Fault } from './group';
import type { Data, Objective, Parameters } from './plain';
import * as plain from './plain';

/** A pass over rows: what it is asked for. */
export interface Pass {
  readonly dtype: Dtype;
  readonly objective: Objective;
  readonly data: Data;
  readonly at: Parameters;
}

/** Of what a case is made: of integers results are exact. */
export const valueKinds = ['integers', 'reals'];

export const linearSquared: Objective = {
  activation: 'linear',
  loss: 'squared',
  fitIntercept: true,
  l1: 0,
  l2: 0,
};

/** Values between −1 and 1, θ so that z is about as large. */
export function realPass(dtype: Dtype, objective: Objective, m: number, n: number, seed: number): Pass {
  const random = new Uniform(seed);
  const data = realData(dtype, m, n, objective.loss, random);
  return { dtype, objective, data, at: parametersFor(dtype, n, 2 / Math.sqrt(n), random) };
}

export function parametersFor(dtype: Dtype, n: number, scale: number, random: Uniform): Parameters {
  const values = random.array(n + 1, () => scale * random.signed());
  const exact = exactIn(dtype, values);
  return { theta: exact.subarray(0, n), intercept: exact[n] ?? 0 };
}

/** The largest integer up to which float32 holds all. */
const largestExact = 2 ** 24;

/**
 * A linear neuron with squared loss over integers so small that float32 holds every sum of the pass, in whatever order:
 * a power of two rows gives means that are exact as well.
 */
export function integerPass(dtype: Dtype, m: number, n: number, seed: number, largestLabel = 4): Pass {
  const random = new Uniform(seed);
  const X = random.array(m * n, () => random.integer(-1, 1));
  const y = random.array(m, () => random.integer(-largestLabel, largestLabel));
  const theta = random.array(n, () => random.integer(-1, 1));
  const pass = {
    ...{ dtype, objective: linearSquared, data: { X, y, m, n } },
    at: { theta, intercept: random.integer(-2, 2) },
  };
  refuseInexact(pass);
  return pass;
}

/** @throws Error where float32 does not hold every sum of a pass over integers, or over halves where they are scaled */
export function refuseInexact(pass: Pass): void {
  const units = pass.data.sizes === undefined ? 1 : unitsOfScaled;
  if (units * magnitude(pass) >= largestExact)
    throw new Error('the integers of a case are too large to be exact');
}

/** Of squares of halves, in 1. */
const unitsOfScaled = 4;

/** What no sum of residuals, of their products with X and of losses is beyond. */
function magnitude({ data, at }: Pass): number {
  const largest = data.X.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
  let sum = 0;
  let loss = 0;
  for (let i = 0; i < data.m; i += 1) {
    const residual = plain.dot(data, i, at) - (data.y[i] ?? 0);
    sum += 2 * Math.abs(residual) * largest;
    loss = Math.max(loss, residual ** 2);
  }
  return Math.max(sum, loss);
}

/** On a device, from rows in JavaScript memory or, given X, from those there. */
export async function passOn(
  device: Device,
  { dtype, objective, data, at }: Pass,
  {
    X = flat(dtype, data),
    ...more
  }: { readonly X?: MatrixLike; readonly sampleWeight?: readonly number[] } = {},
): Promise<LossGradient> {
  return await lossGradient(X, floats(dtype, data.y), { ...objective, ...at, dtype, device, ...more });
}

/** One part of a mean that is divided on the device: in float64 nearly exact, in two float32 to 48 bits. */
function meanRoundoff(device: Device): number {
  return device.info.float64 ? 2 ** -50 : 2 ** -44;
}

/** What is wrong with a pass over integers. */
export function integerFault(device: Device, pass: Pass, got: LossGradient): Fault {
  const { m } = pass.data;
  const right = plain.lossGradient(pass.objective, pass.data, pass.at);
  const share = Number.isInteger(Math.log2(m)) ? 0 : meanRoundoff(device);
  return differences(got, right, (_, value) => share * Math.abs(value));
}

/** What is wrong with a pass over real numbers. */
export function realFault(pass: Pass, got: LossGradient): Fault {
  const { dtype, objective, data, at } = pass;
  const right = plain.lossGradient(objective, data, at);
  const bounds = passBounds(dtype, objective, data, at);
  // The reference is off as well.
  const own = dtype === 'float64' ? bounds : passBounds('float64', objective, data, at);
  const ofReference = flatten(own);
  const all = flatten(bounds).map((bound, j) => bound + (ofReference[j] ?? 0));
  return differences(got, right, (j) => all[j] ?? 0);
}

type Parts = Pick<LossGradient, 'gradient' | 'interceptGradient' | 'loss'>;

function flatten({ gradient, interceptGradient, loss }: Parts): number[] {
  return [loss, interceptGradient, ...gradient];
}

function differences(got: Parts, right: Parts, boundOf: (j: number, value: number) => number): Fault {
  return (
    firstOutOfBounds('the loss', [got.loss], [right.loss], () => boundOf(0, right.loss)) ??
    firstOutOfBounds(
      'the gradient of the intercept',
      [got.interceptGradient],
      [right.interceptGradient],
      () => boundOf(1, right.interceptGradient),
    ) ??
    firstOutOfBounds('gradient', got.gradient, right.gradient, (j) => boundOf(j + 2, right.gradient[j] ?? 0))
  );
}
