import { breathe } from '../base/event-loop';
import { invalid, kindOf } from '../base/arguments';
import type { Label, VectorLike } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { listed, shownLabel } from '../base/listed';
import { Matrix } from '../devices/device';
import { type Rows, checkColumn, shapeOf, sourceOf } from '../engine/operands';
import { refuseUnlike } from '../engine/ranks';
import type { Task } from '../engine/task';
import type { Ranks } from '../mpi/world';
import type { Objective } from '../objective/objective';
import { lossTable } from '../objective/tables';
import { type Floats, type RowSource, columnValues, smallVector, vectorRows } from '../rows/rows';

/** What rows of each class count: 'balanced', m / (K·count), or by their labels, or in the order of the classes. */
export type ClassWeight =
  | 'balanced'
  | Readonly<Record<string, number>>
  | ReadonlyMap<string | boolean | number, number>
  | readonly number[];

/** How much rows count. */
export interface WeightOptions {
  /**
   * How much each row counts, m values of 0 or more; default 1. Losses and gradients are times these, and means divided by
   * their sum: 2 is the row twice, 0 its absence.
   */
  readonly sampleWeight?: VectorLike | Matrix;
  /**
   * What rows of each class count, times `sampleWeight`; with the losses 'log' (classes 0 and 1) and 'hinge' (−1 and 1).
   * 'balanced': all rows over the number of classes and the rows of that class, by their sampleWeight. Classes left out
   * count 1.
   */
  readonly classWeight?: ClassWeight;
}

/** @internal */
export const weightOptionNames: readonly (keyof WeightOptions)[] = ['sampleWeight', 'classWeight'];

/** @internal How much rows count, as it was asked for. */
export interface Weighting {
  readonly sampleWeight: Rows | undefined;
  readonly classes: ClassWeights | undefined;
}

/** Of the targets in their order; 'balanced' is reckoned when they are known. */
interface ClassWeights {
  readonly targets: readonly number[];
  readonly weights: 'balanced' | readonly number[];
}

const classesOfRule: Partial<
  Record<(typeof lossTable)[keyof typeof lossTable]['labels'], readonly number[]>
> = { zeroOrOne: [0, 1], plusMinusOne: [-1, 1] };

/** A weight for each of these classes. */
function byLabel(entries: Iterable<readonly [unknown, unknown]>, classes: readonly Label[]): number[] {
  const weights = classes.map(() => 1);
  for (const [label, weight] of entries) {
    const at = classes.findIndex((known) => known === label || String(known) === label);
    if (at < 0) {
      throw new ThalwegError(
        'ERR_INVALID_ARGUMENT',
        `classWeight names the class ${shownLabel(label)}; the classes are ${listed(classes)}`,
        { option: 'classWeight' },
      );
    }
    weights[at] = weight as number;
  }
  return weights;
}

/**
 * @internal A class weight as one for each class in their order.
 *
 * @throws ThalwegError ERR_INVALID_ARGUMENT
 */
export function checkClassWeight(value: unknown, classes: readonly Label[]): 'balanced' | readonly number[] {
  if (value === 'balanced') return value;
  const rule = "'balanced', or a weight of each class: { label: weight }, a Map, or an array in their order";
  if (typeof value !== 'object' || value === null) throw invalid('classWeight', rule, value);
  if (Array.isArray(value) && value.length !== classes.length) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `classWeight has ${value.length} values, and there are ${classes.length} classes`,
      { option: 'classWeight' },
    );
  }
  const weights: unknown[] = Array.isArray(value)
    ? (value as unknown[])
    : byLabel(entriesOf(value, rule), classes);
  for (const [k, weight] of weights.entries()) {
    if (typeof weight === 'number' && Number.isFinite(weight) && weight >= 0) continue;
    throw invalid('classWeight', `0 or more for each class, that of ${shownLabel(classes[k])} too`, weight);
  }
  if (weights.some((weight) => weight !== 0)) return weights as number[];
  throw invalid('classWeight', 'above 0 for one class at least', 0);
}

/** Of a Map, or of an object of named values. */
function entriesOf(value: object, rule: string): Iterable<readonly [unknown, unknown]> {
  const kind = kindOf(value);
  if (kind === 'Map') return value as ReadonlyMap<unknown, unknown>;
  if (kind === 'Object') return Object.entries(value);
  throw invalid('classWeight', rule, value);
}

/** The targets that stand for classes; undefined where they do not. */
function targetsOfClasses({ loss, outputs }: Objective): readonly number[] | undefined {
  if (loss !== 'cross-entropy') return classesOfRule[lossTable[loss].labels];
  if (outputs !== undefined) return Array.from({ length: outputs }, (_, k) => k);
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    'classWeight needs to know how many classes there are: give classes',
    {
      option: 'classes',
    },
  );
}

function checkClasses(value: unknown, objective: Objective): ClassWeights | undefined {
  if (value === undefined) return undefined;
  const targets = targetsOfClasses(objective);
  if (targets !== undefined) return { targets, weights: checkClassWeight(value, targets) };
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `classWeight is for the losses 'log', 'hinge' and 'cross-entropy', whose targets are classes: with '${objective.loss}' use sampleWeight`,
    { option: 'classWeight' },
  );
}

/** @internal @throws ThalwegError ERR_INVALID_ARGUMENT, ERR_SHAPE */
export function checkSampleWeight(value: unknown, option = 'sampleWeight'): Rows | undefined {
  return value === undefined || value instanceof Matrix ? value : vectorRows(option, value);
}

/**
 * @internal Weights that no device looks at, as those of a score, read and checked as a device would.
 *
 * @throws ThalwegError ERR_INVALID_ARGUMENT, ERR_SHAPE, ERR_NOT_FINITE
 */
export async function checkedWeights(weights: Rows, rows: number): Promise<Rows> {
  checkColumn('sampleWeight', weights, rows);
  const values = smallVector('sampleWeight', await valuesOf(weights));
  const row = values.findIndex((weight) => weight < 0);
  if (row >= 0) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `sampleWeight[${row}] is below 0: weights are 0, for rows that do not count, or more`,
      { option: 'sampleWeight', row },
    );
  }
  if (values.some((weight) => weight > 0)) return vectorRows('sampleWeight', values);
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    'every sampleWeight is 0, so that no row counts: one at least must be above 0',
    { option: 'sampleWeight' },
  );
}

/** @internal @throws ThalwegError ERR_INVALID_ARGUMENT, ERR_SHAPE */
export function checkWeighting(options: object, objective: Objective): Weighting {
  const { sampleWeight, classWeight } = options as Readonly<Record<string, unknown>>;
  return { sampleWeight: checkSampleWeight(sampleWeight), classes: checkClasses(classWeight, objective) };
}

/**
 * @internal What each row counts in all; undefined where that is 1.
 *
 * @throws ThalwegError ERR_SHAPE
 */
export function weightsOf({ sampleWeight, classes }: Weighting, y: Rows): Rows | undefined {
  const [rows] = shapeOf(y);
  if (sampleWeight !== undefined) checkColumn('sampleWeight', sampleWeight, rows);
  if (classes === undefined) return sampleWeight;
  return weighed(
    { y, weights: sampleWeight },
    (weights, targets) => factorsOf(classes, weights, targets),
    classes,
  );
}

/**
 * @internal The task with rows to validate with that count as those learned from do: by their own weights, and by what their
 * classes count there.
 *
 * @throws ThalwegError ERR_SHAPE
 */
export function weighedTask(task: Task, { sampleWeight, classes }: Weighting, y: Rows): Task {
  const { validation } = task;
  const held = validation?.rows;
  if (validation === undefined || held === undefined || classes === undefined) return task;
  const [rows] = shapeOf(held.X);
  if (held.weights !== undefined) checkColumn('validation.sampleWeight', held.weights, rows);
  const factors = async (): Promise<readonly number[]> =>
    factorsOf(classes, await startOf({ y, weights: sampleWeight }), await valuesOf(y));
  return {
    ...task,
    validation: { ...validation, rows: { ...held, weights: weighed(held, factors, classes) } },
  };
}

/**
 * @internal What classes count over ranks: balanced ones by the rows of all, of which `y` has those of this one.
 *
 * @throws ThalwegError ERR_SHAPE, on all ranks
 */
export async function balancedOver(ranks: Ranks, weighting: Weighting, y: Rows): Promise<Weighting> {
  const { classes, sampleWeight } = weighting;
  const isBalanced = classes?.weights === 'balanced';
  const given = classes === undefined ? 'not given' : JSON.stringify(classes.weights);
  // Each tells what it was given, whatever that is: the others wait for it.
  const all = await ranks.gather({ given, counts: isBalanced ? await countsHere(weighting, y) : [] });
  refuseUnlike(
    'classWeight',
    all.map((each) => each.given),
  );
  if (!isBalanced) return { classes, sampleWeight };
  const { targets } = classes;
  const counts = targets.map((_, k) => all.reduce((sum, each) => sum + (each.counts[k] as number), 0));
  return { sampleWeight, classes: { targets, weights: balanced(counts) } };
}

/** Targets, and how much their rows count, classes apart. */
interface Weighable {
  readonly y: Rows;
  readonly weights?: Rows | undefined;
}

async function startOf({ y, weights }: Weighable): Promise<Float64Array> {
  return weights === undefined ? new Float64Array(shapeOf(y)[0]).fill(1) : await valuesOf(weights);
}

/** The weights times those of the classes, when they are asked for. */
function weighed(
  column: Weighable,
  factors: (weights: Float64Array, y: Float64Array) => readonly number[] | Promise<readonly number[]>,
  { targets }: ClassWeights,
): RowSource {
  async function* blocks(bytes?: number): AsyncIterable<Floats> {
    const weights = await startOf(column);
    const y = await valuesOf(column.y);
    const each = await factors(weights, y);
    await breathe();
    for (let i = 0; i < weights.length; i += 1) {
      const factor = each[targets.indexOf(y[i] as number)];
      // What is no class is refused as a label, when it comes to the device.
      if (factor !== undefined) weights[i] = (weights[i] as number) * factor;
    }
    yield* vectorRows('sampleWeight', weights).blocks(bytes) as Iterable<Floats>;
  }
  return { rows: shapeOf(column.y)[0], columns: 1, dtype: 'float64', blocks };
}

async function valuesOf(column: Rows): Promise<Float64Array> {
  return await columnValues(sourceOf(column));
}

function factorsOf(
  { weights: given, targets }: ClassWeights,
  weights: Float64Array,
  y: Float64Array,
): readonly number[] {
  return given === 'balanced' ? balanced(countsOf(weights, y, targets)) : given;
}

/** What the rows of each class count of those here, of which there may be none. */
async function countsHere({ classes, sampleWeight }: Weighting, y: Rows): Promise<number[]> {
  const targets = classes?.targets ?? [];
  const [rows] = shapeOf(y);
  if (rows === 0) return targets.map(() => 0);
  if (sampleWeight !== undefined) checkColumn('sampleWeight', sampleWeight, rows);
  return countsOf(await startOf({ y, weights: sampleWeight }), await valuesOf(y), targets);
}

/** What the rows of each class count by their weights. */
function countsOf(weights: Float64Array, y: Float64Array, targets: readonly number[]): number[] {
  const counts = targets.map(() => 0);
  for (let i = 0; i < weights.length; i += 1) {
    const k = targets.indexOf(y[i] as number);
    if (k >= 0) counts[k] = (counts[k] as number) + (weights[i] as number);
  }
  return counts;
}

/** m / (K·count) of each class; those of count 0 are none. */
function balanced(counts: readonly number[]): number[] {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const there = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count > 0 ? all / (there * count) : 1));
}
