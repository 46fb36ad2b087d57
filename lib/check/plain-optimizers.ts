import type { OptimizerOptions, StepName } from '../method/optimizers';
import { type Data, type Objective, type Parameters, lossGradient } from './plain';

// Optimisers in plain float64, a number at a time, from the algorithms in torch.optim's documentation; and the proximal step
// of AdaGrad from Duchi, Hazan and Singer, "Adaptive Subgradient Methods", 2011, §5.1. With nothing of kernels/ or native/.

/** Whose steps are along the gradient. */
export type StepOptions = Extract<OptimizerOptions, { name: StepName }>;

/** What an optimiser keeps of one number. */
interface Kept {
  velocity: number;
  square: number;
  third: number;
}

interface Step {
  /** From 1. */
  readonly t: number;
  readonly learningRate: number;
  readonly l1: number;
}

/** The soft threshold of l1. */
function shrunk(value: number, by: number): number {
  return Math.sign(value) * Math.max(Math.abs(value) - by, 0);
}

/** Where a number moves that has this gradient, l2 included. */
function moved(
  optimizer: StepOptions,
  from: number,
  g: number,
  kept: Kept,
  { t, learningRate, l1 }: Step,
): number {
  switch (optimizer.name) {
    case 'sgd':
      return shrunk(from - learningRate * g, learningRate * l1);
    case 'momentum':
    case 'nesterov': {
      const momentum = optimizer.momentum ?? 0.9;
      const dampening = optimizer.name === 'momentum' ? (optimizer.dampening ?? 0) : 0;
      kept.velocity = t === 1 ? g : momentum * kept.velocity + (1 - dampening) * g;
      return (
        from - learningRate * (optimizer.name === 'nesterov' ? g + momentum * kept.velocity : kept.velocity)
      );
    }
    case 'adagrad': {
      if (t === 1) kept.square = optimizer.initialAccumulatorValue ?? 0;
      kept.square += g ** 2;
      const slowed = learningRate / (1 + (t - 1) * (optimizer.lrDecay ?? 0));
      const rate = slowed / (Math.sqrt(kept.square) + (optimizer.eps ?? 1e-10));
      return shrunk(from - rate * g, rate * l1);
    }
    case 'rmsprop': {
      const alpha = optimizer.alpha ?? 0.99;
      kept.square = alpha * kept.square + (1 - alpha) * g ** 2;
      kept.third = alpha * kept.third + (1 - alpha) * g;
      const spread = optimizer.centered === true ? kept.square - kept.third ** 2 : kept.square;
      const scaled = g / (Math.sqrt(Math.max(spread, 0)) + (optimizer.eps ?? 1e-8));
      kept.velocity = (optimizer.momentum ?? 0) * kept.velocity + scaled;
      return from - learningRate * kept.velocity;
    }
    case 'adam':
    case 'adamw': {
      const [beta1, beta2] = optimizer.betas ?? [0.9, 0.999];
      kept.velocity = beta1 * kept.velocity + (1 - beta1) * g;
      kept.square = beta2 * kept.square + (1 - beta2) * g ** 2;
      kept.third = Math.max(kept.third, kept.square);
      const square = (optimizer.amsgrad === true ? kept.third : kept.square) / (1 - beta2 ** t);
      const velocity = kept.velocity / (1 - beta1 ** t);
      return from - (learningRate * velocity) / (Math.sqrt(square) + (optimizer.eps ?? 1e-8));
    }
  }
}

/** θ and b after a step for each batch of rows, from zeros; the rate may be one by the count of steps before. */
export function descend(
  optimizer: StepOptions,
  objective: Objective,
  data: Data,
  rate: number | ((before: number) => number),
  batches: readonly (readonly number[])[],
): Parameters {
  const theta = new Float64Array(data.n);
  let intercept = 0;
  const kept = Array.from({ length: data.n + 1 }, (): Kept => ({ velocity: 0, square: 0, third: 0 }));
  const decay = optimizer.name === 'adamw' ? (optimizer.weightDecay ?? 0.01) : 0;
  batches.forEach((rows, before) => {
    const { gradient, interceptGradient } = lossGradient(objective, data, { theta, intercept }, rows);
    const learningRate = typeof rate === 'number' ? rate : rate(before);
    const step = { t: before + 1, learningRate, l1: objective.l1 };
    for (let j = 0; j < data.n; j += 1) {
      const from = (theta[j] as number) * (1 - learningRate * decay);
      theta[j] = moved(optimizer, from, gradient[j] as number, kept[j] as Kept, step);
    }
    if (objective.fitIntercept)
      intercept = moved(optimizer, intercept, interceptGradient, kept[data.n] as Kept, { ...step, l1: 0 });
  });
  return { theta, intercept };
}
