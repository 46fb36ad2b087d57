import { type Descent, isFlat } from '../engine/descent';
import type { Task } from '../engine/task';
import { hasLearningRate } from '../method/optimizers';

const kinks: readonly string[] = ['absolute', 'hinge'];

/**
 * Why a descent that was to end at the optimum has not, and what to change; undefined where it has, or where what it did
 * was what it was told: so many steps, and no word of where they lead.
 *
 * @param option how options are written
 */
export function whyNotConverged(
  descent: Descent,
  { objective, method, ranks, validation }: Pick<Task, 'objective' | 'method' | 'ranks' | 'validation'>,
  option: (name: string) => string,
): string | undefined {
  const { converged, stopped, iterations, seconds, dtype } = descent;
  if (converged) return undefined;
  if (isFlat(descent, objective.activation))
    return `with weights of 0 each output of relu is 0, and so is its slope: begin elsewhere, with ${option('initialTheta')} or ${option('initialIntercept')}`;
  const toOptimum = !hasLearningRate(method.optimizer);
  const passes = method.strategy === 'batch' ? 'iterations' : 'epochs';
  if (stopped === 'early') {
    // The clock is that of the first rank: others may stand short of it. Rows to validate with end a descent where they are told to.
    const isByTime =
      method.maxSeconds !== undefined &&
      (seconds >= method.maxSeconds || (ranks !== undefined && validation === undefined));
    if (!isByTime) return undefined;
    return `it was ended after ${method.maxSeconds} seconds: raise ${option('maxSeconds')}`;
  }
  if (!toOptimum && method.tolerance === undefined) return undefined;
  if (!toOptimum || iterations >= method.passes)
    return `it took its limit of ${method.passes} ${passes}: raise ${option(passes)}`;
  if (objective.activation === 'relu')
    return `no lower loss was found from where relu has a kink: ${option('activation')} 'softplus' has none`;
  if (kinks.includes(objective.loss))
    return `no lower loss was found from where the loss has a kink: ${option('loss')} 'huber' or 'log' has none`;
  if (method.mostPasses !== undefined && iterations * 2 >= method.mostPasses)
    return `it took its limit of ${method.mostPasses} passes over the rows: raise ${option('iterations')}`;
  return dtype === 'float32'
    ? `no lower loss can be told in float32: take dtype 'float64', scale the features, or raise ${option('l2')}`
    : `no lower loss can be told in float64: scale the features, or raise ${option('l2')}`;
}
