import { checkObject, refuseUnknown } from '../base/arguments';
import type { LayerParameters, VectorLike } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { Matrix, type MatrixLike } from '../devices/device';
import { type Rows, shapeOf, targetsOf } from '../engine/operands';
import type { Scoring } from '../metrics/score';
import type { LayerActivationName } from '../objective/activations';
import { classOf, largestOf } from '../objective/classes';
import { smallVector } from '../rows/rows';
import { type FitOptions, type ScoreOptions, predictOptionNames } from '../training/options';
import { checkClassWeight, checkSampleWeight, checkedWeights } from '../training/weights';
import { type Classes, numbersOf } from './labels';

// What a neuron and a layer have in common.

/** @throws ThalwegError ERR_INVALID_ARGUMENT */
export function checkPredictOptions(options: object, place: string): void {
  checkObject('options', options);
  refuseUnknown(options, predictOptionNames, place);
}

/** Targets to score on, of which no value is left unchecked. */
export function checkedTargets(y: VectorLike | MatrixLike): Rows {
  if (y instanceof Matrix) return y;
  const rows = targetsOf('y', y);
  return shapeOf(rows)[1] === 1 && (Array.isArray(y) || ArrayBuffer.isView(y))
    ? targetsOf('y', smallVector('y', y as VectorLike))
    : rows;
}

/** @throws ThalwegError ERR_NOT_FINITE where there is none */
export function scoreValue({ score, overflowed }: Scoring): number {
  if (score !== null) return score;
  const what = overflowed === 0 ? 'the squares of the errors are' : `the outputs of ${overflowed} rows are`;
  throw new ThalwegError('ERR_NOT_FINITE', `there is no score: ${what} too large for float64`);
}

/** ERR_MODEL for an object that is not what `toJSON` gives. */
export function noJSON(model: string, cause: ThalwegError): ThalwegError {
  return new ThalwegError('ERR_MODEL', `this is no ${model}'s JSON: ${cause.message}`, {
    path: cause.option ?? '',
    cause,
  });
}

/** The options with the targets to validate with as numbers. */
export function withTargets(options: FitOptions, classes: Classes | undefined): FitOptions {
  const validation = (options as Partial<FitOptions> | undefined)?.validation;
  // What is no object at all is refused with the other options.
  if (typeof validation !== 'object' || (validation as object | null) === null || !('y' in validation))
    return options;
  const y = numbersOf(validation.y, classes, 'validation.y');
  return { ...options, validation: { ...validation, y } };
}

/** The options of a fit that begins at a model's own weights, or at the state that it is given. */
export function goingOn(
  options: FitOptions,
  model: 'neuron' | 'layer',
  { theta, intercepts }: LayerParameters,
): FitOptions {
  checkObject('options', options);
  for (const option of ['initialTheta', 'initialIntercept'] as const) {
    if (options[option] === undefined) continue;
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `partialFit begins at the ${model}'s own weights: leave ${option} out, or use fit`,
      { option },
    );
  }
  if (options.resumeFrom !== undefined) return options;
  return { ...options, initialTheta: theta, initialIntercept: intercepts };
}

/** @throws ThalwegError ERR_INVALID_ARGUMENT where outputs stand for no classes */
export function requireLabels(outputs: number, activation: LayerActivationName): void {
  if (outputs > 1 || activation === 'sigmoid') return;
  const message = `a single ${activation} output stands for no class: labels need a sigmoid, or several outputs`;
  throw new ThalwegError('ERR_INVALID_ARGUMENT', message, { option: 'activation' });
}

/** The number of the largest of so many outputs a row, the first of equals; of one sigmoid whether it is ½ or more. */
export function labelsOf(data: Float64Array, outputs: number): Int32Array {
  return Int32Array.from({ length: data.length / outputs }, (_, row) =>
    outputs === 1 ? classOf(data[row] as number) : largestOf(data, row * outputs, outputs),
  );
}

/** Says that a fit stopped before the optimum that it was to go to. */
export function warnIfNotConverged(
  notConverged: (option: (name: string) => string) => string | undefined,
): void {
  const why = notConverged((name) => name);
  if (why !== undefined)
    process.emitWarning(`the fit has not converged: ${why}`, { code: 'THALWEG_NOT_CONVERGED' });
}

/** @internal The weights of rows to score on; undefined: 1 each. */
export async function scoreWeights(options: ScoreOptions, rows: number): Promise<Rows | undefined> {
  checkObject('options', options);
  refuseUnknown(options, [...predictOptionNames, 'sampleWeight'], 'score');
  const given = checkSampleWeight(options.sampleWeight);
  return given && (await checkedWeights(given, rows));
}

/** @internal Options with class weights by the names of classes as those of their numbers. */
export function byClass(options: FitOptions, classes: Classes | undefined): FitOptions {
  if (classes === undefined || (options as FitOptions | undefined)?.classWeight === undefined) return options;
  return { ...options, classWeight: checkClassWeight(options.classWeight, classes) };
}
