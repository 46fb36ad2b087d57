import { calibrationCurve, rocCurve } from '../../metrics/curves';
import type { Html } from '../html';
import { type Chart, picture } from './chart';

/** One class beside all others. */
export interface OneClass {
  readonly name: string;
  /** 1 for rows of the class, 0 for others. */
  readonly y: Float64Array;
  /** The probability of the class of each row. */
  readonly probabilities: Float64Array;
  readonly weights: Float64Array | undefined;
}

/** More curves would hide each other. */
export const MOST_CURVES = 6;

/** More corners are no finer picture. */
const MOST_CORNERS = 400;
/** Of probabilities, at most; and rows that one should have to say much. */
const MOST_BINS = 10;
const ROWS_A_BIN = 25;

const diagonal: Chart = {
  data: {
    values: [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ],
  },
  mark: { type: 'line', color: 'var(--ink)', strokeDash: [4, 4], strokeWidth: 1 },
  encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } },
};

const square = { width: 320, height: 320 } as const;

function share(field: string, title: string): object {
  return { field, type: 'quantitative', title, scale: { domain: [0, 1] }, axis: { format: '.0%' } };
}

function weightsOf({ weights }: OneClass): { sampleWeight?: Float64Array } {
  return weights === undefined ? {} : { sampleWeight: weights };
}

/** Of each class how many of its rows are found, by how many others are taken for it. */
export async function rocChart(classes: readonly OneClass[]): Promise<Html> {
  const values = classes.flatMap((one) => {
    const { fpr, tpr } = rocCurve(one.y, one.probabilities, { ...weightsOf(one), positive: 1 });
    const stride = Math.max(1, Math.ceil(fpr.length / MOST_CORNERS));
    return Array.from(fpr, (others, at) => ({ others, found: tpr[at], name: one.name, at })).filter(
      (_, at) => at % stride === 0 || at === fpr.length - 1,
    );
  });
  const chart: Chart = {
    ...square,
    layer: [
      diagonal as never,
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 2 },
        encoding: {
          x: share('others', 'share of other rows taken for it') as never,
          y: share('found', 'share of its rows found') as never,
          order: { field: 'at', type: 'quantitative' },
          ...coloured(classes),
        },
      },
    ],
  };
  return await picture(
    chart,
    `Receiver operating characteristic of ${namesOf(classes)}, above the diagonal of chance`,
  );
}

/** Of each class how often it was right to give it a probability. */
export async function calibrationChart(classes: readonly OneClass[]): Promise<Html> {
  const bins = Math.min(MOST_BINS, Math.max(3, Math.round((classes[0]?.y.length ?? 0) / ROWS_A_BIN)));
  const values = classes.flatMap((one) => {
    const { probPred, probTrue, counts } = calibrationCurve(one.y, one.probabilities, {
      ...weightsOf(one),
      ...{ positive: 1, bins },
    });
    return Array.from(probPred, (given, bin) => ({
      ...{ given, came: probTrue[bin], count: counts[bin], name: one.name },
    }));
  });
  const chart: Chart = {
    ...square,
    layer: [
      diagonal as never,
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 2, point: { filled: true, size: 45 } },
        encoding: {
          x: share('given', 'probability given') as never,
          y: share('came', 'share of rows that are of it') as never,
          ...coloured(classes),
        },
      },
    ],
  };
  return await picture(
    chart,
    `Calibration of ${namesOf(classes)}: the share of rows that are of it in ${bins} bins of the probability given`,
  );
}

function coloured(classes: readonly OneClass[]): object {
  if (classes.length === 1) return { color: { value: 'var(--series-1)' } };
  // No `sort`, of which an expression is made: Vega takes names such as "constructor" for variables there.
  return { color: { field: 'name', type: 'nominal', scale: { domain: classes.map(({ name }) => name) } } };
}

function namesOf(classes: readonly OneClass[]): string {
  return classes.map(({ name }) => name).join(', ');
}
