import type { Device } from '../devices/device';
import { descendOn, prepared } from '../engine/descend';
import type { Descent } from '../engine/descent';
import { type Rows, checkTargets, inputsOn, onePass, shapeOf, sourceOf } from '../engine/operands';
import type { Start, Task } from '../engine/task';
import { hasLearningRate } from '../method/optimizers';
import type { Scoring } from '../metrics/score';
import { type RowSource, rowsAtHand } from '../rows/rows';
import { type Ground, type Trained, checkFit, onGround, scoreOn } from './estimator';
import { weightsOf } from './weights';

/** A fit, scored on rows that it did not learn from. */
export interface Trial extends Pick<Descent, 'iterations' | 'converged'> {
  readonly device: Device;
  readonly score: Scoring;
}

/** Rows, and how much each counts, m×1; undefined: 1. */
export interface TrialRows {
  readonly X: Rows;
  readonly y: Rows;
  readonly sampleWeight: Rows | undefined;
}

/** What rows are scored by. */
export interface Scored {
  readonly y: RowSource;
  readonly scoreWeights: RowSource | undefined;
}

/** Read once, for all fits. */
export async function scoredBy({ y, sampleWeight }: TrialRows): Promise<Scored> {
  return {
    y: await rowsAtHand(sourceOf(y)),
    scoreWeights: sampleWeight && (await rowsAtHand(sourceOf(sampleWeight))),
  };
}

/**
 * Fits over the same rows, which are brought to the device once: with each of the options, in their order. One that goes to
 * the optimum begins where the one before it ended.
 *
 * @param held what each is scored on
 * @param options which say the same of rows and devices
 * @param tell called after each, with its number
 * @throws ThalwegError as `fit`
 */
export async function trials(
  trained: Trained,
  rows: TrialRows,
  held: TrialRows,
  options: readonly object[],
  tell: (trial: number) => void,
): Promise<Trial[]> {
  const all = options.map((each) => checkFit(trained, each));
  const [first] = all;
  if (first === undefined) return [];
  const { watch, standardize } = first;
  const { rows: sample, task } = preparedFor(rows, first);
  return await onGround(sample, task, watch, standardize, async (ground) => {
    const there = { device: ground.operands.device, dtype: ground.operands.dtype };
    const inputs = await inputsOn({ ...there, work: onePass, signal: watch.signal }, ground.alike(held.X));
    const scored = await scoredBy(held);
    const found: Trial[] = [];
    try {
      let start: Start | undefined;
      for (const { task: own } of all) {
        const seeded = { ...own, method: { ...own.method, seed: task.method.seed } };
        const descent = await descendOn(ground.operands, begun(ground, seeded, start), watch);
        if (!hasLearningRate(own.method.optimizer)) start = startOf(descent);
        const { iterations, converged } = ground.folded(descent);
        found.push({
          ...{ iterations, converged, device: there.device },
          score: await scoreOn(inputs, scored, descent, own, watch),
        });
        tell(found.length - 1);
      }
      return found;
    } finally {
      inputs.dispose();
    }
  });
}

/** The rows as all the descents take them, and the first one's task, which brings them to a device. */
function preparedFor(
  { X, y, sampleWeight }: TrialRows,
  { task, weighting }: ReturnType<typeof checkFit>,
): ReturnType<typeof prepared> {
  checkTargets(y, shapeOf(X)[0], task.objective);
  return prepared({ X, y, weights: weightsOf({ ...weighting, sampleWeight }, y) }, task);
}

function begun({ begun: scaled }: Ground, task: Task, start: Start | undefined): Task {
  return start === undefined ? scaled(task) : { ...scaled(task), start };
}

function startOf({ theta, intercepts }: Descent): Start {
  return { theta, intercepts };
}
