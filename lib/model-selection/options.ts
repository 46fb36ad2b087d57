import {
  checkFunction,
  checkObject,
  flag,
  invalid,
  notNegative,
  oneOf,
  refuseUnknown,
} from '../base/arguments';
import type { Label, VectorLike } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import type { LayerActivationName } from '../objective/activations';
import { fitOptionNames } from '../training/estimator';
import { strategies } from '../method/strategy';
import { isNumericArray } from '../rows/rows';
import type { FitOptions } from '../training/options';
import { type SplitOptions, type Splitting, checkSplitting } from './splits';

/** What a cross-validation tells while it runs. */
export interface TrialProgress {
  /** Which fold is held out, from 0 on. */
  readonly fold: number;
  /** How many there are. */
  readonly folds: number;
  /** Fits done in all. */
  readonly fits: number;
  /** How many there will be: a fold's times the folds. */
  readonly of: number;
}

/** What is chosen, and how. */
interface SelectionOptions extends Pick<SplitOptions, 'shuffle' | 'seed'> {
  /** How many folds, 2 or more, or the fold of each row, from 0 on; default 5. */
  readonly folds?: number | VectorLike;
  /** Whether each fold has as much of each class as all rows; default: where there are classes. */
  readonly stratified?: boolean;
  /** Penalties to choose from, each with each. */
  readonly grid?: {
    /** 0 or more each; default that of the options. */
    readonly l1?: readonly number[];
    /** 0 or more each; default that of the options. */
    readonly l2?: readonly number[];
  };
  /** By which the best is chosen: the largest mean score, or the lowest mean loss; default 'score'. */
  readonly by?: 'score' | 'loss';
  /** Whether a model with the best penalties is fitted to all rows; default true. */
  readonly refit?: boolean;
  /** φ; default 'linear', of two classes that have names 'sigmoid', of more 'softmax'. */
  readonly activation?: LayerActivationName;
  /** What the targets 0, 1, … stand for; default what y holds, where it holds texts or booleans. */
  readonly classes?: readonly Label[];
  /** Called after each fit. What it throws ends the cross-validation, which rejects with it. */
  readonly onTrial?: (progress: TrialProgress) => void;
}

/** Those of a fit that has a course of its own. */
type OwnCourse =
  | 'onProgress'
  | 'checkpoint'
  | 'resumeFrom'
  | 'world'
  | 'validation'
  | 'patience'
  | 'minDelta'
  | 'restoreBestWeights'
  | 'seed'
  | 'classes';

/** Options without some, of each strategy. */
type Without<Options, Names extends string> = Options extends unknown ? Omit<Options, Names> : never;

/** Options of {@link crossValidate}: what is chosen, and those of `Neuron.fit`. */
export type CrossValidateOptions = SelectionOptions & Without<FitOptions, OwnCourse>;

/** A pair of penalties. */
export interface Penalties {
  /** Of Σ|θⱼ|. */
  readonly l1: number;
  /** Of ½·Σθⱼ². */
  readonly l2: number;
}

/** @internal */
export interface Selection {
  readonly splitting: Splitting;
  /** The fold of each row, where they were given. */
  readonly foldOfRows: ArrayLike<number> | undefined;
  readonly stratified: boolean | undefined;
  readonly grid: readonly Penalties[];
  readonly by: 'score' | 'loss';
  readonly refit: boolean;
  readonly activation: LayerActivationName | undefined;
  readonly classes: readonly Label[] | undefined;
  readonly onTrial: ((progress: TrialProgress) => void) | undefined;
  /** Those of each fit. */
  readonly fit: FitOptions;
}

const ownCourse: readonly string[] = [
  ...['onProgress', 'checkpoint', 'resumeFrom', 'world'],
  ...['validation', 'patience', 'minDelta', 'restoreBestWeights'],
];

const selectionOptions: readonly string[] = [
  ...['folds', 'stratified', 'shuffle', 'seed', 'grid', 'by', 'refit', 'activation', 'classes', 'onTrial'],
];

/** Refuses what is an option neither of the selection nor of a fit. */
function refuseOthers(options: object): void {
  const { strategy = 'batch' } = options as Partial<FitOptions>;
  const ofFit = fitOptionNames(oneOf('strategy', strategy, strategies));
  const known = ofFit.filter((name) => !ownCourse.includes(name) && !selectionOptions.includes(name));
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  refuseUnknown(Object.fromEntries(given), [...selectionOptions, ...known], 'crossValidate');
}

/** @internal @throws ThalwegError ERR_INVALID_ARGUMENT */
export function checkSelection(options: unknown): Selection {
  checkObject('options', options);
  for (const option of ownCourse) {
    if (!(option in options)) continue;
    const message = `${option} is of one fit: leave it out, and give it to the fit of what was chosen`;
    throw new ThalwegError('ERR_INVALID_ARGUMENT', message, { option });
  }
  refuseOthers(options);
  const { folds, stratified, shuffle, seed, grid, by, refit, activation, classes, onTrial, ...rest } =
    options as Partial<SelectionOptions> & FitOptions;
  const isCount = folds === undefined || typeof folds === 'number';
  if (onTrial !== undefined) checkFunction('onTrial', onTrial);
  const splitting = checkSplitting({
    ...(isCount && folds !== undefined ? { folds } : {}),
    ...(shuffle === undefined ? {} : { shuffle }),
    ...(seed === undefined ? {} : { seed }),
  });
  return {
    splitting,
    foldOfRows: isCount ? undefined : checkFolds(folds),
    stratified: stratified === undefined ? undefined : flag('stratified', stratified),
    grid: checkGrid(grid, rest),
    by: by === undefined ? 'score' : oneOf('by', by, ['score', 'loss']),
    refit: refit === undefined ? true : flag('refit', refit),
    ...{ activation, classes, onTrial },
    fit: seededFit(rest, splitting.seed),
  };
}

/** Steps draw their rows by the seed of the folds. */
function seededFit(fit: FitOptions, seed: number): FitOptions {
  const { strategy = 'batch' } = fit;
  return strategy === 'batch' ? fit : ({ ...fit, seed } as FitOptions);
}

function checkFolds(folds: unknown): ArrayLike<number> {
  if (Array.isArray(folds) || isNumericArray(folds)) return folds as ArrayLike<number>;
  throw invalid('folds', 'a count, or an array of the fold of each row', folds);
}

function checkGrid(grid: unknown, { l1, l2 }: FitOptions): Penalties[] {
  if (grid === undefined) return [{ l1: checkedOne('l1', l1), l2: checkedOne('l2', l2) }];
  checkObject('grid', grid);
  refuseUnknown(grid, ['l1', 'l2'], 'grid');
  const given = grid as { readonly l1?: unknown; readonly l2?: unknown };
  const each = {
    l1: checkPenalties('l1', given.l1, l1),
    l2: checkPenalties('l2', given.l2, l2),
  };
  return each.l1.flatMap((first) => each.l2.map((second) => ({ l1: first, l2: second })));
}

function checkedOne(option: 'l1' | 'l2', value: unknown): number {
  return value === undefined ? 0 : notNegative(option, value);
}

function checkPenalties(option: 'l1' | 'l2', list: unknown, single: unknown): number[] {
  if (list === undefined) return [checkedOne(option, single)];
  if (single !== undefined) {
    const message = `${option} stands in the grid as well: give it once`;
    throw new ThalwegError('ERR_INVALID_ARGUMENT', message, { option });
  }
  if (!Array.isArray(list) || list.length === 0)
    throw invalid(`grid.${option}`, 'an array of one number or more', list);
  // Holes are values too.
  return Array.from(list, (value: unknown, at) => notNegative(`grid.${option}[${at}]`, value));
}
