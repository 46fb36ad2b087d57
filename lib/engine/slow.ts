import { slowness } from '../rows/conditioning';
import { Moments } from '../rows/moments';
import type { Floats, RowSource } from '../rows/rows';
import type { Task } from './task';

const code = 'THALWEG_SLOW_DESCENT';

/** So much of a block is looked at: an answer within a millisecond. */
const mostValues = 1 << 15;

let warned = false;

/**
 * Warns, once a process, where 'auto' has found a rate at which X as it is cannot be learned in the steps there are. The
 * first rows tell.
 */
export async function warnIfSlow(
  X: RowSource,
  { objective, method }: Pick<Task, 'objective' | 'method'>,
): Promise<void> {
  if (warned) return;
  const moments = new Moments(X.columns);
  for await (const block of X.blocks() as AsyncIterable<Floats>) {
    const some = Math.max(1, Math.floor(mostValues / X.columns)) * X.columns;
    moments.add(block.subarray(0, some));
    break;
  }
  const { strategy, passes, batchSize } = method;
  const stepsAPass = strategy === 'batch' ? 1 : X.rows / (strategy === 'stochastic' ? 1 : batchSize);
  const columns = Array.from({ length: X.columns }, (_, j) => moments.moment(j));
  const why = slowness(
    columns,
    objective.fitIntercept,
    Math.ceil(passes * stepsAPass),
    (j) => `column ${j} of X`,
  );
  if (why === undefined) return;
  warned = true;
  process.emitWarning(`${why}. Scale the features, as with standardize in Neuron.fit.`, { code });
}
