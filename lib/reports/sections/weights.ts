import { SHOWN_WEIGHTS, bySize, weightsChart } from '../charts/weights';
import type { ReportData } from '../data';
import { type Html, figure, markup, table } from '../html';
import { count, plain } from '../numbers';

const MOST_ROWS = 300;
/** More outputs make a picture of bars that nobody tells apart. */
const MOST_BARS = 6;

/** What was learned: each weight, the largest first. */
export async function weightsSection({ weights }: ReportData): Promise<Html> {
  const { columns, outputs, intercepts } = weights;
  const several = outputs.length > 1;
  const sorted = bySize(columns).slice(0, MOST_ROWS);
  const heads = several
    ? outputs.map((output, k) => output ?? String(k))
    : ['weight', 'per standard deviation'];
  const rows = sorted.map(({ name, weights: own, perDeviation }) => [
    name,
    ...(several ? own : [own[0] ?? NaN, perDeviation[0] ?? NaN]).map(plain),
  ]);
  const intercept = ['(intercept)', ...(several ? intercepts.map(plain) : [plain(intercepts[0] ?? NaN), ''])];
  const shown = Math.min(columns.length, SHOWN_WEIGHTS);
  const chart =
    outputs.length <= MOST_BARS
      ? figure(
          await weightsChart(weights),
          `What one standard deviation of a column does, by which columns compare: the largest ${shown === columns.length ? '' : `${shown} of ${count(columns.length)} `}first.`,
        )
      : undefined;
  return markup`<section>
    <h2>Weights</h2>
    ${chart} ${table('Weights for values as they are', ['column', ...heads], [...rows, intercept])}
    ${columns.length > MOST_ROWS ? markup`<p class="faint">${count(columns.length - MOST_ROWS)} smaller ones are in the model file.</p>` : undefined}
  </section>`;
}
