import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { root } from '../../scripts/tools.mjs';
import { timed } from '../harness/program.mjs';
import { oneByOne, race } from '../harness/race.mjs';

const main = path.join(root, 'dist', 'cli', 'main.js');
const cities = ['Rome', 'Oslo', 'Paris', 'Lima', 'Quito', 'Kyoto'];

/** Whole processes from a file to a model, those of thalweg beside those of others. */
export async function measure(one, context) {
  const folder = await mkdtemp(path.join(tmpdir(), 'thalweg-tables-'));
  try {
    return one.columns === undefined
      ? [await beside(one, await fileOf(one, folder), context)]
      : [await growing(one, folder, context)];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function beside(one, table, context) {
  context.say(`${one.id}: ${table.title}…`);
  const ours = await fit(table, context);
  const contenders = [{ name: 'thalweg', run: oneByOne(async () => (await fit(table, context)).seconds) }];
  let difference;
  for (const { id, peer } of await context.peers.get(one.peers)) {
    const ask = () => peer.ask({ do: 'fit', ...table });
    const { rows, score } = await ask();
    if (score !== undefined) {
      difference = Math.abs(score - ours.score.train);
      if (rows !== ours.rows || !(difference < 1e-6))
        throw new Error(`${id} has R² ${score} on ${rows} rows, thalweg ${ours.score.train} on ${ours.rows}`);
    }
    contenders.push({ name: id, run: oneByOne(async () => (await ask()).seconds) });
  }
  return { title: table.title, rows: ours.rows, contenders: await race(contenders, context), difference };
}

async function fit({ file, target, features }, { device = 'cpu' }) {
  const chosen = features === undefined ? [] : ['--features', features.join(',')];
  return await timed('thalweg', process.execPath, [
    main,
    ...['fit', file, '--target', target, ...chosen, '--device', device, '--json'],
  ]);
}

/** By how much more twice as many columns take than twice as long. */
async function growing(one, folder, context) {
  const contenders = [];
  for (const columns of one.columns) {
    context.say(`${one.id}: ${columns} columns…`);
    const table = await wide(folder, columns, one.rows);
    contenders.push({
      name: `${columns} columns`,
      run: oneByOne(async () => (await fit(table, context)).seconds),
    });
  }
  const measured = await race(contenders, context);
  const [fewer, more] = one.columns.slice(-2).map((columns) => measured[`${columns} columns`].seconds);
  const [few, many] = one.columns.slice(-2);
  return {
    title: `${one.rows} rows of ${one.columns.join(', ')} columns`,
    contenders: measured,
    values: { columnsGrowth: more / fewer / (many / few) },
  };
}

async function fileOf({ parquet, rows, target = 'y', features }, folder) {
  if (parquet !== undefined) {
    const file = path.join(root, 'node_modules', 'vega-datasets', 'data', parquet);
    return { title: parquet, file, target, features };
  }
  const random = randomNumbers();
  const file = path.join(folder, 'rows.csv');
  await write(file, 'a,b,c,d,e,f,g,city,y', rows, (row) => {
    const values = Array.from({ length: 7 }, () => random() * 100);
    const y = 2 * values[0] - values[1] + (row % 6) + random();
    return [...values.map((value) => value.toFixed(3)), cities[row % 6], y.toFixed(3)];
  });
  return { title: `${rows} rows of 9 columns as CSV`, file, target };
}

async function wide(folder, columns, rows) {
  const random = randomNumbers();
  const file = path.join(folder, `${columns}.csv`);
  const names = Array.from({ length: columns }, (_, index) => `x${index}`);
  await write(file, [...names, 'y'].join(','), rows, () =>
    Array.from({ length: columns + 1 }, () => (random() * 100).toFixed(2)),
  );
  return { file, target: 'y' };
}

async function write(file, head, rows, cells) {
  const stream = createWriteStream(file);
  stream.write(`${head}\n`);
  for (let row = 0; row < rows; row += 1) {
    const text = `${cells(row).join(',')}\n`;
    if (!stream.write(text)) await new Promise((resolve) => stream.once('drain', resolve));
  }
  stream.end();
  await finished(stream);
}

/** The same everywhere: Marsaglia's xorshift. */
function randomNumbers() {
  let state = 2463534242;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
