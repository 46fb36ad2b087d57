/** Which penalties suit some data: folds, cross-validation, grids. */
export type { Candidate } from './candidate';
export { type CrossValidation, crossValidate } from './cross-validate';
export type { CrossValidateOptions, Penalties, TrialProgress } from './options';
export { type Split, type SplitOptions, kFold, stratifiedKFold } from './splits';
