import { type Rows, shapeOf, sourceOf } from '../engine/operands';
import { rowsThat } from '../rows/chosen';
import { rowsAt } from '../rows/part';
import { type Floats, type RowSource, columnValues } from '../rows/rows';
import type { TrialRows } from '../training/trials';

/** What one fold is learned from, and what it is scored on. */
export interface FoldRows {
  readonly train: TrialRows;
  readonly held: TrialRows;
}

/**
 * The rows of a fold apart from all others.
 *
 * @param folds the fold of each row
 * @param stays whether X stays where it is: rows of the other part then count 0
 */
export function foldRows(data: TrialRows, folds: Uint32Array, fold: number, stays: boolean): FoldRows {
  const make = stays ? counted : chosen;
  return {
    train: make(data, (row) => folds[row] !== fold),
    held: make(data, (row) => folds[row] === fold),
  };
}

type Choice = (row: number) => boolean;

function chosen({ X, y, sampleWeight }: TrialRows, isChosen: Choice): TrialRows {
  const [rows] = shapeOf(X);
  const numbers = rowsThat(rows, isChosen);
  const part = (source: Rows): RowSource => rowsAt(sourceOf(source), numbers);
  return { X: part(X), y: part(y), sampleWeight: sampleWeight && part(sampleWeight) };
}

function counted({ X, y, sampleWeight }: TrialRows, isChosen: Choice): TrialRows {
  const [rows] = shapeOf(X);
  async function* blocks(): AsyncIterable<Floats> {
    const weights =
      sampleWeight === undefined
        ? new Float64Array(rows).fill(1)
        : await columnValues(sourceOf(sampleWeight));
    yield weights.map((weight, row) => (isChosen(row) ? weight : 0));
  }
  return { X, y, sampleWeight: { rows, columns: 1, dtype: 'float64', blocks } };
}
