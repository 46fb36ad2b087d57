import { blocks } from '../../tables/encoder/blocks';
import type { Reading } from '../../tables/encoder/reading';
import { columnNames, scaling } from '../../tables/encoder/encoding';
import { loadTrainingSet } from './training-set';
import type { Descent, Device } from '../../index';
import { refuseOverflow } from '../../rows/overflow';
import { foldStandardization } from '../../rows/standardize';
import type { Context } from '../terminal/context';
import { descend } from './descend';
import { dtypeOf } from './fit-device';
import type { FitOptions } from './fit-options';
import type { Fitted } from './fitted';
import type { Task } from './prepare';
import { progress } from '../terminal/progress';
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
    const overflowed = held?.score.overflowed ?? 0;
    return {
      ...task,
      device: device.info,
      dtype: reading.dtype,
      descent,
      neuron,
      heldOut,
      overflowed,
      dropped: chosen.fileRows - found.rows - heldOut,
      score: { train: score.score, ...(held === undefined ? {} : { holdout: held.score.score }) },
    };
  } finally {
    set.X.dispose();
  }
}

function readingOf(task: Task, device: Device, options: FitOptions): Reading {
  const { chosen, found } = task;
  return {
    features: found.features.map((encoding, index) => ({
      column: chosen.features[index]?.column ?? chosen.target.column,
      encoding,
    })),
    target: chosen.target,
    missing: chosen.missing,
    standardize: options.standardize,
    dtype: device.info.float64 ? dtypeOf(task) : 'float32',
    ...(chosen.split === undefined ? {} : { part: { split: chosen.split, held: false } }),
  };
}

function rawNeuron(
  { theta, intercept }: Descent,
  { found, activation }: Task,
  { standardize }: FitOptions,
): TrainedNeuron {
  if (!standardize) return { weights: [...theta], bias: intercept, activation };
  const { means, scales } = scaling(found.features);
  const folded = foldStandardization(theta, intercept, means, scales);
  const names = found.features.flatMap(columnNames);
  refuseOverflow(folded, (column) => `"${names[column] ?? ''}"`);
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
