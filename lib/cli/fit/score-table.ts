import type { Device } from '../../devices/device';
import { type Sample, rowsOf, targetsOf } from '../../engine/operands';
import { Evaluation } from '../../metrics/evaluation';
import type { Learned } from '../../model/learned';
import { widest } from '../../predictions/block-outputs';
import { vectorRows } from '../../rows/rows';
import type { Block } from '../../tables/encoder/reading';
import { score } from '../../training/estimator';
import type { Progress } from '../terminal/progress';

/** A score, and how many rows lacked a value and were left out of it; of those of weight 0 nothing is known here. */
export interface ScoredTable {
  readonly score: Evaluation;
  readonly dropped: number;
  /** In how many of these each feature is to blame, and behind them the target. */
  readonly lacking: readonly number[];
  /** Both together. */
  readonly read: number;
}

/** How many columns of X it takes. */
export function inputsOf({ parameters: { theta, intercepts } }: Learned): number {
  return theta.length / intercepts.length;
}

/**
 * Scores what was learned on rows as they come from a file.
 *
 * @param found what the score is added to
 */
export async function scoreTable(
  learned: Learned,
  blocks: AsyncIterable<Block>,
  device: Device,
  bar: Progress,
  found = new Evaluation(learned.activation, learned.parameters.intercepts.length),
): Promise<ScoredTable> {
  let dropped = 0;
  let read = 0;
  const each: number[] = [];
  async function* scored(): AsyncGenerator<Sample> {
    for await (const { X, y, weights, rows, used, lacking } of blocks) {
      if (rows > 0) {
        yield {
          X: rowsOf('X', { data: X, shape: [rows, inputsOf(learned)] }),
          y: targetsOf('y', y),
          ...(weights === undefined ? {} : { weights: vectorRows('sampleWeight', weights) }),
        };
      }
      dropped += used.length - rows;
      for (const [column, count] of lacking.entries()) each[column] = (each[column] ?? 0) + count;
      bar.update((read += used.length));
    }
  }
  try {
    return { ...(await scoreSamples(learned, scored(), device, found)), dropped, lacking: each, read };
  } finally {
    bar.stop();
  }
}

/** Scores what was learned on rows that lack nothing. */
export async function scoreSamples(
  { activation, parameters }: Learned,
  samples: AsyncIterable<Sample>,
  device: Device,
  found: Evaluation,
): Promise<ScoredTable> {
  await score(activation, parameters, samples, widest(device), undefined, found);
  return { score: found, dropped: 0, lacking: [], read: found.count };
}
