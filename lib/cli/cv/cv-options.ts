import type { Command } from 'commander';
import type { Penalties } from '../../model-selection';
import { type FitOptions, refuseConflicts } from '../fit/fit-options';

/** What `thalweg cv` can be given besides the data: what a fit can, and what to choose from. */
export interface CvOptions extends Omit<FitOptions, 'l1' | 'l2'> {
  readonly folds: number;
  /** What the best is best at. */
  readonly by: 'score' | 'loss';
  readonly l1?: readonly number[];
  readonly l2?: readonly number[];
}

/** What of a fit is no option here: it holds rows out by itself, and each fit has its own start. */
const NOT_HERE = ['holdout', 'validation', 'patience', 'warmStart', 'averageEvery', 'report', 'l1', 'l2'];

/** From none to where features of scale 1 hardly count. */
const DEFAULT_L2 = [0, 0.0001, 0.001, 0.01, 0.1, 1];

/** Gives a command what `fit` takes of data, of training and of devices. */
export function takeFitOptions(command: Command, fit: Command): void {
  for (const option of fit.options) if (!NOT_HERE.includes(option.attributeName())) command.addOption(option);
}

/** The penalties to choose from: those given, or strengths of l2. */
export function gridOf({ l1, l2 }: CvOptions): { l1: readonly number[]; l2: readonly number[] } {
  return { l1: l1 ?? [0], l2: l2 ?? (l1 === undefined ? DEFAULT_L2 : [0]) };
}

/** A fit with some penalties. */
export function fitOptions(options: CvOptions, { l1, l2 }: Penalties): FitOptions {
  return { ...options, holdout: 0, l1, l2 };
}

/** Ends in wrong usage where `fit` would. */
export function refuseCvConflicts(options: CvOptions, command: Command): void {
  refuseConflicts(fitOptions(options, { l1: 0, l2: 0 }), command);
}
