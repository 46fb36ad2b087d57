import type { LayerParameters } from '../base/data-types';
import { breathe } from '../base/event-loop';
import { type Moment, Moments } from './moments';
import { type Floats, type RowSource, type Scaling, type refuseNotFinite, columnValues } from './rows';
import { SparseMoments } from './sparse-moments';
import type { SparseSource } from './row-source';
import { placeOf, sparseColumns, sparseRows, sparseScaled } from './sparse-rows';

/** Turns weights for scaled features into weights for raw ones with the same outputs. */
export function foldStandardization(
  { theta, intercepts }: LayerParameters,
  { means, scales }: Scaling,
): LayerParameters {
  const outputs = intercepts.length;
  const folded = theta.map((weight, at) => weight / (scales[Math.floor(at / outputs)] ?? 1));
  const shifts = shiftsOf(folded, means, outputs);
  return { theta: folded, intercepts: intercepts.map((intercept, k) => intercept - (shifts[k] as number)) };
}

/** By how much means move the sums of outputs. */
function shiftsOf(theta: Float64Array, means: Float64Array, outputs: number): Float64Array {
  const shifts = new Float64Array(outputs);
  for (const [at, weight] of theta.entries()) {
    const k = at % outputs;
    shifts[k] = (shifts[k] as number) + weight * (means[(at - k) / outputs] ?? 0);
  }
  return shifts;
}

/** Turns weights for raw features into weights for scaled ones: the inverse of {@link foldStandardization}. */
export function unfoldStandardization(
  { theta, intercepts }: LayerParameters,
  { means, scales }: Scaling,
): LayerParameters {
  const outputs = intercepts.length;
  const shifts = shiftsOf(theta, means, outputs);
  return {
    theta: theta.map((weight, at) => weight * (scales[Math.floor(at / outputs)] ?? 1)),
    intercepts: intercepts.map((intercept, k) => intercept + (shifts[k] as number)),
  };
}

/** Rows as they are, and how much each counts: a column, or 1. */
export interface RawRows {
  readonly raw: RowSource;
  readonly weights?: RowSource | undefined;
}

/** Rows scaled on their way to a device, and how. */
export interface StandardizedRows {
  readonly source: RowSource;
  readonly scaling: Scaling;
}

/** Weights, where any counts: those of no row at all are refused where they come to the device. */
function usable(weights: Float64Array): Float64Array | undefined {
  return weights.some((weight) => weight > 0) ? weights : undefined;
}

/** Moments of these rows' columns become those of the rows of all ranks. */
type Agree = (moments: Moment[]) => Promise<readonly Moment[]>;

/** Reads all rows for the means and deviations of their columns; a column that never changes keeps its scale. */
async function measured(
  { raw, weights }: RawRows,
  refuse: typeof refuseNotFinite,
  agree: Agree | undefined,
): Promise<Scaling> {
  const given = weights && (await columnValues(weights));
  // A rank may have rows of which none counts.
  const counts = given && (agree === undefined ? usable(given) : given);
  const here = await momentsOf(raw, counts, refuse);
  return scalingOf(agree === undefined ? here : await agree(here));
}

async function momentsOf(
  raw: RowSource,
  counts: Float64Array | undefined,
  refuse: typeof refuseNotFinite,
): Promise<Moment[]> {
  if (raw.sparse !== undefined) return await sparseMoments(raw, raw.sparse, counts, refuse);
  const { columns } = raw;
  const moments = new Moments(columns);
  let rows = 0;
  for await (const block of raw.blocks()) {
    const end = rows + block.length / columns;
    if (!moments.add(block, counts?.subarray(rows, end))) refuse('X', block, columns, rows);
    rows = end;
    await breathe();
  }
  return Array.from({ length: columns }, (_, j) => moments.moment(j));
}

function scalingOf(found: readonly Moment[]): Scaling {
  return {
    means: Float64Array.from(found, ({ mean }) => mean),
    scales: Float64Array.from(found, ({ deviation }) => deviation || 1),
  };
}

/** The same where some columns are sparse, of what these hold alone. */
async function sparseMoments(
  { columns }: RowSource,
  sparse: SparseSource,
  counts: Float64Array | undefined,
  refuse: typeof refuseNotFinite,
): Promise<Moment[]> {
  const { dense } = sparse.layout;
  const ofDense = new Moments(dense);
  const ofSparse = new SparseMoments(sparse.layout);
  let rows = 0;
  for await (const block of sparse.blocks()) {
    const end = rows + block.rows;
    const weights = counts?.subarray(rows, end);
    if (block.dense !== undefined && !ofDense.add(block.dense, weights))
      refuse('X', block.dense, dense, rows);
    const bad = ofSparse.add(block, weights);
    if (bad !== undefined) {
      const row = new Float64Array(columns);
      row[placeOf(sparse.layout, dense + bad.column)] = bad.value;
      refuse('X', row, columns, rows + bad.row);
    }
    rows = end;
    await breathe();
  }
  const found: Moment[] = [];
  for (let j = 0; j < dense + sparseColumns(sparse.layout); j += 1)
    found[placeOf(sparse.layout, j)] = j < dense ? ofDense.moment(j) : ofSparse.moment(j - dense);
  return found.slice(0, columns);
}

/**
 * Rows of X scaled to mean 0 and standard deviation 1. Features whose scaling is not known are measured first, for which
 * the rows are read once more.
 *
 * @param center whether means are taken off, which only an intercept can make up for
 * @param refuse what refuses values that are not finite: `refuseNotFinite`
 * @param agree where other ranks have rows too
 */
export async function standardizedRows(
  rows: RawRows,
  center: boolean,
  refuse: typeof refuseNotFinite,
  agree?: Agree,
): Promise<StandardizedRows> {
  const { raw } = rows;
  const known = raw.scaling ?? (await measured(rows, refuse, agree));
  const { scales } = known;
  const means = center ? known.means : new Float64Array(raw.columns);
  const scaling = { means, scales };
  return { source: scaledRows(raw, scaling), scaling };
}

/** Rows scaled as others are. */
export function scaledRows(raw: RowSource, { means, scales }: Scaling): RowSource {
  if (raw.sparse !== undefined) {
    const { layout } = raw.sparse;
    const dense = (values: Float64Array): Float64Array =>
      Float64Array.from({ length: layout.dense }, (_, j) => values[placeOf(layout, j)] as number);
    const ofDense = { means: dense(means), scales: dense(scales) };
    const scaleDense = (block: Floats): Floats => scaled(block, block.slice(), ofDense.means, ofDense.scales);
    return sparseRows(raw.rows, raw.dtype, sparseScaled(raw.sparse, { means, scales }, scaleDense));
  }
  if (raw.scaledBlocks !== undefined)
    return { ...shapeOf(raw), blocks: raw.scaledBlocks.bind(raw, { means, scales }) };
  async function* blocks(): AsyncIterable<Floats> {
    // One for all blocks: each is valid until the next.
    let room: Floats | undefined;
    for await (const block of raw.blocks()) {
      if (room === undefined || !isRoomFor(block, room)) room = block.slice();
      yield scaled(block, room.subarray(0, block.length), means, scales);
    }
  }
  return { ...shapeOf(raw), blocks };
}

function isRoomFor(block: Floats, room: Floats): boolean {
  return room.BYTES_PER_ELEMENT === block.BYTES_PER_ELEMENT && room.length >= block.length;
}

function shapeOf({ rows, columns, dtype }: RowSource): Omit<RowSource, 'blocks'> {
  return { rows, columns, dtype };
}

/** Writes the rows of a block, scaled, into room for as many. */
export function scaled(block: Floats, into: Floats, means: Float64Array, scales: Float64Array): Floats {
  const columns = means.length;
  for (let at = 0, j = 0; at < into.length; at += 1, j = j + 1 === columns ? 0 : j + 1) {
    into[at] = ((block[at] as number) - (means[j] as number)) / (scales[j] as number);
  }
  return into;
}
