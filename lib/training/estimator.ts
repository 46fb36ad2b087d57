import { checkObject, flag, oneOf } from '../base/arguments';
import type { Parameters } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { lazily } from '../base/lazily';
import { type Device, Matrix } from '../devices/device';
import { descendOn, onOperands, prepared, warnIfSlow } from '../engine/descend';
import type { Descent } from '../engine/descent';
import {
  type Operands,
  type Rows,
  type Sample,
  checkColumn,
  holdAtHand,
  inputsOn,
  onePass,
  shapeOf,
} from '../engine/operands';
import { outputsOn } from '../engine/outputs';
import type { Placement, Task, Watch } from '../engine/task';
import type { SplitRows } from '../engine/validation';
import type { Strategy } from '../method/strategy';
import type * as Metrics from '../metrics/score';
import type { Score } from '../metrics/score';
import type { ActivationName } from '../objective/activations';
import { lossFor } from '../objective/losses';
import { type RowSource, type Scaling, columnValues, refuseNotFinite } from '../rows/rows';
import { refuseOverflow } from '../rows/overflow';
import type * as Standardize from '../rows/standardize';
import { type CheckedTask, type FitOptions, checkTask, defaultIterations, strategyOptionNames } from './options';
import { whyNotConverged } from './unfinished';
import { weightsOf } from './weights';

/* eslint-disable @typescript-eslint/no-require-imports -- loaded at their first use */
const metrics = lazily(() => require('../metrics/score') as typeof Metrics);
const standardizing = lazily(() => require('../rows/standardize') as typeof Standardize);
/* eslint-enable @typescript-eslint/no-require-imports */

/** What came out of a fit. */
export interface Fit {
  /** Its theta and intercept apply to raw features. */
  readonly descent: Descent;
  readonly device: Device;
  /** On the rows trained on; where it was asked for. */
  readonly score: Score | undefined;
  /** Why it is not at the optimum, and what to change, where it was to go there; `option` is how options are written. */
  readonly notConverged: (option: (name: string) => string) => string | undefined;
}

type Learned = Omit<Fit, 'notConverged'>;

const strategies = Object.keys(strategyOptionNames) as Strategy[];

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

/** The task that a neuron's fit is: the loss follows its activation, and an intercept is fitted, unless told otherwise. */
function checkFit(activation: ActivationName, options: unknown): CheckedTask & { standardize: boolean } {
  checkObject('options', options);
  const { strategy = 'batch', standardize, ...rest } = withoutUndefined(options) as Partial<FitOptions>;
  oneOf('strategy', strategy, strategies);
  if ('activation' in rest) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      "the activation is the neuron's own: name it in new Neuron()",
      { option: 'activation' },
    );
  }
  const defaults = { loss: lossFor(activation), fitIntercept: true, ...defaultsOf(strategy, rest) };
  const { task, watch, weighting } = checkTask(strategy, { ...defaults, ...rest, activation });
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
    task: { ...task, method: { ...task.method, mostPasses: limited, isDirect } },
    watch,
    weighting,
    standardize: standardize === undefined ? !('learningRate' in rest) : flag('standardize', standardize),
  };
}

/**
 * Trains a neuron: what `Neuron.fit` and the command line call.
 *
 * @param X m×n
 * @param y m×1
 * @param scored whether the neuron is scored on these rows, while they are on the device
 * @throws ThalwegError as `batchGradientDescent`
 */
export async function fit(
  activation: ActivationName,
  X: Rows,
  y: Rows,
  options: unknown,
  { scored = false } = {},
): Promise<Fit> {
  const { task, watch, weighting, standardize } = checkFit(activation, options);
  const { placement, release } = holdAtHand(task.placement, X, y);
  try {
    const split = prepared({ X, y, weights: weightsOf(weighting, y) }, { ...task, placement });
    const found = standardize
      ? await learnScaled(split.rows, split.task, watch, scored)
      : await learn(split.rows, split.task, watch, scored);
    if (!standardize) await warnIfSlow(X, split.task);
    return { ...found, notConverged: (option) => whyNotConverged(found.descent, task, option) };
  } finally {
    release();
  }
}

async function learn(rows: SplitRows, task: Task, watch: Watch, scored: boolean): Promise<Learned> {
  return await onOperands(rows, task, watch, async (operands) => {
    const descent = await descendOn(operands, task, watch);
    const { device } = operands;
    if (!scored) return { descent, device, score: undefined };
    const score = new (metrics().Score)(task.objective.activation);
    await addScore(score, operands, rows, descent, watch.signal);
    return { descent, device, score };
  });
}

/** A matrix on a device is read back, and its scaled copy becomes a second matrix there. */
async function learnScaled(
  { X, held, ...columns }: SplitRows,
  task: Task,
  watch: Watch,
  scored: boolean,
): Promise<Learned> {
  const raw = valuesOf(X);
  const weights = columns.weights && valuesOf(columns.weights);
  const { standardizedRows, foldStandardization, scaledRows } = standardizing();
  const center = task.objective.fitIntercept;
  const { source, scaling } = await standardizedRows({ raw, weights }, center, refuseNotFinite);
  const rows = {
    ...{ X: source, ...columns },
    held: held && { X: scaledRows(valuesOf(held.X), scaling), y: held.y },
  };
  const found = await learn(rows, startedScaled(task, scaling), watch, scored);
  const folded = foldStandardization(found.descent, scaling);
  refuseOverflow(folded, raw);
  return { ...found, descent: { ...found.descent, ...folded } };
}

/** Weights to begin with are for raw features. */
function startedScaled(task: Task, scaling: Scaling): Task {
  const scaled = { ...task, standardized: true };
  const { theta, intercept } = task.start;
  if (theta?.length !== scaling.means.length) return scaled;
  return { ...scaled, start: standardizing().unfoldStandardization({ theta, intercept }, scaling) };
}

/** Rows back in JavaScript memory, block by block. */
function valuesOf(rows: Rows): RowSource {
  return rows instanceof Matrix ? rows.rows() : rows;
}

/**
 * Scores parameters on blocks of rows, one after the other: what `Neuron.score` and the command line call.
 *
 * @throws ThalwegError as `batchGradientDescent`
 */
export async function score(
  activation: ActivationName,
  parameters: Parameters,
  blocks: AsyncIterable<Sample> | Iterable<Sample>,
  placement: Placement,
  signal?: AbortSignal,
): Promise<Score> {
  const found = new (metrics().Score)(activation);
  const use = { ...placement, work: onePass, signal };
  for await (const sample of blocks) {
    const [rows] = shapeOf(sample.X);
    checkColumn('y', sample.y, rows);
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

/** Scores parameters on rows of which X is on a device. */
async function addScore(
  found: Score,
  inputs: Pick<Operands, 'device' | 'X'>,
  { y, weights }: Omit<Sample, 'X'>,
  { theta, intercept }: Parameters,
  signal: AbortSignal | undefined,
): Promise<void> {
  const z = await outputsOn(inputs, { theta, intercept }, 'linear', signal);
  const counts = weights && (await columnValues(valuesOf(weights)));
  let scored = 0;
  for await (const targets of valuesOf(y).blocks()) {
    const end = scored + targets.length;
    found.add(targets, z.subarray(scored, end), counts?.subarray(scored, end));
    scored = end;
  }
}
