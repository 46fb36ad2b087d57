import { addon } from '../addon/native';
import { ThalwegError } from '../base/errors';
import { rowsThat } from '../rows/chosen';
import { rowsAt } from '../rows/part';
import type { RowSource } from '../rows/rows';
import { type Rows, type Sample, shapeOf, sourceOf } from './operands';
import { rowsOver } from './ranks';
import type { Task, ValidationRows } from './task';

/** Rows to learn from, those to validate with, and the task for them. */
export interface SplitRows {
  readonly X: Rows;
  readonly y: Rows;
  readonly weights?: Rows | undefined;
  readonly scoreWeights?: Rows | undefined;
  readonly held: ValidationRows | undefined;
}

type Splitting = Pick<Task, 'validation' | 'method'>;

/** Rows to learn from, and those to validate with. */
interface SplitOf<Part> {
  readonly learned: Part;
  readonly held: Part;
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

/** Which of so many rows are held out, 1 of those: the first ones of the seed's permutation, one at least, and not all. */
function heldOf(rows: number, { validation, method }: Splitting): Uint8Array {
  if (rows < 2)
    refuse('validation', `X has ${rows} row: there is none to hold out beside those to learn from`);
  const count = Math.min(rows - 1, Math.max(1, Math.round((validation?.share ?? 0) * rows)));
  const isHeld = new Uint8Array(rows);
  const order = new (addon().IndexStream)(method.seed ?? seedOfBatch).permutation(rows);
  for (const row of order.subarray(0, count)) isHeld[row] = 1;
  return isHeld;
}

/** @param isHeld of each row, 1 of those that are held out */
function parted({ X, y, weights, scoreWeights }: Sample, isHeld: Uint8Array): SplitOf<Sample> {
  const [learned, held] = [0, 1].map((part) => rowsThat(isHeld.length, (row) => isHeld[row] === part)) as [
    Uint32Array,
    Uint32Array,
  ];
  const part = (source: Rows, chosen: Uint32Array): RowSource => rowsAt(sourceOf(source), chosen);
  return {
    learned: {
      ...{ X: part(X, learned), y: part(y, learned), weights: weights && part(weights, learned) },
      scoreWeights: scoreWeights && part(scoreWeights, learned),
    },
    held: { X: part(X, held), y: part(y, held), weights: weights && part(weights, held) },
  };
}

/**
 * The rows that a task is to be validated with: those given, or a share of its own, which are then not learned from. The
 * first ones of the seed's permutation are held out.
 *
 * @throws ThalwegError ERR_SHAPE
 */
export function splitRows(sample: Sample, { validation, method }: Splitting): SplitRows {
  if (validation === undefined) return { ...sample, held: undefined };
  const { X, y } = sample;
  if (validation.rows !== undefined) {
    checkHeld(X, y, validation.rows);
    return { ...sample, held: validation.rows };
  }
  const [rows] = shapeOf(X);
  const isHeld = heldOf(rows, { validation, method });
  // Rows that do not go with X are refused where y is: nothing is left out of them.
  if (shapeOf(y)[0] !== rows) return { ...sample, held: undefined };
  const { learned, held } = parted(sample, isHeld);
  return { ...learned, held };
}

/** The rows of this rank, and how many of each rank are learned from and held out. */
export interface SplitOverRanks extends SplitOf<Sample> {
  readonly counts: SplitOf<readonly number[]>;
}

/**
 * The same of a rank where a share is held out of the rows of all, which are numbered in the order of ranks: those of one process
 * that has them in this order. Either part may have none of a rank's.
 *
 * @param counts rows of each rank
 * @throws ThalwegError ERR_SHAPE, on all ranks
 */
export function splitOver(
  sample: Sample,
  splitting: Splitting,
  rank: number,
  counts: readonly number[],
): SplitOverRanks {
  const isHeld = heldOf(rowsOver(counts), splitting);
  let first = 0;
  const ofRanks = counts.map((count) => isHeld.subarray(first, (first += count)));
  const heldCounts = ofRanks.map((each) => each.reduce((sum, held) => sum + held, 0));
  const learned = counts.map((count, each) => count - (heldCounts[each] as number));
  return { ...parted(sample, ofRanks[rank] as Uint8Array), counts: { learned, held: heldCounts } };
}
