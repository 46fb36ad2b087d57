import { Moments } from './moments';
import type { Floats, Scaling } from './rows';

/**
 * Means and deviations as some rows have them, by powers of two: they keep a device's arithmetic far from its limits, and
 * what they lack is made up for where all rows are known.
 *
 * @param center whether means are taken off
 */
export function roughScaling(block: Floats, columns: number, center: boolean): Scaling {
  const moments = new Moments(columns);
  moments.add(block);
  const found = Array.from({ length: columns }, (_, j) => moments.moment(j));
  const power = (deviation: number): number => {
    const scale = 2 ** Math.round(Math.log2(deviation));
    return Number.isFinite(scale) && scale > 0 ? scale : 1;
  };
  return {
    means: Float64Array.from(found, ({ mean }) => (center && Number.isFinite(mean) ? mean : 0)),
    scales: Float64Array.from(found, ({ deviation }) => power(deviation)),
  };
}
