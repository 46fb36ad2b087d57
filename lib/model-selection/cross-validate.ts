import { invalid } from '../base/arguments';
import { ThalwegError, toldMore } from '../base/errors';
import { type Device, Matrix, type MatrixLike } from '../devices/device';
import type { Descent } from '../engine/descent';
import { type Rows, checkColumn, checkTargets, holdAtHand, rowsOf, shapeOf } from '../engine/operands';
import type { Placement } from '../engine/task';
import { byClass } from '../models/common';
import type { Layer, LayerTargets } from '../models/layer';
import type { Targets } from '../models/labels';
import type { Neuron } from '../models/neuron';
import { checkPlacement } from '../training/check-objective';
import { checkFit, standardizes } from '../training/estimator';
import type { FitOptions } from '../training/options';
import { RowParts } from '../training/parts';
import { whenCounted } from '../rows/block-rows';
import { type Trial, type TrialRows, trials } from '../training/trials';
import { checkSampleWeight } from '../training/weights';
import { type Candidate, bestOf, candidateOf } from './candidate';
import { foldRows } from './fold-rows';
import { type CrossValidateOptions, type Penalties, type Selection, checkSelection } from './options';
import { foldsOfClasses, foldsOfRows } from './splits';
import { type Subject, labelsOf, modelFor, subjectOf } from './subject';

/** What a cross-validation found. */
export interface CrossValidation {
  /** The fold of each row, from 0 on. */
  readonly folds: Uint32Array;
  /** One for each pair of penalties, l1 first, in the order of the grid. */
  readonly candidates: readonly Candidate[];
  /** The best of them, the first of equals. */
  readonly best: Candidate;
  /** With the best penalties, fitted to all rows; where `refit` is not false. */
  readonly model?: Neuron | Layer;
  /** Of that fit. */
  readonly descent?: Descent;
  /** The id of the device that computed. */
  readonly device: string;
  /** Of all fits and scores. */
  readonly seconds: number;
}

/**
 * Fits to all folds but one, scores on that one, and does so for each fold and each pair of penalties; then fits the best to
 * all rows. Rows of a matrix on a device stay there (and are read back to be scaled, with `standardize`); others are copied to
 * it once a fold. Features are scaled by the rows that are learned from. Fits that go to the optimum begin where that of the
 * next stronger penalty ended.
 *
 * @param X m×n; neither X nor y may be changed until the promise settles
 * @param y m values, m×K, or m names of classes
 * @throws as `Neuron.fit`, saying in which fold; ERR_INVALID_ARGUMENT
 *
 * @example
 * ```ts
 * import { crossValidate } from 'thalweg/model-selection';
 *
 * const hours = Array.from({ length: 40 }, (_, i) => [i]);
 * const passed = hours.map(([h = 0]) => (h % 7 < 2 ? h > 12 : h > 20));
 * const { best, candidates } = await crossValidate(hours, passed, { folds: 4, grid: { l2: [0.01, 0.1, 1] } });
 * console.log(candidates.length, best.meanScore > 0.8); // 3 true
 * ```
 */
export async function crossValidate(
  X: MatrixLike,
  y: LayerTargets,
  options: CrossValidateOptions = {},
): Promise<CrossValidation> {
  const began = performance.now();
  const selection = checkSelection(options);
  return await whenCounted(X, options, (counted) => crossValidated(counted, y, selection, began));
}

async function crossValidated(
  X: MatrixLike,
  y: LayerTargets,
  selection: Selection,
  began: number,
): Promise<CrossValidation> {
  const rows = rowsOf('X', X);
  const { placement, release } = holdAtHand(
    checkPlacement(selection.fit),
    rows,
    y instanceof Matrix ? y : rows,
  );
  try {
    const subject = await subjectOf(y, selection);
    const work = await workOf(rows, subject, selection, placement);
    const { found, device } = await allFolds(work);
    const candidates = selection.grid.map((penalties, at) => candidateOf(penalties, found[at] ?? []));
    const best = bestOf(candidates, selection.by);
    const refitted = selection.refit ? await refit({ X, y }, subject, selection, best, device) : {};
    const seconds = (performance.now() - began) / 1000;
    return { folds: work.folds, candidates, best, ...refitted, device: device.id, seconds };
  } finally {
    release();
  }
}

interface Work {
  readonly data: TrialRows;
  readonly folds: Uint32Array;
  readonly subject: Subject;
  readonly selection: Selection;
  /** The options of each fit, but for its penalties and how much rows count. */
  readonly fit: FitOptions;
}

async function workOf(X: Rows, subject: Subject, selection: Selection, placement: Placement): Promise<Work> {
  const [rows] = shapeOf(X);
  checkTargets(subject.y, rows, subject);
  const { sampleWeight, ...fit } = byClass(selection.fit, subject.classes);
  // Before any fold, which is not to blame.
  checkFit(subject, { ...fit, ...selection.grid[0] });
  const weights = checkSampleWeight(sampleWeight);
  if (weights !== undefined) checkColumn('sampleWeight', weights, rows);
  const data = { X, y: subject.y, sampleWeight: weights };
  const folds = await foldsOf(subject, rows, selection);
  return { data, folds, subject, selection, fit: { ...fit, ...placement } as FitOptions };
}

/** The fold of each row. */
async function foldsOf(subject: Subject, rows: number, selection: Selection): Promise<Uint32Array> {
  const { foldOfRows, stratified, splitting } = selection;
  if (foldOfRows !== undefined) return checkFolds(foldOfRows, rows);
  if (stratified ?? subject.hasClasses) return foldsOfClasses(await labelsOf(subject), splitting);
  return foldsOfRows(rows, splitting);
}

/** The trials of each pair of penalties, one a fold. */
async function allFolds(work: Work): Promise<{ found: Trial[][]; device: Device }> {
  const { data, folds, subject, selection } = work;
  const { grid } = selection;
  const count = countOf(folds);
  const order = byStrength(grid);
  const stays = data.X instanceof Matrix && !standardizes(work.fit);
  const found: Trial[][] = grid.map(() => []);
  let { fit } = work;
  let device: Device | undefined;
  const optionsOf = (): object[] => order.map((at) => ({ ...fit, ...grid[at] }));
  let parts = stays ? undefined : await RowParts.of(subject, data, { partOfRows: folds, count }, optionsOf());
  try {
    for (let fold = 0; fold < count; fold += 1) {
      const tell = tellerOf(selection, fold, count);
      const all = await inFold(fold, count, async () => {
        const trialsOfParts = await parts?.trials(fold, optionsOf(), tell);
        if (trialsOfParts !== undefined) return trialsOfParts;
        // What is against parts in one fold is so in the others.
        parts?.dispose();
        parts = undefined;
        const { train, held } = foldRows(data, folds, fold, stays);
        return await trials(subject, train, held, optionsOf(), tell);
      });
      for (const [at, trial] of all.entries()) found[order[at] as number]?.push(trial);
      // All on one device, which the first has chosen.
      device ??= all[0]?.device;
      if (device !== undefined) fit = { ...fit, device };
    }
  } finally {
    parts?.dispose();
  }
  return { found, device: device as Device };
}

/** Tells of each fit of a fold once, also where it is done again. */
function tellerOf({ grid, onTrial }: Selection, fold: number, folds: number): (trial: number) => void {
  let told = 0;
  return (trial) => {
    if (trial < told) return;
    told = trial + 1;
    onTrial?.({ fold, folds, fits: fold * grid.length + told, of: folds * grid.length });
  };
}

function countOf(folds: Uint32Array): number {
  return folds.reduce((most, fold) => Math.max(most, fold), 0) + 1;
}

/** The strongest first: what the next one begins at is then the simpler fit. */
function byStrength(grid: readonly Penalties[]): number[] {
  const strength = ({ l1, l2 }: Penalties): number => l1 + l2;
  return [...grid.keys()].sort(
    (a, b) => strength(grid[b] as Penalties) - strength(grid[a] as Penalties) || a - b,
  );
}

async function inFold<Result>(fold: number, count: number, body: () => Promise<Result>): Promise<Result> {
  try {
    return await body();
  } catch (error) {
    throw error instanceof ThalwegError
      ? toldMore(error, `That was with fold ${fold} of ${count} held out`)
      : error;
  }
}

/** A model with the best penalties, of all rows. */
async function refit(
  { X, y }: { readonly X: MatrixLike; readonly y: LayerTargets },
  subject: Subject,
  { fit }: Selection,
  { l1, l2 }: Penalties,
  device: Device,
): Promise<{ model: Neuron | Layer; descent: Descent }> {
  const model = modelFor(subject, shapeOf(rowsOf('X', X))[1]);
  const descent = await model.fit(X, y as Targets, { ...fit, l1, l2, device });
  return { model, descent };
}

/** The fold of each row as it is given. @throws ThalwegError ERR_SHAPE, ERR_INVALID_ARGUMENT */
function checkFolds(given: ArrayLike<number>, rows: number): Uint32Array {
  if (given.length !== rows) {
    const message = `folds has ${given.length} values, and X has ${rows} rows: they must be as many`;
    throw new ThalwegError('ERR_SHAPE', message, { option: 'folds' });
  }
  const folds = Uint32Array.from(given);
  const row = folds.findIndex((fold, at) => fold !== given[at]);
  if (row >= 0) throw invalid(`folds[${row}]`, 'the number of a fold, 0 or more', given[row]);
  const there = new Set(folds);
  const empty = Array.from({ length: there.size }, (_, fold) => fold).find((fold) => !there.has(fold));
  if (there.size >= 2 && empty === undefined) return folds;
  const what = empty === undefined ? 'puts every row into one fold' : `has no row in fold ${empty}`;
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `folds ${what}: number them from 0 on, each of two or more`,
    {
      option: 'folds',
    },
  );
}
