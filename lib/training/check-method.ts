import { integer, invalid, notNegative, oneOf, positive } from '../base/arguments';
import { ThalwegError } from '../base/errors';
import { lazily } from '../base/lazily';
import type * as Plan from '../engine/plan';
import type { Method } from '../method/method';
import {
  type Optimizer,
  checkOptimizer,
  hasLearningRate,
  isProximal,
  ownLearningRate,
} from '../method/optimizers';
import { type Schedule, checkSchedule } from '../method/schedules';
import type { Strategy } from '../method/strategy';
import type { Objective } from '../objective/objective';
import { type Unchecked, given } from './check-objective';
import { defaultBatchSize, largest32Bit, mostPasses } from './options';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const plans = lazily(() => require('../engine/plan') as typeof Plan);

function checkPlan(
  value: unknown,
  objective: Objective,
  method: Pick<Method, 'strategy' | 'optimizer'>,
): Method['plan'] {
  const plan = given(value, (name) => oneOf('plan', name, ['auto', 'fused', 'gram'] as const)) ?? 'auto';
  if (plan !== 'gram' || plans().gramApplies(objective, method)) return plan;
  const reason = hasLearningRate(method.optimizer)
    ? "plan 'gram' is for batch descents with activation 'linear' and loss 'squared'"
    : "optimizer 'lbfgs' makes passes over X, which plan 'gram' spares";
  throw new ThalwegError('ERR_INVALID_ARGUMENT', `${reason}: leave the plan 'auto'`, { option: 'plan' });
}

function checkRate(option: string, value: unknown, optimizer: Optimizer): number | undefined {
  if (value === 'auto') return ownLearningRate(optimizer);
  if (typeof value === 'number') return positive(option, value);
  const rule =
    option === 'learningRate' ? "a number above 0, 'auto' or a schedule" : "a number above 0 or 'auto'";
  throw invalid(option, rule, value);
}

function checkLearningRate(
  value: unknown,
  optimizer: Optimizer,
): { learningRate: number | undefined; schedule: Schedule | undefined } {
  if (!hasLearningRate(optimizer)) {
    if (value === undefined) return { learningRate: undefined, schedule: undefined };
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `optimizer '${optimizer.name}' finds the length of each step by itself: leave learningRate out`,
      { option: 'learningRate' },
    );
  }
  if (typeof value !== 'object' || value === null)
    return { learningRate: checkRate('learningRate', value, optimizer), schedule: undefined };
  const { initial, schedule } = checkSchedule(value);
  return { learningRate: checkRate('learningRate.initial', initial, optimizer), schedule };
}

function checkOptimizerOf(value: unknown, { l1 }: Objective, strategy: Strategy): Optimizer {
  const optimizer = checkOptimizer(value);
  if (strategy !== 'batch' && !hasLearningRate(optimizer)) {
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `optimizer '${optimizer.name}' is for batch descents, whose gradient is over all rows: use another for ${strategy} steps`,
      { option: 'optimizer' },
    );
  }
  if (l1 === 0 || isProximal(optimizer)) return optimizer;
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `optimizer '${optimizer.name}' has no steps for an l1 penalty: use 'sgd', 'adagrad' or 'lbfgs', or l2`,
    { option: 'optimizer' },
  );
}

/** @internal How to descend. @throws ThalwegError ERR_INVALID_ARGUMENT, naming the option */
export function checkMethod(strategy: Strategy, from: Unchecked, objective: Objective): Method {
  const optimizer = checkOptimizerOf(from['optimizer'], objective, strategy);
  const passes = strategy === 'batch' ? 'iterations' : 'epochs';
  return {
    strategy,
    optimizer,
    ...checkLearningRate(from['learningRate'], optimizer),
    passes: integer(passes, from[passes], 1, mostPasses),
    mostPasses: undefined,
    isDirect: false,
    batchSize:
      given(from['batchSize'], (value) => integer('batchSize', value, 1, largest32Bit)) ?? defaultBatchSize,
    averageEvery: given(from['averageEvery'], (value) => integer('averageEvery', value, 1, largest32Bit)),
    seed: given(from['seed'], (value) => integer('seed', value, 0, largest32Bit)),
    sampling:
      given(from['sampling'], (value) =>
        oneOf('sampling', value, ['with-replacement', 'shuffle'] as const),
      ) ?? 'with-replacement',
    tolerance: given(from['tolerance'], (value) => notNegative('tolerance', value)),
    maxSeconds: given(from['maxSeconds'], (value) => positive('maxSeconds', value)),
    plan: checkPlan(from['plan'], objective, { strategy, optimizer }),
  };
}
