import { breathe } from '../base/event-loop';
import type { Floats, RowSource, refuseNotFinite } from './rows';

/** How features were scaled: x̃ⱼ = (xⱼ − meansⱼ)/scalesⱼ. */
export interface Scaling {
  readonly means: Float64Array;
  /** Standard deviations over the m rows (divided by m); 1 for a column that never changes. */
  readonly scales: Float64Array;
}

/** Weights and intercept of a neuron. */
export interface Weights {
  readonly theta: Float64Array;
  readonly intercept: number;
}

/** Turns weights for scaled features into weights for raw ones with the same outputs. */
export function foldStandardization(
  theta: Float64Array,
  intercept: number,
  means: Float64Array,
  scales: Float64Array,
): Weights {
  const folded = theta.map((weight, j) => weight / (scales[j] ?? 1));
  const shift = folded.reduce((sum, weight, j) => sum + weight * (means[j] ?? 0), 0);
  return { theta: folded, intercept: intercept - shift };
}

/** Turns weights for raw features into weights for scaled ones: the inverse of {@link foldStandardization}. */
export function unfoldStandardization(
  theta: Float64Array,
  intercept: number,
  means: Float64Array,
  scales: Float64Array,
): Weights {
  const shift = theta.reduce((sum, weight, j) => sum + weight * (means[j] ?? 0), 0);
  return { theta: theta.map((weight, j) => weight * (scales[j] ?? 1)), intercept: intercept + shift };
}

/**
 * Means and squared deviations block by block: each block in two passes, blocks joined by the update of Chan, Golub
 * and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances" (1979).
 */
class Moments {
  readonly means: Float64Array;
  readonly deviations: Float64Array;
  #rows = 0;

  constructor(
    private readonly columns: number,
    private readonly refuse: typeof refuseNotFinite,
  ) {
    this.means = new Float64Array(columns);
    this.deviations = new Float64Array(columns);
  }

  add(block: Floats): void {
    const { columns } = this;
    const count = block.length / columns;
    const means = new Float64Array(columns);
    const deviations = new Float64Array(columns);
    for (let at = 0, j = 0; at < block.length; at += 1, j = j + 1 === columns ? 0 : j + 1) {
      means[j] = (means[j] as number) + (block[at] as number);
    }
    // Named before a mean spreads it over its whole column.
    if (!means.every(Number.isFinite)) this.refuse('X', block, columns, this.#rows);
    for (let j = 0; j < columns; j += 1) means[j] = (means[j] as number) / count;
    for (let at = 0, j = 0; at < block.length; at += 1, j = j + 1 === columns ? 0 : j + 1) {
      const off = (block[at] as number) - (means[j] as number);
      deviations[j] = (deviations[j] as number) + off * off;
    }
    this.#join(means, deviations, count);
  }

  #join(means: Float64Array, deviations: Float64Array, count: number): void {
    const total = this.#rows + count;
    for (let j = 0; j < this.columns; j += 1) {
      const gap = (means[j] as number) - (this.means[j] as number);
      this.means[j] = (this.means[j] as number) + (gap * count) / total;
      this.deviations[j] =
        (this.deviations[j] as number) + (deviations[j] as number) + (gap * gap * this.#rows * count) / total;
    }
    this.#rows = total;
  }

  scales(): Float64Array {
    return this.deviations.map((sum, j) => {
      const deviation = Math.sqrt(sum / this.#rows);
      // What rounding leaves of a column that never changes is no scale.
      return deviation > 1e-12 * Math.abs(this.means[j] as number) ? deviation : 1;
    });
  }
}

/** Rows scaled on their way to a device, and how. */
export interface StandardizedRows {
  readonly source: RowSource;
  readonly scaling: Scaling;
}

/**
 * Measures the features of X and gives its rows scaled to mean 0 and standard deviation 1. They are read twice.
 *
 * @param center whether means are taken off, which only an intercept can make up for
 * @param refuse what refuses values that are not finite: `refuseNotFinite`
 */
export async function standardizedRows(
  raw: RowSource,
  center: boolean,
  refuse: typeof refuseNotFinite,
): Promise<StandardizedRows> {
  const moments = new Moments(raw.columns, refuse);
  for await (const block of raw.blocks()) {
    moments.add(block);
    await breathe();
  }
  const scales = moments.scales();
  const means = center ? moments.means : new Float64Array(raw.columns);
  async function* blocks(): AsyncIterable<Floats> {
    for await (const block of raw.blocks()) yield scaled(block, means, scales);
  }
  return { source: { ...shapeOf(raw), blocks }, scaling: { means, scales } };
}

function shapeOf({ rows, columns, dtype }: RowSource): Omit<RowSource, 'blocks'> {
  return { rows, columns, dtype };
}

function scaled(block: Floats, means: Float64Array, scales: Float64Array): Floats {
  const columns = means.length;
  const copy = block.slice();
  for (let at = 0, j = 0; at < copy.length; at += 1, j = j + 1 === columns ? 0 : j + 1) {
    copy[at] = ((block[at] as number) - (means[j] as number)) / (scales[j] as number);
  }
  return copy;
}
