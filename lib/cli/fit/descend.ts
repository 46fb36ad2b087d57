import type { TrainedActivation } from '../../metrics/score';
import type { TrainingSet } from './training-set';
import {
  type Descent,
  batchGradientDescent,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../index';
import type { Context } from '../terminal/context';
import { DEFAULT_BATCH_SIZE, DEFAULT_EPOCHS, DEFAULT_ITERATIONS, type FitOptions } from './fit-options';
import { progress } from '../terminal/progress';

/** When the loss stands still: float32 carries seven digits, so that smaller changes are noise there. */
export const TOLERANCES = { float64: 1e-9, float32: 1e-7 } as const;

const LOSSES = { linear: 'squared', sigmoid: 'log', exp: 'poisson' } as const;

/** Runs the descent that was asked for, with a bar where there is a terminal. */
export async function descend(
  { X, y }: TrainingSet,
  activation: TrainedActivation,
  options: FitOptions,
  context: Context,
): Promise<Descent> {
  const passes =
    options.strategy === 'batch'
      ? (options.iterations ?? DEFAULT_ITERATIONS)
      : (options.epochs ?? DEFAULT_EPOCHS);
  const bar = progress(context, 'Training', passes, options.strategy === 'batch' ? 'iterations' : 'epochs');
  const common = {
    learningRate: options.learningRate,
    activation,
    loss: LOSSES[activation],
    fitIntercept: true,
    l1: options.l1,
    l2: options.l2,
    tolerance: TOLERANCES[X.dtype],
    signal: context.signal,
    onProgress: (at: { iteration?: number; epoch?: number; loss: number }): void => {
      bar.update(at.iteration ?? at.epoch ?? 0, at.loss);
    },
  };
  const { seed } = options;
  try {
    switch (options.strategy) {
      case 'batch':
        return await batchGradientDescent(X, y, { ...common, iterations: passes });
      case 'stochastic':
        return await stochasticGradientDescent(X, y, { ...common, epochs: passes, seed });
      case 'mini-batch': {
        const batchSize = options.batchSize ?? DEFAULT_BATCH_SIZE;
        return await miniBatchGradientDescent(X, y, { ...common, epochs: passes, batchSize, seed });
      }
    }
  } finally {
    bar.stop();
  }
}
