import type { Dtype } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { lazily } from '../base/lazily';
import { Matrix, type MatrixLike } from '../devices/device';
import type { Ranks, World } from '../mpi/world';
import { type Moment, joined } from '../rows/moments';
import { type RowSource, vectorRows } from '../rows/rows';
import { type Rows, type Sample, rowsOf, shapeOf } from './operands';
import type * as StateFiles from './state-file';
import type { Task } from './task';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const stateFiles = lazily(() => require('./state-file') as typeof StateFiles);

/** What stands for the rows of a rank that has none, until the others have told how wide they are. */
const noRows: RowSource = { rows: 0, columns: 0, dtype: 'float64', blocks: () => [] };

/** Whether X, as a call is given it, has no rows; of one process alone that is refused. */
function isWithoutRows(X: unknown): boolean {
  if (typeof X !== 'object' || X === null) return false;
  const { length, shape, rows } = X as { length?: unknown; shape?: readonly unknown[]; rows?: unknown };
  return length === 0 || (Array.isArray(shape) && shape[0] === 0) || rows === 0;
}

/**
 * X and y as a call is given them; those of a rank may be without rows.
 *
 * @param ranks undefined: there is one process alone
 */
export function sampleOf(
  ranks: Ranks | World | undefined,
  X: MatrixLike,
  toTargets: () => Rows,
  toRows = (given: MatrixLike): Rows => rowsOf('X', given),
): Pick<Sample, 'X' | 'y'> {
  if (ranks !== undefined && isWithoutRows(X)) return { X: noRows, y: noRows };
  return { X: toRows(X), y: toTargets() };
}

/** What a rank tells the others of rows that it has. */
interface ToldRows {
  readonly rows: number;
  readonly columns: number;
  readonly targets: number;
  readonly dtype: Dtype;
  readonly isWeighted: boolean;
}

/** What a rank tells the others of its rows and of what it was asked. */
interface Told {
  readonly sample: ToldRows;
  /** Of rows to validate with, where they are given. */
  readonly held?: ToldRows;
  /** Each option as JSON. */
  readonly asked: Readonly<Record<string, string>>;
}

function plain(_key: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

/** What all ranks are asked alike. */
type Asked = Pick<Task, 'objective' | 'placement'> &
  Partial<Pick<Task, 'method' | 'validation' | 'resumeFrom'>> & { readonly start: object };

function toldOfRows({ X, y, weights }: Omit<Sample, 'scoreWeights'>): ToldRows {
  const [rows, columns] = shapeOf(X);
  return { rows, columns, targets: shapeOf(y)[1], dtype: X.dtype, isWeighted: weights !== undefined };
}

/** By the names that the options have. */
function validationAsked(validation: Task['validation']): object {
  if (validation === undefined) return {};
  const { rows, share, restoresBest: restoreBestWeights, ...stopping } = validation;
  return { validation: rows === undefined ? share : 'rows', restoreBestWeights, ...stopping };
}

function toldOf(
  sample: Sample,
  { objective, method, start, placement, validation, resumeFrom }: Asked,
  more: object,
): Told {
  // Of a batch descent it changes nothing.
  const seed = method?.strategy === 'batch' ? undefined : method?.seed;
  const state = resumeFrom && stateFiles().titleOf(resumeFrom);
  const own = { seed, dtype: placement.dtype, ...validationAsked(validation), resumeFrom: state };
  const asked = { ...objective, ...method, ...start, ...own, ...more };
  const held = validation?.rows;
  return {
    sample: toldOfRows(sample),
    ...(held === undefined ? {} : { held: toldOfRows(held) }),
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

/** Refuses ranks that are not asked alike; they all know, and all refuse. */
function checkAsked(all: readonly Told[]): void {
  const [leader] = all as [Told];
  for (const [rank, each] of all.entries()) {
    const names = Object.keys({ ...leader.asked, ...each.asked });
    const option = names.find((name) => leader.asked[name] !== each.asked[name]);
    if (option !== undefined)
      throw unlike(option, (r) => `${option} is ${all[r]?.asked[option] || 'not given'}`, rank, 0);
  }
}

/**
 * What rows all ranks have together. Refuses ranks whose rows do not go together; they all know, and all refuse.
 *
 * @param place what stands before X, y and sampleWeight in messages: 'validation.'
 */
function together(all: readonly ToldRows[], place = ''): RowsOfAll {
  const first = all.findIndex(({ rows }) => rows > 0);
  const like = all[first];
  if (like === undefined)
    throw new ThalwegError('ERR_SHAPE', `${place}X has no rows on any rank`, { option: `${place}X` });
  const told = (r: number): ToldRows => all[r] as ToldRows;
  for (const [rank, each] of all.entries()) {
    if (each.rows === 0) continue;
    const refuse = (name: string, what: (name: string, of: ToldRows) => string): never => {
      throw unlike(`${place}${name}`, (r) => what(`${place}${name}`, told(r)), rank, first);
    };
    if (each.columns !== like.columns) refuse('X', (X, { columns }) => `${X} has ${columns} columns`);
    if (each.targets !== like.targets) refuse('y', (y, { targets }) => `${y} has ${targets} columns`);
    if (each.dtype !== like.dtype) refuse('X', (X, { dtype }) => `${X} is ${dtype}`);
    if (each.isWeighted !== like.isWeighted)
      refuse('sampleWeight', (name, { isWeighted }) => `${name} is ${isWeighted ? '' : 'not '}given`);
  }
  const { columns, targets, dtype } = like;
  return { columns, targets, dtype, counts: all.map(({ rows }) => rows) };
}

/** A target that every loss takes. */
function anyTarget({ loss }: Task['objective']): number {
  return loss === 'hinge' ? 1 : 0;
}

function filled(rows: number, columns: number, dtype: Dtype, value: number): RowSource {
  const values = new (dtype === 'float32' ? Float32Array : Float64Array)(rows * columns).fill(value);
  return { rows, columns, dtype, blocks: () => [values] };
}

/** The rows of all ranks together. */
export interface RowsOfAll {
  readonly columns: number;
  /** Columns of y. */
  readonly targets: number;
  readonly dtype: Dtype;
  /** How many each rank has, in the order of ranks. */
  readonly counts: readonly number[];
}

export function rowsOver(counts: RowsOfAll['counts']): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** What all ranks learn from, and what they validate with where that is given. */
export interface Agreed {
  readonly sample: RowsOfAll;
  readonly held: RowsOfAll | undefined;
}

/**
 * Has ranks tell each other what they were asked and which rows they have. Refuses what all must have in common and do not.
 *
 * @param more options that the task does not hold
 * @throws ThalwegError ERR_SHAPE, on all ranks
 */
export async function agreed(ranks: Ranks, sample: Sample, task: Asked, more: object = {}): Promise<Agreed> {
  const all = await ranks.gather(toldOf(sample, task, more));
  checkAsked(all);
  const held = all.flatMap((each) => each.held ?? []);
  return {
    sample: together(all.map((each) => each.sample)),
    held: held.length === 0 ? undefined : together(held, 'validation.'),
  };
}

/**
 * The rows of this rank as a part of those of all: a rank without rows gets one that does not count, and then all have weights.
 */
export function shareOf(
  sample: Sample,
  { columns, targets, dtype, counts }: RowsOfAll,
  objective: Task['objective'],
): Sample {
  if (counts.every((count) => count > 0)) return sample;
  const [rows] = shapeOf(sample.X);
  if (rows === 0) {
    const y = filled(1, targets, dtype, anyTarget(objective));
    const nothing = filled(1, 1, dtype, 0);
    // Of rows whose scaling is known nobody measures it.
    const scaling = sample.X instanceof Matrix ? undefined : sample.X.scaling;
    const X = { ...filled(1, columns, dtype, 0), ...(scaling === undefined ? {} : { scaling }) };
    return { X, y, weights: nothing, scoreWeights: nothing };
  }
  const weights = sample.weights ?? vectorRows('sampleWeight', new Float64Array(rows).fill(1));
  return { ...sample, weights };
}

/** Moments of columns over all ranks, joined in their order as blocks of rows are. */
export async function momentsOver(ranks: Ranks, mine: readonly Moment[]): Promise<Moment[]> {
  const all = await ranks.gather(mine);
  return mine.map((_, j) => all.map((each) => each[j] as Moment).reduce(joined));
}
