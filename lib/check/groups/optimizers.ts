import { addon } from '../../addon/native';
import type { Dtype } from '../../base/data-types';
import type { Device } from '../../devices/device';
import type { Descent } from '../../engine/descent';
import { type StepName, isProximal, stepNames } from '../../method/optimizers';
import { type Strategy, strategies } from '../../method/strategy';
import {
  batchGradientDescent,
  miniBatchGradientDescent,
  stochasticGradientDescent,
} from '../../training/descents';
import { firstOutOfBounds } from '../compare';
import { Uniform, flat, floats, realData } from '../data';
import type { Fault, Group } from '../group';
import { type StepOptions, descend } from '../plain-optimizers';
import { batchesOfEpoch } from './batches';
import { gentleRate } from './steps';

interface OptimizerValues {
  readonly [name: string]: string | number;
  readonly optimizer: StepName;
  readonly strategy: Strategy;
  readonly l2: number;
  readonly m: number;
  readonly n: number;
  readonly dtype: Dtype;
  readonly seed: number;
}

/** What is left of a weight to roundings, as a share of the largest: they add up over the steps. */
const tolerances: Readonly<Record<Dtype, number>> = { float32: 1e-4, float64: 1e-11 };

const passes = 3;
const batchSize = 16;

export const optimizers: Group<OptimizerValues> = {
  name: 'optimizers',
  what: 'steps by each optimiser, over all rows, one and several',
  like: { optimizer: 'adam', strategy: 'mini-batch', l2: 0.1, m: 41, n: 33, dtype: 'float32', seed: 1 },
  words: { optimizer: stepNames, strategy: strategies },
  cases: (target) => {
    // A step comes after a row's products, which other groups try at every width.
    const widths = target.quick ? [33] : [1, 5, 33, 130, 1025];
    // Each is compiled by itself, for steps after a pass and for those of a chunk.
    const tried = (optimizer: StepName, strategy: Strategy): boolean =>
      !target.quick || strategy === 'batch' || optimizer === 'adam';
    const cases = target.dtypes.flatMap((dtype) =>
      stepNames.flatMap((optimizer) =>
        strategies
          .filter((strategy) => tried(optimizer, strategy))
          .flatMap((strategy) =>
            widths.map((n) => ({ optimizer, strategy, l2: 0.1, m: 41, n, dtype, seed: n })),
          ),
      ),
    );
    return Promise.resolve(cases);
  },
  run: ({ device }, values) => optimizerFault(device, values),
};

/** With constants that keep a gradient of rounding size from being divided by its own size. */
function optionsOf(name: StepName): StepOptions {
  return name === 'sgd' || name === 'momentum' || name === 'nesterov' ? { name } : { name, eps: 0.1 };
}

async function optimizerFault(device: Device, values: OptimizerValues): Promise<Fault> {
  const { strategy, l2, m, n, dtype, seed } = values;
  const optimizer = optionsOf(values.optimizer);
  const l1 = isProximal(optimizer) ? 0.02 : 0;
  const objective = { activation: 'linear', loss: 'squared', fitIntercept: true, l1, l2 } as const;
  const data = realData(dtype, m, n, objective.loss, new Uniform(seed));
  const learningRate = gentleRate(n);
  const options = { ...objective, optimizer, learningRate, device, dtype };
  const [X, y] = [flat(dtype, data), floats(dtype, data.y)] as const;
  let got: Descent;
  const batches: number[][] = [];
  if (strategy === 'batch') {
    got = await batchGradientDescent(X, y, { ...options, iterations: passes * 4, plan: 'fused' });
    for (let k = 0; k < passes * 4; k += 1) batches.push(Array.from({ length: m }, (_, i) => i));
  } else {
    const size = strategy === 'stochastic' ? 1 : batchSize;
    got =
      strategy === 'stochastic'
        ? await stochasticGradientDescent(X, y, { ...options, epochs: passes, seed })
        : await miniBatchGradientDescent(X, y, { ...options, epochs: passes, seed, batchSize });
    const draw = new (addon().IndexStream)(seed);
    for (let epoch = 0; epoch < passes; epoch += 1)
      for (const rows of batchesOfEpoch(draw, m, size)) batches.push(Array.from(rows));
  }
  const { theta, intercept } = descend(optimizer, objective, data, learningRate, batches);
  const right = [...theta, intercept];
  const bound = tolerances[dtype] * Math.max(learningRate, ...right.map(Math.abs));
  return firstOutOfBounds('theta', [...got.theta, got.intercept], right, () => bound);
}
