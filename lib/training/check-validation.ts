import { checkObject, flag, integer, invalid, notNegative, refuseUnknown } from '../base/arguments';
import type { VectorLike } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import type { MatrixLike } from '../devices/device';
import { rowsOf, shapeOf, targetsOf } from '../engine/operands';
import { sampleOf } from '../engine/ranks';
import type { Validation } from '../engine/task';
import type { World } from '../mpi/world';
import type { Strategy } from '../method/strategy';
import { type Unchecked, given } from './check-objective';
import { mostPasses } from './options';
import { checkSampleWeight } from './weights';

const needValidation = ['patience', 'minDelta', 'restoreBestWeights'] as const;

function checkShare(option: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && value < 1) return value;
  throw invalid(option, 'a share of the rows, above 0 and below 1', value);
}

/** Which rows to validate with, and how often. */
function checkHeldRows(
  value: unknown,
  strategy: Strategy,
  world: World | undefined,
): Pick<Validation, 'rows' | 'share' | 'every'> {
  if (typeof value === 'number') return { rows: undefined, share: checkShare('validation', value), every: 1 };
  checkObject('validation', value);
  const options = value as Unchecked;
  const known = 'share' in options ? ['share'] : ['X', 'y', 'sampleWeight'];
  refuseUnknown(options, [...known, ...(strategy === 'batch' ? ['every'] : [])], 'validation');
  const every = given(options['every'], (count) => integer('validation.every', count, 1, mostPasses)) ?? 1;
  if ('share' in options)
    return { rows: undefined, share: checkShare('validation.share', options['share']), every };
  const { X, y } = sampleOf(
    world,
    options['X'] as MatrixLike,
    () => targetsOf('validation.y', options['y'] as VectorLike),
    (rows) => rowsOf('validation.X', rows),
  );
  const isEmpty = shapeOf(X)[0] === 0;
  const weights = isEmpty ? undefined : checkSampleWeight(options['sampleWeight'], 'validation.sampleWeight');
  return { rows: { X, y, weights }, share: undefined, every };
}

/**
 * @internal When to end by the loss on other rows.
 *
 * @param world whose ranks have the rows, each a share of those to validate with, or none
 * @throws ThalwegError ERR_INVALID_ARGUMENT, ERR_SHAPE
 */
export function checkValidation(
  from: Unchecked,
  strategy: Strategy,
  world: World | undefined,
): Validation | undefined {
  const held = given(from['validation'], (value) => checkHeldRows(value, strategy, world));
  const lonely = needValidation.find((option) => held === undefined && from[option] !== undefined);
  if (lonely !== undefined) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `${lonely} is about the loss on other rows: give validation too, such as 0.1, or leave it out`,
      { option: lonely },
    );
  }
  if (held === undefined) return undefined;
  return {
    ...held,
    patience: given(from['patience'], (count) => integer('patience', count, 0, mostPasses)),
    minDelta: given(from['minDelta'], (value) => notNegative('minDelta', value)) ?? 0,
    restoresBest: given(from['restoreBestWeights'], (value) => flag('restoreBestWeights', value)) ?? false,
  };
}
