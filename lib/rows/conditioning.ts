import type { Moment } from './moments';

/** Fewer steps than a tenth of this are no reason to speak of slowness. */
const usual = 1e4;

/**
 * Why a descent at a stable rate is slow, as far as means and deviations tell, or undefined where they do not. In the
 * direction of the weight of column j, with an intercept that makes up for its mean, the squared loss bends like
 * deviation²/(1 + mean²); the steepest column sets the rate, and the flattest needs as many steps as it is flatter.
 *
 * @param nameOf how to call column j
 * @param steps how many the descent may take
 */
export function slowness(
  columns: readonly Moment[],
  fitIntercept: boolean,
  steps: number,
  nameOf: (j: number) => string,
): string | undefined {
  let steepest = fitIntercept ? 1 : 0;
  let flattest = { bend: Infinity, column: 0 };
  for (const [column, { mean, deviation }] of columns.entries()) {
    const square = mean ** 2 + deviation ** 2;
    const bend = fitIntercept ? deviation ** 2 / (1 + mean ** 2) : square;
    steepest = Math.max(steepest, square);
    if (bend > 0 && bend < flattest.bend) flattest = { bend, column };
  }
  const needed = steepest / flattest.bend;
  if (!Number.isFinite(needed) || needed < Math.max(usual, 10 * steps)) return undefined;
  const { mean, deviation } = columns[flattest.column] as Moment;
  return (
    `a stable rate is too small for ${nameOf(flattest.column)}, whose mean is ${short(mean)} and standard deviation ` +
    `${short(deviation)}: it needs about ${short(needed)} steps, and the descent takes ${steps} at most`
  );
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
