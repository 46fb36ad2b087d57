import type { ReportData } from './data';
import { Html, markup } from './html';
import { dataSection } from './sections/data';
import { outcomeSection } from './sections/outcome';
import { STYLE } from './sections/style';
import { trainingSection } from './sections/training';
import { weightsSection } from './sections/weights';

export type { FeatureSummary, Outcome, ReportData, RowCounts, TrainingSummary, Weights } from './data';

/**
 * A page that tells a person what was learned: one file that needs nothing else, no network and no script.
 *
 * @throws ThalwegError `ERR_FILE` where what draws pictures is not installed
 */
export async function reportHtml(data: ReportData): Promise<string> {
  const { source, target, train, holdout, training, thalweg, created } = data;
  const outcomes = [
    ...(holdout === undefined ? [] : [await outcomeSection('On rows held out', holdout, data)]),
    await outcomeSection('On rows trained on', train, data),
  ];
  const page = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
        <title>${target} from ${source}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>${target}, learned from ${source}</h1>
          <p class="faint">${modelText(data)}</p>
        </header>
        <main>
          ${training.notConverged === undefined ? undefined : markup`<p class="warning"><strong>Not converged:</strong> ${training.notConverged}.</p>`}
          ${outcomes} ${await weightsSection(data)} ${dataSection(data)} ${await trainingSection(data)}
        </main>
        <footer>thalweg ${thalweg}, ${created}</footer>
      </body>
    </html> `;
  return page.text;
}

function modelText({ activation, classes, features }: ReportData): string {
  const from = `${features.length} ${features.length === 1 ? 'column' : 'columns'}`;
  if (classes === undefined) return `Numbers from ${from}, through ${activation}`;
  return `${classes.length} classes (${classes.slice(0, 10).join(', ')}${classes.length > 10 ? ` and ${classes.length - 10} more` : ''}) from ${from}, through ${activation}`;
}
