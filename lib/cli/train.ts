import { type Reading, blocks } from '../data/blocks';
import { scaling, width } from '../data/encoding';
import { loadTrainingSet } from '../data/training-set';
import type { Descent, Device, Dtype } from '../index';
import { foldStandardization } from '../standardize';
import type { Context } from './context';
import { descend } from './descend';
import type { FitOptions } from './fit-options';
import type { Fitted } from './fitted';
import type { Task } from './prepare';
import { progress } from './progress';
import { type ScoredBlocks, type TrainedNeuron, scoreBlocks, scoreMatrix } from './score-blocks';

/** Loads the rows, descends, scores, and turns the weights into those of raw features. */
export async function train(
  task: Task,
  device: Device,
  options: FitOptions,
  context: Context,
): Promise<Fitted> {
  const { source, chosen, found, activation } = task;
  const reading = readingOf(task, device, options);
  const loading = progress(context, 'Reading', chosen.fileRows, 'rows');
  const set = await loadTrainingSet(source, reading, found.rows, device, loading.update).finally(
    loading.stop,
  );
  try {
    const descent = await descend(set, activation, options, context);
    const score = await scoreMatrix(set, { ...descent, activation });
    const neuron = rawNeuron(descent, task, options);
    const held = await scoreHeldOut(task, reading, neuron, device, context);
    const heldOut = held?.score.count ?? 0;
    return {
      ...task,
      device: device.info,
      dtype: reading.dtype,
      descent,
      neuron,
      heldOut,
      dropped: chosen.fileRows - found.rows - heldOut,
      score: { train: score.score, ...(held === undefined ? {} : { holdout: held.score.score }) },
    };
  } finally {
    set.X.dispose();
  }
}

function readingOf({ chosen, found }: Task, device: Device, options: FitOptions): Reading {
  return {
    features: found.features.map((encoding, index) => ({
      column: chosen.features[index]?.column ?? chosen.target.column,
      encoding,
    })),
    target: chosen.target,
    missing: chosen.missing,
    standardize: options.standardize,
    dtype: dtypeFor(device, found.rows * width(found.features)),
    ...(chosen.split === undefined ? {} : { part: { split: chosen.split, held: false } }),
  };
}

const LARGEST_FLOAT64_BYTES = 2 ** 30;

/** float64 while X stays under a gibibyte; float32 above, where it halves memory and time. */
function dtypeFor(device: Device, values: number): Dtype {
  const fits = values * Float64Array.BYTES_PER_ELEMENT <= LARGEST_FLOAT64_BYTES;
  return device.info.float64 && fits ? 'float64' : 'float32';
}

function rawNeuron(
  { theta, intercept }: Descent,
  { found, activation }: Task,
  { standardize }: FitOptions,
): TrainedNeuron {
  if (!standardize) return { weights: [...theta], bias: intercept, activation };
  const { means, scales } = scaling(found.features);
  const folded = foldStandardization(theta, intercept, means, scales);
  return { weights: [...folded.theta], bias: folded.intercept, activation };
}

async function scoreHeldOut(
  { source, chosen: { split, fileRows } }: Task,
  reading: Reading,
  neuron: TrainedNeuron,
  device: Device,
  context: Context,
): Promise<ScoredBlocks | undefined> {
  if (split === undefined) return undefined;
  const held: Reading = { ...reading, standardize: false, dtype: 'float64', part: { split, held: true } };
  const bar = progress(context, 'Scoring', Math.round(fileRows * split.fraction), 'rows');
  return scoreBlocks(neuron, blocks(source, held), device, bar);
}
