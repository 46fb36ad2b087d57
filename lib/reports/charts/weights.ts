import type { Weights } from '../data';
import type { Html } from '../html';
import { type Chart, picture } from './chart';

/** The most that a picture has room for; the table has all. */
export const SHOWN_WEIGHTS = 25;

/** The largest of a column's weights of all outputs. */
function size({ perDeviation }: Weights['columns'][number]): number {
  return perDeviation.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
}

/** Columns from the one of the largest weight a standard deviation on. */
export function bySize(columns: Weights['columns']): Weights['columns'] {
  return [...columns].sort((a, b) => size(b) - size(a));
}

/** What a standard deviation of each column does, of the largest. */
export async function weightsChart({ columns, outputs }: Weights): Promise<Html> {
  const shown = bySize(columns).slice(0, SHOWN_WEIGHTS);
  // By number: two columns might have one name in a picture.
  const values = shown.flatMap(({ perDeviation, name }, row) =>
    perDeviation.map((weight, k) => ({ row, name, weight, output: outputs[k] ?? '' })),
  );
  const several = outputs.length > 1;
  const names = shown.map(({ name }) => name);
  const chart: Chart = {
    height: { step: several ? 10 + 6 * outputs.length : 20 },
    // As a value: in an expression Vega takes names such as "constructor" for variables.
    params: [{ name: 'names', value: names }],
    data: { values },
    mark: { type: 'bar', cornerRadiusEnd: 2 },
    encoding: {
      y: {
        field: 'row',
        type: 'ordinal',
        title: null,
        axis: { labelExpr: 'names[datum.value]', ticks: false, domain: false },
      },
      x: { field: 'weight', type: 'quantitative', title: 'weight of one standard deviation' },
      ...(several
        ? {
            yOffset: { field: 'output', type: 'nominal', sort: null },
            color: { field: 'output', type: 'nominal', sort: null },
          }
        : { color: { value: 'var(--series-1)' } }),
    },
  };
  return await picture(
    chart,
    `The weights of ${shown.length} columns, each times its standard deviation: ${names.slice(0, 3).join(', ')} first`,
  );
}
