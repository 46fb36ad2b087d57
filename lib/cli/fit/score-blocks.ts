import type { Block } from '../../tables/encoder/reading';
import { Score, type TrainedActivation } from '../../metrics/score';
import type { TrainingSet } from './training-set';
import { type Device, type Dtype, Neuron } from '../../index';
import type { Progress } from '../terminal/progress';

/** Weights, bias and what they go through. */
export interface TrainedNeuron {
  readonly weights: readonly number[];
  readonly bias: number;
  readonly activation: TrainedActivation;
}

/** A score, and how many rows lacked a value and were left out of it. */
export interface ScoredBlocks {
  readonly score: Score;
  readonly dropped: number;
}

/** The neuron without its activation: `Score` takes the sums. */
function sumsOf(weights: Iterable<number>, bias: number): Neuron {
  return new Neuron({ weights: [...weights], bias, activation: 'linear' });
}

/** Predicts in float64 where the device has it, otherwise in float32. */
export function widest(device: Device): { readonly device: Device; readonly dtype: Dtype } {
  return { device, dtype: device.info.float64 ? 'float64' : 'float32' };
}

/** Scores a neuron on rows as they come from a file. */
export async function scoreBlocks(
  neuron: TrainedNeuron,
  blocks: AsyncIterable<Block>,
  device: Device,
  bar: Progress,
): Promise<ScoredBlocks> {
  const sums = sumsOf(neuron.weights, neuron.bias);
  const score = new Score(neuron.activation);
  let dropped = 0;
  let read = 0;
  try {
    for await (const { X, y, rows, used } of blocks) {
      if (rows > 0)
        score.add(y, await sums.predict({ data: X, shape: [rows, neuron.weights.length] }, widest(device)));
      dropped += used.length - rows;
      read += used.length;
      bar.update(read);
    }
  } finally {
    bar.stop();
  }
  return { score, dropped };
}

/** Scores what a descent found on the rows it was found on, where they are. */
export async function scoreMatrix(
  { X, y }: TrainingSet,
  { theta, intercept, activation }: { theta: Float64Array; intercept: number; activation: TrainedActivation },
): Promise<Score> {
  const score = new Score(activation);
  score.add(y, await sumsOf(theta, intercept).predict(X));
  return score;
}
