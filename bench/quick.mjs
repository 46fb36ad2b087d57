/**
 * The main ratios now, beside those of the last recorded run on this machine: `npm run bench:quick`. Under a minute; no
 * verdict, as a busy machine moves them too.
 */
import { quickCases } from './cases.mjs';
import { recorded } from './harness/results.mjs';
import { runCases } from './harness/run.mjs';
import { figureKey, label, quantity } from './harness/table.mjs';

const settings = {
  dtype: 'float32',
  device: 'cpu',
  mebibytes: 128,
  python: '/usr/bin/python3',
  rounds: 3,
  secondsPerTurn: 0.1,
  print: () => undefined,
};

function* figures({ results }) {
  for (const result of results) {
    for (const ratio of result.ratios) {
      yield { key: figureKey(result, ratio), text: `${result.what}, ${result.title}`, ratio };
    }
  }
}

const before = await recorded(settings.dtype);
const then = new Map(
  before === undefined ? [] : Array.from(figures(before), (one) => [one.key, one.ratio.figure]),
);
const now = await runCases(quickCases, settings);

const rows = Array.from(figures(now), ({ key, text, ratio }) => {
  const old = then.get(key);
  const change = old === undefined ? '' : `${((ratio.figure / old - 1) * 100).toFixed(0)} %`;
  const cells = [quantity(ratio, ratio.figure), old === undefined ? '' : quantity(ratio, old), change];
  return [text, label(ratio), ...cells];
});
const head = ['', '', 'now', 'recorded', 'change'];
const widths = head.map((title, index) => Math.max(title.length, ...rows.map((row) => row[index].length)));
for (const row of [head, ...rows]) {
  const cells = row.map((cell, index) =>
    index < 2 ? cell.padEnd(widths[index]) : cell.padStart(widths[index]),
  );
  console.log(cells.join('  ').trimEnd());
}
console.log(
  before === undefined
    ? '\nNothing is recorded for this machine yet: npm run bench:record'
    : `\nRecorded ${before.machine.date.slice(0, 10)} at ${before.machine.commit}, load before ${before.machine.loadBefore.toFixed(1)}; now ${now.machine.loadBefore.toFixed(1)}`,
);
