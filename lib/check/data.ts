import type { Dtype } from '../base/data-types';
import type { ActivationName } from '../objective/activations';
import { type LossName, checkPair } from '../objective/losses';
import { activationTable, lossTable } from '../objective/tables';
import type { Data } from './plain';

export const activations = Object.keys(activationTable) as readonly ActivationName[];
export const losses = Object.keys(lossTable) as readonly LossName[];

export interface Pair {
  readonly activation: ActivationName;
  readonly loss: LossName;
}

export const allPairs: readonly Pair[] = activations.flatMap((activation) =>
  losses.map((loss) => ({ activation, loss })),
);

/** Those that a call takes. */
export const takenPairs = allPairs.filter(({ activation, loss }) => {
  try {
    checkPair(activation, loss);
    return true;
  } catch {
    return false;
  }
});

/** Uniform numbers from a seed: a counter, its bits mixed. */
export class Uniform {
  constructor(private state: number) {}

  next(): number {
    this.state = (this.state + 0x9e37_79b9) | 0;
    let bits = this.state;
    bits = Math.imul(bits ^ (bits >>> 16), 0x21f0_aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a_2d97);
    return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
  }

  /** From −1 to 1. */
  signed(): number {
    return 2 * this.next() - 1;
  }

  /** An integer from `least` to `most`. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  array(length: number, value: () => number): Float64Array {
    return Float64Array.from({ length }, value);
  }
}

/** Numbers that the dtype holds exactly, so that nothing is rounded on the way to a device. */
export function exactIn(dtype: Dtype, values: Float64Array): Float64Array {
  return dtype === 'float64' ? values : values.map(Math.fround);
}

/** A target that the loss allows. */
function target(loss: LossName, random: Uniform): number {
  if (loss === 'log') return random.integer(0, 1);
  if (loss === 'hinge') return random.integer(0, 1) * 2 - 1;
  if (loss === 'poisson') return random.integer(0, 5);
  return 2 * random.signed();
}

/** m×n real numbers between −1 and 1, and targets that suit the loss. */
export function realData(dtype: Dtype, m: number, n: number, loss: LossName, random: Uniform): Data {
  const X = exactIn(
    dtype,
    random.array(m * n, () => random.signed()),
  );
  return { X, y: targetsFor(dtype, m, loss, random), m, n };
}

/** m targets that suit the loss. */
export function targetsFor(dtype: Dtype, m: number, loss: LossName, random: Uniform): Float64Array {
  return exactIn(
    dtype,
    random.array(m, () => target(loss, random)),
  );
}

/** The values as the typed array of the dtype, and the shape: what the public calls take. */
export function flat(
  dtype: Dtype,
  { X, m, n }: Data,
): { data: Float32Array | Float64Array; shape: [number, number] } {
  return { data: floats(dtype, X), shape: [m, n] };
}

export function floats(dtype: Dtype, values: Float64Array): Float32Array | Float64Array {
  return dtype === 'float32' ? Float32Array.from(values) : values;
}
