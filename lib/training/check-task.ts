import { checkFunction, checkObject, fileName, notNegative, refuseUnknown } from '../base/arguments';
import type { VectorLike } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { lazily } from '../base/lazily';
import { autoDevice } from '../devices/open';
import type { FullState } from '../engine/state';
import type * as StateFiles from '../engine/state-file';
import type { Checkpoint, Placement, Start, Task, Watch } from '../engine/task';
import type { TrainingState } from '../engine/training-state';
import { type World, checkWorld } from '../mpi/world';
import type { Strategy } from '../method/strategy';
import type { Objective } from '../objective/objective';
import { smallVector } from '../rows/rows';
import { checkMethod } from './check-method';
import {
  type Unchecked,
  checkIntercepts,
  checkObjective,
  checkPlacement,
  checkResidency,
  checkSignal,
  given,
} from './check-objective';
import { checkValidation } from './check-validation';
import { strategyOptionNames } from './options';
import { type Weighting, checkWeighting } from './weights';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const stateFiles = lazily(() => require('../engine/state-file') as typeof StateFiles);

function checkStart(from: Unchecked, { fitIntercept }: Objective): Start {
  const intercepts = given(from['initialIntercept'], (value) => checkIntercepts('initialIntercept', value));
  if (intercepts?.some((value) => value !== 0) === true && !fitIntercept) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      'initialIntercept is where an intercept begins, and none is fitted: set fitIntercept, or leave it out',
      { option: 'initialIntercept' },
    );
  }
  const theta = given(from['initialTheta'], (value) => smallVector('initialTheta', value as VectorLike));
  return { theta, intercepts };
}

function checkProgress(value: unknown, strategy: Strategy): Watch['onProgress'] {
  if (value === undefined) return undefined;
  checkFunction('onProgress', value);
  const count = strategy === 'batch' ? 'iteration' : 'epoch';
  const tell = value as (progress: object) => void;
  return (passes, loss, seconds) => {
    tell({ [count]: passes, loss, seconds });
  };
}

const defaultCheckpointSeconds = 60;

function checkCheckpoint(value: unknown): Checkpoint | undefined {
  if (value === undefined) return undefined;
  checkObject('checkpoint', value);
  refuseUnknown(value, ['path', 'everySeconds'], 'checkpoint');
  const { path, everySeconds } = value as Unchecked;
  const seconds = given(everySeconds, (each) => notNegative('checkpoint.everySeconds', each));
  return { path: fileName('checkpoint.path', path), everySeconds: seconds ?? defaultCheckpointSeconds };
}

function checkResume(from: Unchecked): FullState | undefined {
  const state = given(from['resumeFrom'], (value) => stateFiles().checkState(value));
  if (state === undefined) return undefined;
  for (const option of ['initialTheta', 'initialIntercept']) {
    if (from[option] === undefined) continue;
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `${option} is where a descent begins, and this one goes on from a state: leave one of the two out`,
      { option },
    );
  }
  return state;
}

/** On 'auto' a descent goes on where it was begun; each of several ranks knows where that was when it knows which it is. */
function placementOf(options: object, state: TrainingState | undefined, world: World | undefined): Placement {
  const { residency } = options as Unchecked;
  const placement = { ...checkPlacement(options), residency: checkResidency(residency) };
  if (state === undefined || world !== undefined || placement.device !== 'auto' || autoDevice() !== 'auto')
    return placement;
  return { ...placement, device: state.madeFor.deviceId };
}

/** @internal What a call of a descent comes to. */
export interface CheckedTask {
  readonly task: Task;
  readonly watch: Watch;
  readonly weighting: Weighting;
  /** Whose ranks have the rows, where the call is of several. */
  readonly world: World | undefined;
}

/** What steps that ranks take each by itself cannot go on from: each has drawn other rows. */
const ofStepsTogether = ['checkpoint', 'resumeFrom'];

/** @throws ThalwegError ERR_INVALID_ARGUMENT, naming what ranks do not do together */
function checkRanks(strategy: Strategy, from: Unchecked): World | undefined {
  const world = checkWorld(from['world']);
  if (world === undefined) {
    if (from['averageEvery'] === undefined) return undefined;
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      'averageEvery averages what several ranks have come to, each by itself: give world, or leave averageEvery out',
      { option: 'averageEvery' },
    );
  }
  const option = ofStepsTogether.find((name) => from[name] !== undefined);
  if (option !== undefined && from['averageEvery'] !== undefined) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `${option} does not go with averageEvery, by which each rank draws rows of its own: leave one of the two out`,
      { option },
    );
  }
  if (strategy !== 'stochastic') return world;
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `a ${strategy} descent does not go over several ranks: leave out world, or use batch or mini-batch steps`,
    { option: 'world' },
  );
}

/**
 * @internal Checks the options of a descent and fills in the defaults of docs/api.md.
 *
 * @throws ThalwegError ERR_INVALID_ARGUMENT, naming the option; those of a vector for initialTheta
 */
export function checkTask(strategy: Strategy, options: unknown): CheckedTask {
  checkObject('options', options);
  refuseUnknown(options, strategyOptionNames[strategy], `the ${strategy} descent`);
  const from = options as Unchecked;
  const objective = checkObjective(options);
  const method = checkMethod(strategy, from, objective);
  const resumeFrom = checkResume(from);
  const weighting = checkWeighting(options, objective);
  const world = checkRanks(strategy, from);
  return {
    task: {
      objective,
      method,
      start: checkStart(from, objective),
      resumeFrom,
      validation: checkValidation(from, strategy, world),
      placement: placementOf(options, resumeFrom, world),
    },
    weighting,
    world,
    watch: {
      checkpoint: checkCheckpoint(from['checkpoint']),
      signal: checkSignal(from['signal']),
      onProgress: checkProgress(from['onProgress'], strategy),
    },
  };
}
