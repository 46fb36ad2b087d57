import { checkObject, flag, oneOf, refuseUnknown } from '../base/arguments';
import type { LayerParameters } from '../base/data-types';
import { breathe } from '../base/event-loop';
import { ThalwegError } from '../base/errors';
import { lazily } from '../base/lazily';
import type { Device } from '../devices/device';
import { type HeldOperands, descendOn, onOperands, prepared, shared, warnIfSlow } from '../engine/descend';
import { type Descent, interceptOf, withChanges } from '../engine/descent';
import {
  type Operands,
  type Rows,
  type Sample,
  checkColumn,
  checkTargets,
  holdAtHand,
  inputsOn,
  onePass,
  shapeOf,
  sourceOf,
} from '../engine/operands';
import { outputsOn } from '../engine/outputs';
import { momentsOver } from '../engine/ranks';
import type { Placement, Task, Watch } from '../engine/task';
import type { SplitRows } from '../engine/validation';
import type { Ranks } from '../mpi/world';
import { type Strategy, strategies } from '../method/strategy';
import type * as Metrics from '../metrics/scoring';
import type { Scoring } from '../metrics/score';
import type { LayerActivationName } from '../objective/activations';
import { lossFor } from '../objective/losses';
import type { Moment } from '../rows/moments';
import { type RowSource, type Scaling, columnValues, refuseNotFinite } from '../rows/rows';
import { refuseOverflow } from '../rows/overflow';
import type * as Standardize from '../rows/standardize';
import { type CheckedTask, checkTask } from './check-task';
import type * as LeastSquares from './least-squares';
import { type FitOptions, defaultIterations, strategyOptionNames } from './options';
import { whyNotConverged } from './unfinished';
import { balancedOver, weighedTask, weightsOf } from './weights';

/* eslint-disable @typescript-eslint/no-require-imports -- loaded at their first use */
const metrics = lazily(() => require('../metrics/scoring') as typeof Metrics);
const squares = lazily(() => require('./least-squares') as typeof LeastSquares);
const standardizing = lazily(() => require('../rows/standardize') as typeof Standardize);
/* eslint-enable @typescript-eslint/no-require-imports */

/** What came out of a fit. */
export interface Fit {
  /** Its theta and intercept apply to raw features. */
  readonly descent: Descent;
  readonly device: Device;
  /** On the rows trained on; where it was asked for. */
  readonly score: Scoring | undefined;
  /** Why it is not at the optimum, and what to change, where it was to go there; `option` is how options are written. */
  readonly notConverged: (option: (name: string) => string) => string | undefined;
}

/** What a model was made with. */
const ofModel = ['activation', 'classes'];

/** @internal The options of a fit by a strategy. */
export function fitOptionNames(strategy: Strategy): string[] {
  const own = strategyOptionNames[strategy].filter((name) => !ofModel.includes(name));
  return ['strategy', 'standardize', ...own];
}

function withoutUndefined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** Whether nothing is said of how to step: then a batch fit goes to the optimum. */
function isUntold(strategy: Strategy, { optimizer, learningRate, plan }: Partial<FitOptions>): boolean {
  return strategy === 'batch' && optimizer === undefined && learningRate === undefined && plan !== 'gram';
}

/** What a fit does where nothing is said of it: to the optimum, or steps at a rate that suits the data. */
function defaultsOf(strategy: Strategy, told: Partial<FitOptions>): object {
  const iterations = strategy === 'batch' ? { iterations: defaultIterations } : {};
  if (isUntold(strategy, told)) return { ...iterations, optimizer: 'lbfgs' };
  const { optimizer } = told;
  const name = typeof optimizer === 'object' ? (optimizer as { name?: string } | null)?.name : optimizer;
  return { ...iterations, ...(name === 'lbfgs' ? {} : { learningRate: 'auto' }) };
}

/** What is trained: K neurons of one activation. */
export interface Trained {
  readonly activation: LayerActivationName;
  readonly outputs: number;
}

/** Whether a fit scales features, of options that are not checked yet. */
export function standardizes({ standardize, learningRate }: Partial<FitOptions>): boolean {
  return standardize === undefined ? learningRate === undefined : standardize;
}

/** The task that a fit is: the loss follows the activation, and an intercept is fitted, unless told otherwise. */
export function checkFit(
  { activation, outputs }: Trained,
  options: unknown,
): CheckedTask & { standardize: boolean } {
  checkObject('options', options);
  const { strategy = 'batch', standardize, ...rest } = withoutUndefined(options) as Partial<FitOptions>;
  oneOf('strategy', strategy, strategies);
  for (const option of ofModel) {
    if (!(option in rest)) continue;
    const message = `${option} is the model's own: name it in new Neuron() or new Layer()`;
    throw new ThalwegError('ERR_INVALID_ARGUMENT', message, { option });
  }
  refuseUnknown(rest, fitOptionNames(strategy), `a ${strategy} fit`);
  const defaults = { loss: lossFor(activation), fitIntercept: true, ...defaultsOf(strategy, rest) };
  const { task, watch, weighting, world } = checkTask(strategy, {
    ...defaults,
    ...rest,
    activation,
    ...(activation === 'softmax' ? { classes: outputs } : {}),
  });
  const limited = 'iterations' in rest ? undefined : defaultIterations;
  const { activation: phi, loss, l1 } = task.objective;
  const isDirect =
    isUntold(strategy, rest) &&
    rest.validation === undefined &&
    rest.plan !== 'fused' &&
    phi === 'linear' &&
    loss === 'squared' &&
    l1 === 0;
  return {
    task: {
      ...task,
      objective: { ...task.objective, outputs },
      method: { ...task.method, mostPasses: limited, isDirect },
    },
    watch,
    weighting,
    world,
    standardize: flag('standardize', standardizes({ ...rest, standardize } as Partial<FitOptions>)),
  };
}

/** How `fit` is asked besides the options. */
export interface FitWays {
  /** Whether they are scored on these rows, by `sampleWeight` alone, while they are on the device; or what the score is added to. */
  readonly scored?: boolean | Scoring;
  /** m×1 */
  readonly sampleWeight?: Rows | undefined;
  /** Those of the options' world, in whose call this is. */
  readonly ranks?: Ranks | undefined;
}

/**
 * Trains neurons: what `Neuron.fit`, `Layer.fit` and the command line call.
 *
 * @param X m×n
 * @param y m×K, or m×1 labels of classes
 * @param sampleWeight in place of the option
 * @throws ThalwegError as `batchGradientDescent`
 */
export async function fit(
  trained: Trained,
  givenX: Rows,
  givenY: Rows,
  options: unknown,
  { scored = false, sampleWeight, ranks }: FitWays = {},
): Promise<Fit> {
  const { task: asked, watch, weighting: byOptions, standardize } = checkFit(trained, options);
  const own = sampleWeight === undefined ? byOptions : { ...byOptions, sampleWeight };
  const weighting = ranks === undefined ? own : await balancedOver(ranks, own, givenY);
  const { sample: share, task } = await shared(
    { X: givenX, y: givenY, weights: weightsOf(weighting, givenY), scoreWeights: weighting.sampleWeight },
    weighedTask({ ...asked, ranks }, weighting, givenY),
    watch,
    { standardize },
  );
  const { X, y } = share;
  checkTargets(y, shapeOf(X)[0], task.objective);
  const toldOf = (found: Omit<Fit, 'notConverged'>): Fit => ({
    ...found,
    notConverged: (option) => whyNotConverged(found.descent, task, option),
  });
  const { placement, release } = holdAtHand(task.placement, X, y);
  try {
    const split = prepared(share, { ...task, placement });
    // A score needs the rows after all.
    const once =
      scored === false
        ? await squares().leastSquaresOnce(split.rows, split.task, watch, standardize)
        : undefined;
    if (once !== undefined) return toldOf({ ...once, score: undefined });
    const found = await onGround(split.rows, split.task, watch, standardize, async (ground) => {
      const { operands, begun, folded } = ground;
      const there = begun(split.task);
      const descent =
        (await squares().leastSquaresOn(operands, there, watch)) ?? (await descendOn(operands, there, watch));
      const into = typeof scored === 'object' ? scored : undefined;
      const score =
        scored === false ? undefined : await scoreOn(operands, split.rows, descent, split.task, watch, into);
      return { descent: folded(descent), device: operands.device, score };
    });
    if (!standardize) await warnIfSlow(X, split.task);
    return toldOf(found);
  } finally {
    release();
  }
}

/** Rows on a device, as a fit descends on them: scaled, or as they are. */
export interface Ground {
  readonly operands: HeldOperands;
  /** A task that begins there where it begins for raw features. */
  readonly begun: (task: Task) => Task;
  /** What was found there, for raw features. */
  readonly folded: (descent: Descent) => Descent;
  /** Other rows, as those to learn from are. */
  readonly alike: (rows: Rows) => Rows;
}

/** Brings rows to the device for as long as `body` takes, scaled where that is asked for. */
export async function onGround<Result>(
  rows: SplitRows,
  task: Task,
  watch: Watch,
  standardize: boolean,
  body: (ground: Ground) => Promise<Result>,
): Promise<Result> {
  if (standardize) return await onScaled(rows, task, watch, body);
  const itself = <Value>(value: Value): Value => value;
  return await onOperands(rows, task, watch, (operands) =>
    body({ operands, begun: itself, folded: itself, alike: itself }),
  );
}

/** A matrix on a device is read back, and its scaled copy becomes a second matrix there. */
async function onScaled<Result>(
  { X, held, ...columns }: SplitRows,
  task: Task,
  watch: Watch,
  body: (ground: Ground) => Promise<Result>,
): Promise<Result> {
  const raw = sourceOf(X);
  const weights = columns.weights && sourceOf(columns.weights);
  const { standardizedRows, foldStandardization, scaledRows } = standardizing();
  const center = task.objective.fitIntercept;
  const { ranks } = task;
  const agree = ranks && ((moments: Moment[]) => momentsOver(ranks, moments));
  const { source, scaling } = await standardizedRows({ raw, weights }, center, refuseNotFinite, agree);
  const alike = (other: Rows): RowSource => scaledRows(sourceOf(other), scaling);
  const rows = { X: source, ...columns, held: held && { ...held, X: alike(held.X) } };
  const begun = (each: Task): Task => startedScaled(each, scaling);
  const folded = (descent: Descent): Descent => {
    const found = foldStandardization(descent, scaling);
    refuseOverflow(found, raw);
    return withChanges(descent, { ...found, intercept: interceptOf(found.intercepts) });
  };
  return await onOperands(rows, begun(task), watch, (operands) => body({ operands, begun, folded, alike }));
}

/** Weights to begin with are for raw features. */
function startedScaled(task: Task, scaling: Scaling): Task {
  const scaled = { ...task, standardized: true };
  const { theta } = task.start;
  const outputs = task.objective.outputs ?? 1;
  const intercepts = task.start.intercepts ?? new Float64Array(outputs);
  if (theta?.length !== scaling.means.length * outputs || intercepts.length !== outputs) return scaled;
  return { ...scaled, start: standardizing().unfoldStandardization({ theta, intercepts }, scaling) };
}

/**
 * Scores parameters on blocks of rows, one after the other: what `Neuron.score`, `Layer.score` and the command line call.
 *
 * @param found what the score is added to
 * @throws ThalwegError as `batchGradientDescent`
 */
export async function score(
  activation: LayerActivationName,
  parameters: LayerParameters,
  blocks: AsyncIterable<Sample> | Iterable<Sample>,
  placement: Placement,
  signal?: AbortSignal,
  found = metrics().scoreOf(activation, parameters.intercepts.length),
): Promise<Scoring> {
  const outputs = parameters.intercepts.length;
  const use = { ...placement, work: onePass, signal, several: outputs > 1 };
  for await (const sample of blocks) {
    const [rows] = shapeOf(sample.X);
    checkTargets(sample.y, rows, { activation, outputs });
    if (sample.weights !== undefined) checkColumn('sampleWeight', sample.weights, rows);
    const inputs = await inputsOn(use, sample.X);
    try {
      await addScore(found, inputs, sample, parameters, signal);
    } finally {
      inputs.dispose();
    }
  }
  return found;
}

/** The score of parameters on rows of which X is on a device, by their weights in scores. */
export async function scoreOn(
  inputs: Pick<Operands, 'device' | 'X'>,
  { y, scoreWeights }: Omit<Sample, 'X'>,
  parameters: LayerParameters,
  { objective }: Pick<Task, 'objective'>,
  { signal }: Watch,
  found = metrics().scoreOf(objective.activation, parameters.intercepts.length),
): Promise<Scoring> {
  await addScore(found, inputs, { y, weights: scoreWeights }, parameters, signal);
  return found;
}

/** What is scored at once stays in the caches. */
const rowsAtATime = 4096;

async function addScore(
  found: Scoring,
  inputs: Pick<Operands, 'device' | 'X'>,
  { y, weights }: Omit<Sample, 'X'>,
  parameters: LayerParameters,
  signal: AbortSignal | undefined,
): Promise<void> {
  const z = await outputsOn(inputs, parameters, 'linear', signal);
  const counts = weights && (await columnValues(sourceOf(weights)));
  const outputs = parameters.intercepts.length;
  const columns = shapeOf(y)[1];
  let scored = 0;
  for await (const block of sourceOf(y).blocks()) {
    const rows = block.length / columns;
    for (let first = 0; first < rows; first += rowsAtATime) {
      const last = Math.min(rows, first + rowsAtATime);
      const targets = block.subarray(first * columns, last * columns);
      const end = scored + last - first;
      found.add(targets, z.subarray(scored * outputs, end * outputs), counts?.subarray(scored, end));
      scored = end;
    }
    await breathe();
  }
}
