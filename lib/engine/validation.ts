import { addon } from '../addon/native';
import { ThalwegError } from '../base/errors';
import { rowsThat } from '../rows/chosen';
import { rowsAt } from '../rows/part';
import type { RowSource } from '../rows/rows';
import { type Rows, type Sample, shapeOf, sourceOf } from './operands';
import type { Task, ValidationRows } from './task';

/** Rows to learn from, those to validate with, and the task for them. */
export interface SplitRows {
  readonly X: Rows;
  readonly y: Rows;
  readonly weights?: Rows | undefined;
  readonly scoreWeights?: Rows | undefined;
  readonly held: ValidationRows | undefined;
}

/** The rows of a batch descent are held out by this seed, since it has none of its own. */
const seedOfBatch = 0;

function refuse(option: string, message: string): never {
  throw new ThalwegError('ERR_SHAPE', message, { option });
}

function checkHeld(X: Rows, y: Rows, held: ValidationRows): void {
  const [, columns] = shapeOf(X);
  const [rows, width] = shapeOf(held.X);
  if (width !== columns)
    refuse('validation.X', `validation.X has ${width} columns, and X has ${columns}: they must be as many`);
  const [targets, each] = shapeOf(held.y);
  if (targets !== rows || each !== shapeOf(y)[1])
    refuse(
      'validation.y',
      `validation.y has ${targets} values, and validation.X has ${rows} rows: they must be as many`,
    );
}

/**
 * The rows that a task is to be validated with: those given, or a share of its own, which are then not learned from. The
 * first ones of the seed's permutation are held out.
 *
 * @throws ThalwegError ERR_SHAPE
 */
export function splitRows(
  sample: Sample,
  { validation, method }: Pick<Task, 'validation' | 'method'>,
): SplitRows {
  if (validation === undefined) return { ...sample, held: undefined };
  const { X, y, weights, scoreWeights } = sample;
  const { rows: given, share } = validation;
  if (given !== undefined) {
    checkHeld(X, y, given);
    return { ...sample, held: given };
  }
  const [rows] = shapeOf(X);
  if (rows < 2)
    refuse('validation', `X has ${rows} row: there is none to hold out beside those to learn from`);
  // Rows that do not go with X are refused where y is: nothing is left out of them.
  if (shapeOf(y)[0] !== rows) return { ...sample, held: undefined };
  const count = Math.min(rows - 1, Math.max(1, Math.round((share ?? 0) * rows)));
  const isHeld = new Uint8Array(rows);
  const order = new (addon().IndexStream)(method.seed ?? seedOfBatch).permutation(rows);
  for (const row of order.subarray(0, count)) isHeld[row] = 1;
  const [learned, held] = [0, 1].map((part) => rowsThat(rows, (row) => isHeld[row] === part)) as [
    Uint32Array,
    Uint32Array,
  ];
  const part = (source: Rows, chosen: Uint32Array): RowSource => rowsAt(sourceOf(source), chosen);
  return {
    ...{ X: part(X, learned), y: part(y, learned), weights: weights && part(weights, learned) },
    scoreWeights: scoreWeights && part(scoreWeights, learned),
    held: { X: part(X, held), y: part(y, held), weights: weights && part(weights, held) },
  };
}
