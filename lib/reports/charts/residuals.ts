import type { Outcome } from '../data';
import type { Html } from '../html';
import { type Chart, picture } from './chart';

/** Points beyond these would hide each other. */
const MOST_POINTS = 800;

/** Which rows are shown: all, or so many at equal distances. */
function shownRows(rows: number): number[] {
  const step = Math.max(1, rows / MOST_POINTS);
  return Array.from({ length: Math.min(rows, MOST_POINTS) }, (_, at) => Math.floor(at * step));
}

/** Targets less predictions, over the predictions. */
export async function residualChart({ y, outputs }: Outcome): Promise<{ chart: Html; shown: number }> {
  const values = shownRows(y.length).map((row) => {
    const prediction = outputs[row] as number;
    return { prediction, residual: (y[row] as number) - prediction };
  });
  const chart: Chart = {
    data: { values },
    layer: [
      {
        mark: { type: 'point', filled: true, opacity: 0.45, size: 22, color: 'var(--series-1)' },
        encoding: {
          x: { field: 'prediction', type: 'quantitative', scale: { zero: false } },
          y: { field: 'residual', type: 'quantitative', title: 'target − prediction' },
        },
      },
      { mark: { type: 'rule', color: 'var(--ink)', strokeDash: [4, 4] }, encoding: { y: { datum: 0 } } },
    ],
  };
  const largest = values.reduce((most, { residual }) => Math.max(most, Math.abs(residual)), 0);
  return {
    chart: await picture(
      chart,
      `Target less prediction of ${values.length} rows over the prediction; at most ${largest.toPrecision(4)} apart`,
    ),
    shown: values.length,
  };
}
