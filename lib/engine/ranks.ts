import type { Dtype } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { Matrix, type MatrixLike } from '../devices/device';
import type { Ranks } from '../mpi/world';
import { type Moment, joined } from '../rows/moments';
import { type RowSource, vectorRows } from '../rows/rows';
import { type Rows, type Sample, rowsOf, shapeOf } from './operands';
import type { Task } from './task';

/** What stands for the rows of a rank that has none, until the others have told how wide they are. */
const noRows: RowSource = { rows: 0, columns: 0, dtype: 'float64', blocks: () => [] };

/** Whether X, as a call is given it, has no rows; of one process alone that is refused. */
function isWithoutRows(X: unknown): boolean {
  if (typeof X !== 'object' || X === null) return false;
  const { length, shape, rows } = X as { length?: unknown; shape?: readonly unknown[]; rows?: unknown };
  return length === 0 || (Array.isArray(shape) && shape[0] === 0) || rows === 0;
}

/** X and y as a call is given them; those of a rank may be without rows. */
export function sampleOf(
  ranks: Ranks | undefined,
  X: MatrixLike,
  toTargets: () => Rows,
  toRows = (given: MatrixLike): Rows => rowsOf('X', given),
): Pick<Sample, 'X' | 'y'> {
  if (ranks !== undefined && isWithoutRows(X)) return { X: noRows, y: noRows };
  return { X: toRows(X), y: toTargets() };
}

/** What a rank tells the others of its rows and of what it was asked. */
interface Told {
  readonly rows: number;
  readonly columns: number;
  readonly targets: number;
  readonly dtype: Dtype;
  readonly isWeighted: boolean;
  /** Each option as JSON. */
  readonly asked: Readonly<Record<string, string>>;
}

function plain(_key: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

/** What all ranks are asked alike. */
type Asked = Pick<Task, 'objective' | 'placement'> &
  Partial<Pick<Task, 'method'>> & { readonly start: object };

function toldOf(
  { X, y, weights }: Sample,
  { objective, method, start, placement }: Asked,
  more: object,
): Told {
  const [rows, columns] = shapeOf(X);
  // Of a batch descent it changes nothing.
  const seed = method?.strategy === 'batch' ? undefined : method?.seed;
  const asked = { ...objective, ...method, ...start, seed, dtype: placement.dtype, ...more };
  return {
    ...{ rows, columns, targets: shapeOf(y)[1], dtype: X.dtype, isWeighted: weights !== undefined },
    asked: Object.fromEntries(
      Object.entries(asked).map(([name, value]) => [
        name,
        (JSON.stringify(value, plain) as string | undefined) ?? '',
      ]),
    ),
  };
}

function unlike(option: string, what: (rank: number) => string, other: number, first: number): ThalwegError {
  return new ThalwegError(
    'ERR_SHAPE',
    `${what(other)} on rank ${other}, and ${what(first)} on rank ${first}: all ranks must have the same`,
    { option, rank: other },
  );
}

/**
 * Refuses an option that ranks do not have alike; they all know, and all refuse.
 *
 * @param given of each rank, as text
 * @throws ThalwegError ERR_SHAPE
 */
export function refuseUnlike(option: string, given: readonly string[]): void {
  const other = given.findIndex((each) => each !== given[0]);
  if (other > 0) throw unlike(option, (rank) => `${option} is ${given[rank] ?? ''}`, other, 0);
}

/** Refuses ranks that are not of one mind; they all know, and all refuse. */
function checkAlike(all: readonly Told[]): Told {
  const first = all.findIndex(({ rows }) => rows > 0);
  const like = all[first];
  if (like === undefined) throw new ThalwegError('ERR_SHAPE', 'X has no rows on any rank', { option: 'X' });
  const [leader] = all as [Told];
  for (const [rank, each] of all.entries()) {
    const option = Object.keys(leader.asked).find((name) => leader.asked[name] !== each.asked[name]);
    if (option !== undefined)
      throw unlike(option, (r) => `${option} is ${all[r]?.asked[option] || 'not given'}`, rank, 0);
    if (each.rows === 0) continue;
    const told = (r: number): Told => all[r] as Told;
    if (each.columns !== like.columns)
      throw unlike('X', (r) => `X has ${told(r).columns} columns`, rank, first);
    if (each.targets !== like.targets)
      throw unlike('y', (r) => `y has ${told(r).targets} columns`, rank, first);
    if (each.dtype !== like.dtype) throw unlike('X', (r) => `X is ${told(r).dtype}`, rank, first);
    if (each.isWeighted !== like.isWeighted)
      throw unlike(
        'sampleWeight',
        (r) => `sampleWeight is ${told(r).isWeighted ? '' : 'not '}given`,
        rank,
        first,
      );
  }
  return like;
}

/** A target that every loss takes. */
function anyTarget({ loss }: Task['objective']): number {
  return loss === 'hinge' ? 1 : 0;
}

function filled(rows: number, columns: number, dtype: Dtype, value: number): RowSource {
  const values = new (dtype === 'float32' ? Float32Array : Float64Array)(rows * columns).fill(value);
  return { rows, columns, dtype, blocks: () => [values] };
}

/** The rows of a rank, and of all together. */
export interface Share {
  readonly sample: Sample;
  readonly allRows: number;
}

/**
 * The rows of this rank as a part of those of all: a rank without rows gets one that does not count, and then all have
 * weights. Refuses what all ranks must have in common and do not.
 *
 * @param more options that the task does not hold
 * @throws ThalwegError ERR_SHAPE, on all ranks
 */
export async function shareOf(ranks: Ranks, sample: Sample, task: Asked, more: object = {}): Promise<Share> {
  const all = await ranks.gather(toldOf(sample, task, more));
  const { columns, targets, dtype } = checkAlike(all);
  const allRows = all.reduce((sum, { rows }) => sum + rows, 0);
  if (all.every(({ rows }) => rows > 0)) return { sample, allRows };
  const [rows] = shapeOf(sample.X);
  if (rows === 0) {
    const y = filled(1, targets, dtype, anyTarget(task.objective));
    const nothing = filled(1, 1, dtype, 0);
    // Of rows whose scaling is known nobody measures it.
    const scaling = sample.X instanceof Matrix ? undefined : sample.X.scaling;
    const X = { ...filled(1, columns, dtype, 0), ...(scaling === undefined ? {} : { scaling }) };
    return { sample: { X, y, weights: nothing, scoreWeights: nothing }, allRows };
  }
  const weights = sample.weights ?? vectorRows('sampleWeight', new Float64Array(rows).fill(1));
  return { sample: { ...sample, weights }, allRows };
}

/** Moments of columns over all ranks, joined in their order as blocks of rows are. */
export async function momentsOver(ranks: Ranks, mine: readonly Moment[]): Promise<Moment[]> {
  const all = await ranks.gather(mine);
  return mine.map((_, j) => all.map((each) => each[j] as Moment).reduce(joined));
}
