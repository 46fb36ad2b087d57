import type { TrainingSummary } from '../data';
import type { Html } from '../html';
import { type Chart, picture } from './chart';

/** More points than so many are no finer picture. */
const MOST_POINTS = 500;

interface Point {
  readonly step: number;
  readonly loss: number;
  readonly of: string;
}

/** The loss on the way, and that of the rows it was validated with; undefined where there is a single one. */
export async function lossChart({
  loss,
  validationLoss = [],
  unit,
}: TrainingSummary): Promise<Html | undefined> {
  const values = [
    ...points(loss, unit === 'epochs' ? 1 : 0, validationLoss.length > 0 ? 'rows learned from' : 'loss'),
    ...points(validationLoss, 1, 'rows to validate with'),
  ];
  if (loss.length < 3) return undefined;
  const isPositive = values.every(({ loss: value }) => value > 0);
  const chart: Chart = {
    data: { values },
    mark: { type: 'line', strokeWidth: 2 },
    encoding: {
      x: { field: 'step', type: 'quantitative', title: unit, axis: { tickMinStep: 1 } },
      y: {
        field: 'loss',
        type: 'quantitative',
        title: isPositive ? 'loss (logarithmic)' : 'loss',
        scale: isPositive ? { type: 'log' } : { zero: false },
      },
      ...(validationLoss.length > 0 ? { color: { field: 'of', type: 'nominal' } } : {}),
    },
  };
  const [first, last] = [loss[0] ?? NaN, loss[loss.length - 1] ?? NaN];
  return await picture(
    chart,
    `The loss over ${loss.length} ${unit}: ${first.toPrecision(4)} at first, ${last.toPrecision(4)} in the end`,
  );
}

/**
 * Of many points those at equal distances, and the last.
 *
 * @param first after how many steps the first one was measured
 */
function points(losses: ArrayLike<number>, first: number, of: string): Point[] {
  const stride = Math.max(1, Math.ceil(losses.length / MOST_POINTS));
  return Array.from(losses, (loss, at) => ({ step: at + first, loss, of })).filter(
    ({ loss }, at) => Number.isFinite(loss) && (at % stride === 0 || at === losses.length - 1),
  );
}
