import { ThalwegError } from '../base/errors';
import type { LayerParameters } from '../base/data-types';
import type { RowSource } from './rows';

/**
 * Refuses weights that float64 cannot hold for raw features, as where the features are tiny beside y.
 *
 * @param raw the rows that they are for
 * @throws ThalwegError ERR_NOT_FINITE with the column
 */
export function refuseOverflow({ theta, intercepts }: LayerParameters, raw: RowSource): void {
  const at = theta.findIndex((weight) => !Number.isFinite(weight));
  if (at < 0 && intercepts.every(Number.isFinite)) return;
  const column = Math.floor(at / intercepts.length);
  const what = column < 0 ? 'the intercept' : `the weight of ${raw.nameOf?.(column) ?? `column ${column}`}`;
  throw new ThalwegError(
    'ERR_NOT_FINITE',
    `${what} is too large for float64: the features are too small beside the target. ` +
      'Bring both nearer to 1, as by another unit.',
    column < 0 ? {} : { column },
  );
}
