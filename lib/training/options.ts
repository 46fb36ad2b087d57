import { activations, type ActivationName, type LayerActivationName } from '../objective/activations';
import {
  checkObject,
  flag,
  integer,
  notNegative,
  oneOf,
  checkFunction,
  finite,
  invalid,
  positive,
  refuseUnknown,
} from '../base/arguments';
import type { Dtype, VectorLike } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { lazily } from '../base/lazily';
import { Device, type Matrix, type MatrixLike } from '../devices/device';
import { rowsOf, targetsOf } from '../engine/operands';
import { autoDevice, checkDeviceName } from '../devices/open';
import { type LayerLossName, checkPair, lossNames } from '../objective/losses';
import type * as Plan from '../engine/plan';
import type { FullState } from '../engine/state';
import type * as StateFiles from '../engine/state-file';
import type { TrainingState } from '../engine/training-state';
import type { Checkpoint, Placement, Start, Task, Validation, Watch } from '../engine/task';
import type { Method } from '../method/method';
import {
  type Optimizer,
  type OptimizerName,
  type OptimizerOptions,
  checkOptimizer,
  hasLearningRate,
  isProximal,
  ownLearningRate,
} from '../method/optimizers';
import { type LearningRateSchedule, type Schedule, checkSchedule } from '../method/schedules';
import type { Objective } from '../objective/objective';
import { smallVector } from '../rows/rows';
import { type WeightOptions, type Weighting, checkWeighting, weightOptionNames } from './weights';
import type { BatchProgress, EpochProgress, Strategy } from '../method/strategy';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const plans = lazily(() => require('../engine/plan') as typeof Plan);
// eslint-disable-next-line @typescript-eslint/no-require-imports -- likewise
const stateFiles = lazily(() => require('../engine/state-file') as typeof StateFiles);

/** Where a call computes, and until when. */
export interface PredictOptions {
  /** A name as for `openDevice`, or an open device; default 'auto', or where X is. */
  readonly device?: string | Device;
  /** The arithmetic; default by the type of X. */
  readonly dtype?: Dtype;
  /** Cancels the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Options of `score`. */
export interface ScoreOptions extends PredictOptions {
  /** How much each row counts, m values of 0 or more; default 1. */
  readonly sampleWeight?: VectorLike | Matrix;
}

/** What is minimised: 1/m·Σᵢ ℓ(φ(xᵢθ + b), yᵢ) + l1·Σⱼ|θⱼ| + l2/2·Σⱼθⱼ². */
export interface ObjectiveOptions {
  /** φ; default 'linear'. 'softmax' is of all outputs together. */
  readonly activation?: LayerActivationName;
  /** ℓ; default 'squared', with softmax 'cross-entropy', and in `fit` that of the activation. Outputs' losses add up. */
  readonly loss?: LayerLossName;
  /** K of softmax, whose labels are 0 to K − 1: 2 to 2³² − 1; default the largest label + 1. */
  readonly classes?: number;
  /** Whether an intercept b is fitted beside θ; default false, and true in `Neuron.fit`. X gets no column for it. */
  readonly fitIntercept?: boolean;
  /** Penalty of Σ|θⱼ|, 0 or more; default 0. b is not penalised. */
  readonly l1?: number;
  /** Penalty of ½·Σθⱼ², 0 or more; default 0. b is not penalised. */
  readonly l2?: number;
}

/** Rows to validate with. */
export type ValidationOptions = {
  /** Iterations of a batch descent between two validations, 1 or more; default 1. */
  readonly every?: number;
} & (
  | {
      /** m'×n */
      readonly X: MatrixLike;
      /** m' values */
      readonly y: VectorLike | Matrix;
    }
  | {
      /** Of the rows of X, above 0 and below 1. */
      readonly share: number;
    }
);

/** The options that every descent takes. */
interface CommonOptions extends ObjectiveOptions, WeightOptions, PredictOptions {
  /**
   * What the gradient is multiplied with in a step, above 0. 'auto' picks a rate that is stable on the data: 1/L for
   * batches, L the largest curvature, by power iteration; 1/(2𝓛) otherwise, 𝓛 the expected smoothness (Gower et al., "SGD:
   * General Analysis and Improved Rates", 2019), times 1 − momentum. For 'adagrad' and 'rmsprop' it is 0.01, for 'adam' and
   * 'adamw' 0.001, as in PyTorch. A schedule changes the rate on the way. Required, but for 'lbfgs', which has none.
   */
  readonly learningRate?: number | 'auto' | LearningRateSchedule;
  /** How a gradient becomes a step; default 'sgd'. `l1` goes with 'sgd', 'adagrad' and 'lbfgs'; 'lbfgs' is for batches. */
  readonly optimizer?: OptimizerName | OptimizerOptions;
  /** θ at the start, n values; default zeros. */
  readonly initialTheta?: VectorLike;
  /** b at the start, where an intercept is fitted; default 0. */
  readonly initialIntercept?: number | VectorLike;
  /**
   * The `state` of a descent of the same kind over the same X and y, or what `readCheckpoint` gives: this one goes on where
   * that one ended. n iterations or epochs and then k more have the bits of n + k, where the options are the same; 'auto'
   * of `learningRate`, `plan` and `device`, and the seed, are what they came to then. Not beside initialTheta.
   */
  readonly resumeFrom?: TrainingState;
  /**
   * Writes the state to a file about every so many seconds and at the end: whole or not at all, so that a killed process
   * leaves one that `readCheckpoint` reads. Default 60 seconds; 0 is as often as there is time.
   */
  readonly checkpoint?: {
    /** Of the file. */
    readonly path: string;
    /** 0 or more. */
    readonly everySeconds?: number;
  };
  /**
   * Rows that the descent is validated with and does not learn from: their own X and y, or a share of X's, above 0 and below 1,
   * held out by the seed (of batch, by 0). The loss on them is measured after each epoch, of batch every `every` iterations.
   */
  readonly validation?: number | ValidationOptions;
  /**
   * Ends the descent after so many validations without a lower loss, Keras' early stopping; 0 or more, default off. With
   * `validation` only.
   */
  readonly patience?: number;
  /** By how much a validation loss must be lower to count, 0 or more; default 0. With `validation` only. */
  readonly minDelta?: number;
  /** Whether θ and b are those of the lowest validation loss in the end; default false. With `validation` only. */
  readonly restoreBestWeights?: boolean;
  /** Stops when the loss changes by less than this share of itself from one iteration or epoch to the next; default off. */
  readonly tolerance?: number;
  /**
   * Ends the descent once it has run so many seconds: between steps of batch, otherwise after an epoch; default off, since
   * then the same call gives the same bits.
   */
  readonly maxSeconds?: number;
  /**
   * 'gram' computes XᵀX once and descends on it: linear activation, squared loss, batch only; 'fused' reads X in each
   * iteration. Default 'auto': whichever is expected to be done sooner.
   */
  readonly plan?: 'auto' | 'fused' | 'gram';
}

/** Options of {@link batchGradientDescent}. */
export interface BatchOptions extends CommonOptions {
  /** How many steps, each over all rows: 1 to 100 000 000. */
  readonly iterations: number;
  /**
   * Called at most 20 times a second, and not at all in a descent that is over sooner. What it throws ends the descent,
   * which rejects with it.
   */
  readonly onProgress?: (progress: BatchProgress) => void;
}

/** The options of descents that take rows in an order of chance. */
interface EpochOptions extends CommonOptions {
  /** How many passes: m single-row steps, or one permutation cut into batches, each. 1 to 100 000 000. */
  readonly epochs: number;
  /** Of NumPy's legacy generator (MT19937), 0 to 2³² − 1; default from the system. */
  readonly seed?: number;
  /**
   * Called at most 20 times a second, and not at all in a descent that is over sooner. What it throws ends the descent,
   * which rejects with it.
   */
  readonly onProgress?: (progress: EpochProgress) => void;
}

/** Options of {@link stochasticGradientDescent}. */
export interface StochasticOptions extends EpochOptions {
  /** 'with-replacement', the default, draws a row a step; 'shuffle' takes each once an epoch. */
  readonly sampling?: 'with-replacement' | 'shuffle';
}

/** Options of {@link miniBatchGradientDescent}. */
export interface MiniBatchOptions extends EpochOptions {
  /** Rows a step, 1 or more; default 32. One larger than m means m; the last batch of an epoch may be short. */
  readonly batchSize?: number;
}

/** What a neuron's fit takes besides. */
interface FitExtras {
  /**
   * Scales features to mean 0 and standard deviation 1 (divided by m) while training, and folds the scaling back into the
   * weights; default true, but false where a learningRate is given. Penalties, `loss` and `learningRate` are those of the
   * scaled features.
   */
  readonly standardize?: boolean;
}

/**
 * Options of `Neuron.fit`: a strategy and its descent's options. The activation is the neuron's own, and what the descent
 * requires has defaults: a batch fit of which neither optimizer nor learningRate is told goes to the optimum ('lbfgs'), and
 * takes 10,000 iterations at most; learningRate is 'auto' otherwise.
 */
export type FitOptions = FitExtras &
  (
    | ({
        /** As {@link batchGradientDescent}; the default. */
        readonly strategy?: 'batch';
        /** How many steps at most; default 10,000, and then so many passes over X. */
        readonly iterations?: number;
      } & Omit<BatchOptions, 'activation' | 'iterations'>)
    | ({
        /** As {@link stochasticGradientDescent}. */
        readonly strategy: 'stochastic';
      } & Omit<StochasticOptions, 'activation'>)
    | ({
        /** As {@link miniBatchGradientDescent}. */
        readonly strategy: 'mini-batch';
      } & Omit<MiniBatchOptions, 'activation'>)
  );

/** @internal Of what is minimised. */
export const objectiveOptionNames: readonly (keyof ObjectiveOptions)[] = [
  ...(['activation', 'loss', 'classes', 'fitIntercept', 'l1', 'l2'] as const),
];

/** @internal Of where a call computes, and what ends it. */
export const predictOptionNames: readonly (keyof PredictOptions)[] = ['device', 'dtype', 'signal'];

const commonOptionNames: readonly string[] = [
  ...['learningRate', 'optimizer', ...objectiveOptionNames, ...weightOptionNames],
  ...['initialTheta', 'initialIntercept', 'resumeFrom', 'checkpoint', 'tolerance', 'maxSeconds', 'plan'],
  ...['validation', 'patience', 'minDelta', 'restoreBestWeights'],
  ...[...predictOptionNames, 'onProgress'],
];

/** @internal The options that a strategy takes. */
export const strategyOptionNames: Readonly<Record<Strategy, readonly string[]>> = {
  batch: ['iterations', ...commonOptionNames],
  stochastic: ['epochs', 'seed', 'sampling', ...commonOptionNames],
  'mini-batch': ['epochs', 'batchSize', 'seed', ...commonOptionNames],
};

/** @internal Iterations of a batch fit at most, and passes over X of one that goes to the optimum. */
export const defaultIterations = 10_000;

/** @internal Rows a step. */
export const defaultBatchSize = 32;

/** Seeds and row indices are 32-bit numbers. */
const largest32Bit = 0xffff_ffff;

/** The loss of every iteration and epoch is kept: more than this many would be a gigabyte of history. */
const mostPasses = 100_000_000;

const activationNames = Object.keys(activations) as ActivationName[];
const layerActivationNames: readonly LayerActivationName[] = [...activationNames, 'softmax'];
const layerLossNames: readonly LayerLossName[] = [...lossNames, 'cross-entropy'];

/** What may stand in an options object, before it is checked. */
type Unchecked = Readonly<Record<string, unknown>>;

/** @internal Checks what is there; undefined is the same as left out. */
export function given<Value>(value: unknown, check: (value: unknown) => Value): Value | undefined {
  return value === undefined ? undefined : check(value);
}

/** @internal */
export function checkActivation(value: unknown): ActivationName {
  return given(value, (name) => oneOf('activation', name, activationNames)) ?? 'linear';
}

/** @internal */
export function checkLayerActivation(value: unknown): LayerActivationName {
  return given(value, (name) => oneOf('activation', name, layerActivationNames)) ?? 'linear';
}

/** K of softmax. Of the others y tells. */
function checkClassCount(value: unknown, activation: LayerActivationName): number | undefined {
  if (value === undefined) return undefined;
  if (activation !== 'softmax') {
    throw new ThalwegError('ERR_INVALID_ARGUMENT', "classes is for activation 'softmax'", {
      option: 'classes',
    });
  }
  return integer('classes', value, 2, largest32Bit);
}

/** @internal */
export function checkDtype(value: unknown): Dtype | undefined {
  return given(value, (name) => oneOf('dtype', name, ['float32', 'float64'] as const));
}

/** @internal */
export function checkDevice(value: unknown): string | Device {
  if (value instanceof Device) return value;
  return given(value, (name) => checkDeviceName('device', name)) ?? 'auto';
}

/** @internal */
export function checkSignal(value: unknown): AbortSignal | undefined {
  // By its members, not its class: a realm of its own, as Jest's, has another AbortSignal.
  const known = value as AbortSignal | undefined;
  if (known === undefined) return undefined;
  if (
    typeof value === 'object' &&
    value !== null &&
    typeof known.addEventListener === 'function' &&
    'aborted' in known
  )
    return known;
  throw invalid('signal', 'an AbortSignal', value);
}

function checkPlan(
  value: unknown,
  objective: Objective,
  method: Pick<Method, 'strategy' | 'optimizer'>,
): Method['plan'] {
  const plan = given(value, (name) => oneOf('plan', name, ['auto', 'fused', 'gram'] as const)) ?? 'auto';
  if (plan !== 'gram' || plans().gramApplies(objective, method)) return plan;
  const reason = hasLearningRate(method.optimizer)
    ? "plan 'gram' is for batch descents with activation 'linear' and loss 'squared'"
    : "optimizer 'lbfgs' makes passes over X, which plan 'gram' spares";
  throw new ThalwegError('ERR_INVALID_ARGUMENT', `${reason}: leave the plan 'auto'`, { option: 'plan' });
}

function checkRate(option: string, value: unknown, optimizer: Optimizer): number | undefined {
  if (value === 'auto') return ownLearningRate(optimizer);
  if (typeof value === 'number') return positive(option, value);
  const rule =
    option === 'learningRate' ? "a number above 0, 'auto' or a schedule" : "a number above 0 or 'auto'";
  throw invalid(option, rule, value);
}

function checkLearningRate(
  value: unknown,
  optimizer: Optimizer,
): { learningRate: number | undefined; schedule: Schedule | undefined } {
  if (!hasLearningRate(optimizer)) {
    if (value === undefined) return { learningRate: undefined, schedule: undefined };
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `optimizer '${optimizer.name}' finds the length of each step by itself: leave learningRate out`,
      { option: 'learningRate' },
    );
  }
  if (typeof value !== 'object' || value === null)
    return { learningRate: checkRate('learningRate', value, optimizer), schedule: undefined };
  const { initial, schedule } = checkSchedule(value);
  return { learningRate: checkRate('learningRate.initial', initial, optimizer), schedule };
}

/** @internal b: a number, or one an output. */
export function checkIntercepts(option: string, value: unknown): Float64Array {
  if (typeof value === 'number') return Float64Array.of(finite(option, value));
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return smallVector(option, value as VectorLike);
  throw invalid(option, 'a finite number, or one an output', value);
}

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

/** @internal Where a call computes. @throws ThalwegError ERR_INVALID_ARGUMENT, naming the option */
export function checkPlacement(options: { readonly device?: unknown; readonly dtype?: unknown }): Placement {
  return { device: checkDevice(options.device), dtype: checkDtype(options.dtype) };
}

/** @internal @throws ThalwegError ERR_INVALID_ARGUMENT, naming the option */
export function checkObjective(options: object): Objective {
  const from = options as Unchecked;
  const activation = checkLayerActivation(from['activation']);
  const usual = activation === 'softmax' ? 'cross-entropy' : 'squared';
  const loss = given(from['loss'], (name) => oneOf('loss', name, layerLossNames)) ?? usual;
  checkPair(activation, loss);
  return {
    activation,
    loss,
    outputs: checkClassCount(from['classes'], activation),
    fitIntercept: given(from['fitIntercept'], (value) => flag('fitIntercept', value)) ?? false,
    l1: given(from['l1'], (value) => notNegative('l1', value)) ?? 0,
    l2: given(from['l2'], (value) => notNegative('l2', value)) ?? 0,
  };
}

function checkOptimizerOf(value: unknown, { l1 }: Objective, strategy: Strategy): Optimizer {
  const optimizer = checkOptimizer(value);
  if (strategy !== 'batch' && !hasLearningRate(optimizer)) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `optimizer '${optimizer.name}' is for batch descents, whose gradient is over all rows: use another for ${strategy} steps`,
      { option: 'optimizer' },
    );
  }
  if (l1 === 0 || isProximal(optimizer)) return optimizer;
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `optimizer '${optimizer.name}' has no steps for an l1 penalty: use 'sgd', 'adagrad' or 'lbfgs', or l2`,
    { option: 'optimizer' },
  );
}

function checkMethod(strategy: Strategy, from: Unchecked, objective: Objective): Method {
  const optimizer = checkOptimizerOf(from['optimizer'], objective, strategy);
  const passes = strategy === 'batch' ? 'iterations' : 'epochs';
  return {
    strategy,
    optimizer,
    ...checkLearningRate(from['learningRate'], optimizer),
    passes: integer(passes, from[passes], 1, mostPasses),
    mostPasses: undefined,
    isDirect: false,
    batchSize:
      given(from['batchSize'], (value) => integer('batchSize', value, 1, largest32Bit)) ?? defaultBatchSize,
    seed: given(from['seed'], (value) => integer('seed', value, 0, largest32Bit)),
    sampling:
      given(from['sampling'], (value) =>
        oneOf('sampling', value, ['with-replacement', 'shuffle'] as const),
      ) ?? 'with-replacement',
    tolerance: given(from['tolerance'], (value) => notNegative('tolerance', value)),
    maxSeconds: given(from['maxSeconds'], (value) => positive('maxSeconds', value)),
    plan: checkPlan(from['plan'], objective, { strategy, optimizer }),
  };
}

const defaultCheckpointSeconds = 60;

function checkCheckpoint(value: unknown): Checkpoint | undefined {
  if (value === undefined) return undefined;
  checkObject('checkpoint', value);
  refuseUnknown(value, ['path', 'everySeconds'], 'checkpoint');
  const { path, everySeconds } = value as Unchecked;
  if (typeof path !== 'string' || path === '') throw invalid('checkpoint.path', 'the name of a file', path);
  const seconds = given(everySeconds, (each) => notNegative('checkpoint.everySeconds', each));
  return { path, everySeconds: seconds ?? defaultCheckpointSeconds };
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

const needValidation = ['patience', 'minDelta', 'restoreBestWeights'] as const;

function checkShare(option: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && value < 1) return value;
  throw invalid(option, 'a share of the rows, above 0 and below 1', value);
}

/** Which rows to validate with, and how often. */
function checkHeldRows(value: unknown, strategy: Strategy): Pick<Validation, 'rows' | 'share' | 'every'> {
  if (typeof value === 'number') return { rows: undefined, share: checkShare('validation', value), every: 1 };
  checkObject('validation', value);
  const options = value as Unchecked;
  const known = 'share' in options ? ['share'] : ['X', 'y'];
  refuseUnknown(options, [...known, ...(strategy === 'batch' ? ['every'] : [])], 'validation');
  const every = given(options['every'], (count) => integer('validation.every', count, 1, mostPasses)) ?? 1;
  if ('share' in options)
    return { rows: undefined, share: checkShare('validation.share', options['share']), every };
  const rows = {
    X: rowsOf('validation.X', options['X'] as MatrixLike),
    y: targetsOf('validation.y', options['y'] as VectorLike),
  };
  return { rows, share: undefined, every };
}

function checkValidation(from: Unchecked, strategy: Strategy): Validation | undefined {
  const held = given(from['validation'], (value) => checkHeldRows(value, strategy));
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

/** On 'auto' a descent goes on where it was begun. */
function placementOf(options: object, state: TrainingState | undefined): Placement {
  const placement = checkPlacement(options);
  if (state === undefined || placement.device !== 'auto' || autoDevice() !== 'auto') return placement;
  return { ...placement, device: state.madeFor.deviceId };
}

/** @internal What a call of a descent comes to. */
export interface CheckedTask {
  readonly task: Task;
  readonly watch: Watch;
  readonly weighting: Weighting;
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
  return {
    task: {
      objective,
      method,
      start: checkStart(from, objective),
      resumeFrom,
      validation: checkValidation(from, strategy),
      placement: placementOf(options, resumeFrom),
    },
    weighting: checkWeighting(options, objective),
    watch: {
      checkpoint: checkCheckpoint(from['checkpoint']),
      signal: checkSignal(from['signal']),
      onProgress: checkProgress(from['onProgress'], strategy),
    },
  };
}
