import { addon } from '../addon/native';
import { environment } from '../base/environment';
import { type Floats, isFloats } from '../rows/rows';
import type { Placing, ValueSums } from './determination';

/** How well sigmoids meet their targets: native/device/cpu/level.h says what each is. */
export interface ClassSums {
  readonly rows: number;
  readonly overflowed: number;
  readonly weight: number;
  readonly right: number;
  readonly loss: number;
}

type Numbers = ArrayLike<number>;

/** Sums over rows that are at hand, each by its weight, or 1: the addon takes several rows at once. */
export class RowSums {
  readonly #level = environment().cpuLevel ?? '';

  /** @param z the sums before φ */
  classes(y: Numbers, z: Numbers, weights: Numbers | undefined): ClassSums {
    const found = addon().classScores(this.#level, floats(y), floats(z), weights && floats(weights));
    const [rows = 0, overflowed = 0, weight = 0, right = 0, loss = 0] = found;
    return { rows, overflowed, weight, right, loss };
  }

  values(y: Numbers, outputs: Numbers, weights: Numbers | undefined, { unit, origin }: Placing): ValueSums {
    const counts = weights && floats(weights);
    const found = addon().valueScores(this.#level, floats(y), floats(outputs), counts, unit, origin);
    const [rows = 0, overflowed = 0, weight = 0, mean = 0, spread = 0, ...others] = found;
    const [unitSquares = 0, squares = 0, distances = 0, largest = 0] = others;
    return { rows, overflowed, weight, mean, spread, unitSquares, squares, distances, largest };
  }
}

function floats(values: Numbers): Floats {
  return isFloats(values) ? values : Float64Array.from(values);
}
