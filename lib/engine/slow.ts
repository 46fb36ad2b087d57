import { type MatrixLike, Matrix } from '../devices/device';
import { slowness } from '../rows/conditioning';
import { Moments } from '../rows/moments';
import { type Floats, matrixRows } from '../rows/rows';
import type { CheckedOptions } from './task';

const code = 'THALWEG_SLOW_DESCENT';

/** So much of a block is looked at: an answer within a millisecond. */
const mostValues = 1 << 15;

let warned = false;

/**
 * Warns, once a process, where 'auto' has found a rate at which X as it is cannot be learned in the steps there are. The
 * first rows tell; those of a matrix on a device are not read back.
 */
export async function warnIfSlow(X: MatrixLike, options: CheckedOptions): Promise<void> {
  if (warned || options.learningRate !== undefined || X instanceof Matrix) return;
  const rows = matrixRows('X', X);
  const moments = new Moments(rows.columns);
  for await (const block of rows.blocks() as AsyncIterable<Floats>) {
    const some = Math.max(1, Math.floor(mostValues / rows.columns)) * rows.columns;
    moments.add(block.subarray(0, some));
    break;
  }
  const { strategy, passes, batchSize, fitIntercept } = options;
  const stepsAPass = strategy === 'batch' ? 1 : rows.rows / (strategy === 'stochastic' ? 1 : batchSize);
  const columns = Array.from({ length: rows.columns }, (_, j) => moments.moment(j));
  const why = slowness(columns, fitIntercept, Math.ceil(passes * stepsAPass), (j) => `column ${j} of X`);
  if (why === undefined) return;
  warned = true;
  process.emitWarning(`${why}. Scale the features, as with standardize in Neuron.fit.`, { code });
}
