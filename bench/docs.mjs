/**
 * Tables and charts of docs/benchmarks.md and the README from what `npm run bench:record` kept: `npm run bench:docs --
 * [FILE]`, by default of this machine. What stands between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->` is replaced.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as prettier from 'prettier';
import { fail, root } from '../scripts/tools.mjs';
import { growth, shareByColumns } from './docs/charts.mjs';
import {
  deviceTable,
  elsewhereText,
  fastestTable,
  machineText,
  passTable,
  shortTable,
  wholeTable,
} from './docs/tables.mjs';
import { recorded, recordedElsewhere } from './harness/results.mjs';

async function replaceIn(file, parts) {
  const target = path.join(root, file);
  let text = await readFile(target, 'utf8');
  for (const [name, content] of Object.entries(parts)) {
    const [start, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from < 0 || to < from) fail(`${file} has no place ${start} … ${end}`);
    text = `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`;
  }
  const options = await prettier.resolveConfig(target);
  await writeFile(target, await prettier.format(text, { ...options, filepath: target }));
}

const [file] = process.argv.slice(2);
const record =
  file === undefined ? await recorded('float32') : JSON.parse(await readFile(path.resolve(file), 'utf8'));
if (record === undefined) fail('nothing is recorded for this machine: npm run bench:record');
const inFloat64 = file === undefined ? await recorded('float64') : undefined;

const charts = path.join(root, 'docs', 'charts');
await mkdir(charts, { recursive: true });
for (const [name, chart] of Object.entries({ 'share-by-n': shareByColumns, growth })) {
  const text = await chart(record);
  if (text !== undefined) await writeFile(path.join(charts, `${name}.svg`), text);
}
const image = (name, title) => `![${title}](charts/${name}.svg)`;
const machine = machineText(record);
const elsewhere = await recordedElsewhere(record);
await replaceIn('docs/benchmarks.md', {
  machine,
  passes: passTable(record),
  'share-by-n': image('share-by-n', 'The share of the read limit by columns'),
  growth: image('growth', 'The time of a pass against the size of X'),
  table: [elsewhereText(elsewhere), wholeTable(record, elsewhere)].join('\n\n'),
  float64:
    inFloat64 === undefined
      ? 'Nothing is recorded: `npm run bench:record -- --dtype float64`.'
      : [passTable(inFloat64), wholeTable(inFloat64, await recordedElsewhere(inFloat64))].join('\n\n'),
  fastest: fastestTable(record),
  devices: deviceTable(record),
});
await replaceIn('README.md', { table: shortTable(record), machine });
