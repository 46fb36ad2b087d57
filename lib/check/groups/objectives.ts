import type { Dtype } from '../../base/data-types';
import type { ActivationName } from '../../objective/activations';
import type { LossName } from '../../objective/losses';
import { Uniform, realData, takenPairs } from '../data';
import type { Fault, Group } from '../group';
import { type Pass, parametersFor, passOn, realFault } from '../passes';
import type { Target } from '../target';

interface ObjectiveValues {
  readonly [name: string]: string | number;
  readonly activation: ActivationName;
  readonly loss: LossName;
  readonly l1: number;
  readonly l2: number;
  /** 0 or 1 */
  readonly intercept: number;
  /** About how large |z| gets. */
  readonly reach: number;
  readonly m: number;
  readonly n: number;
  readonly dtype: Dtype;
  readonly seed: number;
}

/** Narrow rows, and rows that work-items share: the objective is compiled into either. */
const widths = [3, 34];

export const objectives: Group<ObjectiveValues> = {
  name: 'objectives',
  what: 'each activation with each loss, penalties and intercept',
  like: {
    ...{ activation: 'sigmoid', loss: 'log', l1: 0, l2: 0, intercept: 1, reach: 2 },
    ...{ m: 257, n: 3, dtype: 'float32', seed: 1 },
  },
  cases: ({ dtypes, quick }) => {
    const rows = quick ? [257] : [1, 64, 257];
    return Promise.resolve(
      dtypes.flatMap((dtype) =>
        takenPairs.flatMap((pair) =>
          widths.flatMap((n) => rows.flatMap((m) => variants(pair, { m, n, dtype, seed: m + n }))),
        ),
      ),
    );
  },
  run: objectiveFault,
};

/** Plain; penalised and without an intercept; far from 0, where functions level off or grow. */
function variants(
  pair: Pick<ObjectiveValues, 'activation' | 'loss'>,
  common: Pick<ObjectiveValues, 'm' | 'n' | 'dtype' | 'seed'>,
): ObjectiveValues[] {
  const bounded = !['exp', 'softplus'].includes(pair.activation);
  return [
    { ...pair, l1: 0, l2: 0, intercept: 1, reach: 2, ...common },
    { ...pair, l1: 0.25, l2: 0.5, intercept: 0, reach: 1, ...common },
    { ...pair, l1: 0, l2: 0, intercept: 1, reach: bounded ? 30 : 6, ...common },
  ];
}

async function objectiveFault({ device }: Target, values: ObjectiveValues): Promise<Fault> {
  const { activation, loss, l1, l2, intercept, reach, m, n, dtype, seed } = values;
  const random = new Uniform(seed);
  const pass: Pass = {
    dtype,
    objective: { activation, loss, fitIntercept: intercept === 1, l1, l2 },
    data: realData(dtype, m, n, loss, random),
    at: parametersFor(dtype, n, (2 * reach) / Math.sqrt(n), random),
  };
  return realFault(pass, await passOn(device, pass));
}
