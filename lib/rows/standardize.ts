import type { Parameters } from '../base/data-types';
import { breathe } from '../base/event-loop';
import { Moments } from './moments';
import type { Floats, RowSource, Scaling, refuseNotFinite } from './rows';

/** Turns weights for scaled features into weights for raw ones with the same outputs. */
export function foldStandardization(
  { theta, intercept }: Parameters,
  { means, scales }: Scaling,
): Parameters {
  const folded = theta.map((weight, j) => weight / (scales[j] ?? 1));
  const shift = folded.reduce((sum, weight, j) => sum + weight * (means[j] ?? 0), 0);
  return { theta: folded, intercept: intercept - shift };
}

/** Turns weights for raw features into weights for scaled ones: the inverse of {@link foldStandardization}. */
export function unfoldStandardization(
  { theta, intercept }: Parameters,
  { means, scales }: Scaling,
): Parameters {
  const shift = theta.reduce((sum, weight, j) => sum + weight * (means[j] ?? 0), 0);
  return { theta: theta.map((weight, j) => weight * (scales[j] ?? 1)), intercept: intercept + shift };
}

/** Rows scaled on their way to a device, and how. */
export interface StandardizedRows {
  readonly source: RowSource;
  readonly scaling: Scaling;
}

/** Reads all rows for the means and deviations of their columns; a column that never changes keeps its scale. */
async function measured(raw: RowSource, refuse: typeof refuseNotFinite): Promise<Scaling> {
  const { columns } = raw;
  const moments = new Moments(columns);
  let rows = 0;
  for await (const block of raw.blocks()) {
    if (!moments.add(block)) refuse('X', block, columns, rows);
    rows += block.length / columns;
    await breathe();
  }
  const found = Array.from({ length: columns }, (_, j) => moments.moment(j));
  return {
    means: Float64Array.from(found, ({ mean }) => mean),
    scales: Float64Array.from(found, ({ deviation }) => deviation || 1),
  };
}

/**
 * Rows of X scaled to mean 0 and standard deviation 1. Features whose scaling is not known are measured first, for which
 * the rows are read once more.
 *
 * @param center whether means are taken off, which only an intercept can make up for
 * @param refuse what refuses values that are not finite: `refuseNotFinite`
 */
export async function standardizedRows(
  raw: RowSource,
  center: boolean,
  refuse: typeof refuseNotFinite,
): Promise<StandardizedRows> {
  const known = raw.scaling ?? (await measured(raw, refuse));
  const { scales } = known;
  const means = center ? known.means : new Float64Array(raw.columns);
  const scaling = { means, scales };
  return { source: scaledRows(raw, scaling), scaling };
}

/** Rows scaled as others are. */
export function scaledRows(raw: RowSource, { means, scales }: Scaling): RowSource {
  async function* blocks(): AsyncIterable<Floats> {
    for await (const block of raw.blocks()) yield scaled(block, means, scales);
  }
  return { ...shapeOf(raw), blocks };
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
