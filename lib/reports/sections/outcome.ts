import { type OneClass, MOST_CURVES, calibrationChart, rocChart } from '../charts/classes';
import { residualChart } from '../charts/residuals';
import type { Outcome, ReportData } from '../data';
import { type Html, figure, markup, table } from '../html';
import { count, plain } from '../numbers';

/** A matrix of more classes is no table that anyone reads. */
const MOST_CLASSES = 20;

/** How well a model meets some rows: its figures, and what it got wrong. */
export async function outcomeSection(
  heading: string,
  outcome: Outcome,
  { activation, classes }: ReportData,
): Promise<Html> {
  const figures = outcome.figures.map(
    ([name, value]) => markup`<li><span class="faint">${name}</span><strong>${value}</strong></li>`,
  );
  const isClasses = classes !== undefined && (activation === 'sigmoid' || activation === 'softmax');
  const details = isClasses ? await ofClasses(outcome, classes) : await ofValues(outcome);
  return markup`<section>
    <h2>${heading}</h2>
    <ul class="figures">
      ${figures}
    </ul>
    ${details}
  </section>`;
}

async function ofValues(outcome: Outcome): Promise<Html> {
  const rows = outcome.y.length;
  if (rows === 0) return markup``;
  const { chart, shown } = await residualChart(outcome);
  const some =
    shown === rows ? `all ${count(rows)} rows` : `${count(shown)} of ${count(rows)} rows, at equal distances`;
  return figure(
    chart,
    `What is left of the target when the prediction is taken off: ${some}. A pattern here is something that the model misses.`,
  );
}

async function ofClasses(outcome: Outcome, classes: readonly string[]): Promise<Html> {
  if (outcome.y.length === 0) return markup``;
  const found = oneByOne(outcome, classes);
  const both = found.filter(({ y }) => y.includes(1) && y.includes(0));
  return markup`${confusionTable(outcome, classes)}${await curvesOf(both)}`;
}

/** How well classes are told apart, and how far probabilities can be trusted. */
async function curvesOf(classes: readonly OneClass[]): Promise<Html> {
  if (classes.length === 0)
    return markup`<p>All rows are of one class here: there is nothing to tell apart.</p>`;
  const drawn = classes.slice(0, MOST_CURVES);
  const left = classes.length - drawn.length;
  const more = left === 0 ? '' : ` ${count(left)} more classes are not drawn.`;
  const roc = figure(await rocChart(drawn), `ROC: the nearer to the upper left corner, the better.${more}`);
  const calibration = figure(
    await calibrationChart(drawn),
    `Calibration: on the diagonal, probabilities are as often right as they say.${more}`,
  );
  return markup`<div class="pair">${roc}${calibration}</div>`;
}

/** Each class beside all others; of two the second alone. */
function oneByOne({ y, outputs, weights }: Outcome, classes: readonly string[]): OneClass[] {
  const width = outputs.length / y.length;
  if (width === 1) return [{ name: classes[1] ?? '1', y, probabilities: outputs, weights }];
  return classes.map((name, k) => ({
    name,
    y: y.map((label) => (label === k ? 1 : 0)),
    probabilities: y.map((_, row) => outputs[row * width + k] ?? NaN),
    weights,
  }));
}

function confusionTable({ confusion }: Outcome, classes: readonly string[]): Html {
  const count = classes.length;
  if (count > MOST_CLASSES) return markup`<p>A confusion matrix of ${count} classes is not shown here.</p>`;
  const rows = classes.map((name, i) => {
    const cells = confusion?.subarray(i * count, (i + 1) * count) ?? [];
    return [name, ...Array.from(cells, (cell) => plain(cell))];
  });
  return table('Confusion matrix: rows are what is, columns what was predicted', ['is', ...classes], rows);
}
