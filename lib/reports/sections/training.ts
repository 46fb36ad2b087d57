import { lossChart } from '../charts/loss';
import type { ReportData } from '../data';
import { type Html, figure, markup, table } from '../html';

/** How it was trained, where, and what repeats it. */
export async function trainingSection({ training, command }: ReportData): Promise<Html> {
  const chart = await lossChart(training);
  return markup`<section>
    <h2>Training</h2>
    ${chart === undefined ? undefined : figure(chart, 'The loss on the way down, penalties included.')}
    ${table('How it was trained', ['what', 'was'], training.facts)}
    <h3>Again</h3>
    <pre tabindex="0"><code>${command}</code></pre>
  </section>`;
}
