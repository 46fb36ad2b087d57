import type { ReportData } from '../data';
import { type Html, markup, table } from '../html';
import { count } from '../numbers';

/** More columns than so many are no summary. */
const MOST_ROWS = 300;

/** What was learned from: rows, and what each column held. */
export function dataSection({ rows, features, notes }: ReportData): Html {
  const facts = [
    ['rows in the data', count(rows.file)],
    ['trained on', count(rows.trained)],
    ...(rows.validated > 0 ? [['validated with', count(rows.validated)]] : []),
    ...(rows.heldOut > 0 ? [['held out', count(rows.heldOut)]] : []),
    ...(rows.dropped > 0 ? [['dropped', count(rows.dropped)]] : []),
  ];
  const columns = features
    .slice(0, MOST_ROWS)
    .map(({ name, kind, summary, missing }) => [name, kind, summary, missing > 0 ? count(missing) : '']);
  return markup`<section>
    <h2>Data</h2>
    ${table('Rows of the data', ['rows', 'count'], facts)}
    ${
      notes.length === 0
        ? undefined
        : markup`<h3>Notes</h3>
            <ul>
              ${notes.map((note) => markup`<li>${note}</li>`)}
            </ul>`
    }
    ${table('Columns that were learned from', ['column', 'kind', 'values', 'missing'], columns)}
    ${left(features.length)}
  </section>`;
}

function left(columns: number): Html | undefined {
  return columns > MOST_ROWS
    ? markup`<p class="faint">${count(columns - MOST_ROWS)} more columns.</p>`
    : undefined;
}
