import type { Dtype } from '../base/data-types';
import { passBounds, roundoff } from './bounds';
import type { Data, Objective, Parameters } from './plain';
import * as plain from './plain';

/** Where a descent is after some steps, in plain float64, and how far another one may be from that, in the 2-norm. */
export interface Place extends Parameters {
  readonly away: number;
}

/** What a loss should be, and how far it may be off. */
export interface Expected {
  readonly value: number;
  readonly bound: number;
}

/** How a device steps: its arithmetic, what is minimised and the rate. */
export interface Stepping {
  readonly dtype: Dtype;
  readonly objective: Objective;
  readonly learningRate: number;
}

export function startOf(n: number): Place {
  return { theta: new Float64Array(n), intercept: 0, away: 0 };
}

/**
 * One step over the rows of `data`. What was off before moves the gradient as well; its bound and the step's own
 * roundings come on top. The soft threshold of l1 brings no two places further apart (Parikh and Boyd, "Proximal
 * Algorithms", 2014, §2.3).
 */
export function stepped({ dtype, objective, learningRate }: Stepping, data: Data, at: Place): Place {
  const next = plain.step(objective, data, at, learningRate);
  const bounds = passBounds(dtype, objective, data, at, at.away);
  const gradient = [...bounds.gradient, objective.fitIntercept ? bounds.interceptGradient : 0];
  const rounding = 4 * roundoff[dtype] * (lengthOf(at) + lengthOf(next));
  return { ...next, away: at.away + learningRate * norm(gradient) + rounding };
}

/** The loss over `data` at a place. */
export function lossAt({ dtype, objective }: Stepping, data: Data, at: Place): Expected {
  return {
    value: plain.lossGradient(objective, data, at).loss,
    bound: passBounds(dtype, objective, data, at, at.away).loss,
  };
}

/** Some rows of `data`, in that order. */
export function rowsOf({ X, y, n, sizes }: Data, rows: ArrayLike<number>): Data {
  const some = (values: Float64Array, width: number): Float64Array => {
    const part = new Float64Array(rows.length * width);
    for (let at = 0; at < rows.length; at += 1) {
      const i = rows[at] as number;
      part.set(values.subarray(i * width, (i + 1) * width), at * width);
    }
    return part;
  };
  const part = { X: some(X, n), y: some(y, 1), m: rows.length, n };
  return sizes === undefined ? part : { ...part, sizes: some(sizes, n) };
}

function lengthOf({ theta, intercept }: Parameters): number {
  return norm([...theta, intercept]);
}

function norm(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
