import type { DeviceInfo } from '../../addon/device-info';
import type { Dtype, LayerParameters } from '../../base/data-types';
import type { Device } from '../../devices/device';
import type { Descent } from '../../engine/descent';
import { Evaluation } from '../../metrics/evaluation';
import type { Learned } from '../../model/learned';
import { type Ranks, world } from '../../mpi/world';
import type { LayerActivationName } from '../../objective/activations';
import { Observations } from '../../reports/observations';
import { fit } from '../../training/estimator';
import type { FitOptions as DescentOptions } from '../../training/options';
import type { Context } from '../terminal/context';
import { optionNamed } from '../terminal/options';
import { scoredOver } from './score-over-ranks';
import { type Progress, progress } from '../terminal/progress';
import { type FitPlace, placeOf } from './fit-device';
import {
  type FitOptions,
  commonOptions,
  passesOf,
  stepOptions,
  toleranceOf,
  unitOf,
  validationOf,
} from './fit-options';
import type { Prepared } from './prepare';
import type { ScoredTable } from './score-table';

/** What is learned, and where it begins; undefined: at zeros. */
export interface Begun extends Prepared {
  readonly start: { readonly name: string; readonly parameters: LayerParameters } | undefined;
}

/** What came out of training. */
export interface Fitted extends Begun {
  readonly device: DeviceInfo;
  readonly dtype: Dtype;
  readonly descent: Descent;
  /** Why it has not ended at the optimum, and what to change, where it should have. */
  readonly notConverged: string | undefined;
  /** For raw features. */
  readonly learned: Learned;
  readonly heldOut: number;
  readonly dropped: number;
  /** How many of those are held out and lack nothing, but have a level that training did not see. */
  readonly unseen: number;
  readonly score: { readonly train: Evaluation; readonly holdout?: Evaluation };
}

/**
 * Trains as `Neuron.fit` does, on the rows of the file, and scores on them and on those held out.
 *
 * @param ranks those that have a share of the rows each; the first alone knows the scores
 */
export async function train(
  prepared: Begun,
  options: FitOptions,
  context: Context,
  ranks?: Ranks,
): Promise<Fitted> {
  const place = await placeOf(prepared.source.bytes, options);
  try {
    const { descent, device, score, notConverged } = await learn(prepared, place, options, context, ranks);
    const { activation, chosen, classes, found } = prepared;
    const learned = { activation, parameters: descent, classes };
    const holdout = await scoreHeldOut(prepared, learned, device, options, context, ranks);
    const heldOut = holdout?.score.count ?? 0;
    const unseen = (holdout?.dropped ?? 0) === 0 ? 0 : (await prepared.source.heldOut()) - heldOut;
    return {
      ...prepared,
      device: device.info,
      dtype: descent.dtype,
      descent,
      notConverged,
      learned,
      heldOut,
      dropped: chosen.fileRows - (chosen.weight?.zeros ?? 0) - found.rows - heldOut,
      unseen,
      score: { train: score, ...(holdout === undefined ? {} : { holdout: holdout.score }) },
    };
  } finally {
    if (place.device !== 'auto') await place.device.close();
  }
}

/** An option of `Neuron.fit` as it is typed. */
const asTyped = (name: string): string => `--${optionNamed(name)}`;

/** Fits, with a bar while rows are read and one while they are learned from. */
async function learn(
  prepared: Begun,
  place: FitPlace,
  options: FitOptions,
  context: Context,
  ranks: Ranks | undefined,
): Promise<{ descent: Descent; device: Device; score: Evaluation; notConverged: string | undefined }> {
  let isRead = false;
  let bar: Progress = progress(context, 'Reading', prepared.chosen.fileRows, 'rows');
  const rows = prepared.source.rows(place.dtype, {
    // Scaled by what rows count in all, as by Neuron.fit.
    unscaled: prepared.classWeight !== undefined,
    onRows: (read) => {
      if (!isRead) bar.update(read);
    },
    onEnd: () => {
      // Rows to validate with are read after those to learn from.
      if (isRead) return;
      isRead = true;
      bar.stop();
      bar = progress(context, 'Training', passesOf(options), unitOf(options));
    },
  });
  const told = (at: { iteration?: number; epoch?: number; loss: number }): void => {
    bar.update(at.iteration ?? at.epoch ?? 0, at.loss);
  };
  try {
    const { activation, classes, classWeight, start } = prepared;
    const asked = {
      ...descentOptions(options, place, context.signal),
      ...(ranks === undefined ? {} : { world }),
      onProgress: told,
      ...(classWeight === undefined ? {} : { classWeight }),
      ...(start === undefined
        ? {}
        : { initialTheta: start.parameters.theta, initialIntercept: start.parameters.intercepts }),
    };
    const trained = { activation, outputs: activation === 'softmax' ? (classes?.length ?? 0) : 1 };
    const score = evaluationFor(options, activation, trained.outputs);
    const found = await scoredOver(ranks, score, trained, (scored) =>
      fit(trained, rows, rows.y, asked, { scored, sampleWeight: rows.weights, ranks }),
    );
    return { ...found, score, notConverged: found.notConverged(asTyped) };
  } finally {
    bar.stop();
  }
}

/** The options as `Neuron.fit` takes them. */
export function descentOptions(
  options: FitOptions,
  { device, dtype }: FitPlace,
  signal: AbortSignal,
): DescentOptions {
  const { seed, batchSize, averageEvery, iterations, maxSeconds, residency } = options;
  const where = { device, dtype, signal };
  const tolerance = toleranceOf(options, dtype);
  const common = {
    ...commonOptions(options),
    ...stepOptions(options),
    ...where,
    ...validationOf(options),
    ...(tolerance === undefined ? {} : { tolerance }),
    ...(maxSeconds === undefined ? {} : { maxSeconds }),
    ...(residency === undefined ? {} : { residency }),
  };
  const passes = passesOf(options);
  switch (options.strategy) {
    case 'batch':
      return { ...common, strategy: 'batch', ...(iterations === undefined ? {} : { iterations }) };
    case 'stochastic':
      return { ...common, strategy: 'stochastic', epochs: passes, seed };
    case 'mini-batch': {
      return {
        ...{ ...common, strategy: 'mini-batch', epochs: passes, seed },
        ...(batchSize === undefined ? {} : { batchSize }),
        ...(averageEvery === undefined ? {} : { averageEvery }),
      };
    }
  }
}

async function scoreHeldOut(
  prepared: Prepared,
  learned: Learned,
  device: Device,
  options: FitOptions,
  context: Context,
  ranks: Ranks | undefined,
): Promise<ScoredTable | undefined> {
  const { split, fileRows } = prepared.chosen;
  if (split === undefined) return undefined;
  const bar = progress(context, 'Scoring', Math.round(fileRows * split.fraction), 'rows');
  const { activation, parameters } = learned;
  const outputs = parameters.intercepts.length;
  const score = evaluationFor(options, activation, outputs);
  const found = await scoredOver(ranks, score, { activation, outputs }, (scored) =>
    prepared.source.scoreHeldOut(learned, device, bar, scored),
  );
  if (ranks === undefined) return found;
  const [dropped = 0] = await ranks.sum(Float64Array.of(found.dropped));
  return { ...found, score, dropped };
}

/** A report shows rows, and what became of them. */
function evaluationFor({ report }: FitOptions, activation: LayerActivationName, outputs: number): Evaluation {
  return report === undefined ? new Evaluation(activation, outputs) : new Observations(activation, outputs);
}
