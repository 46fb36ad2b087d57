import { performance } from 'node:perf_hooks';
import { crossValidate } from 'thalweg/model-selection';
import { arrayOf, readRows } from '../harness/data.mjs';
import { oneByOne, race } from '../harness/race.mjs';
import { byShape } from './on-device.mjs';

const folds = 5;
/** Penalties of a mean loss. */
const penalties = [1, 0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4, 1e-5];
/** Of accuracy and R²: rows on the border of two classes may be on either side. */
const largestDifference = 1e-3;

const models = {
  logistic: { target: 'bernoulli', activation: 'sigmoid' },
  ridge: { target: 'linear', activation: 'linear' },
};

/** Folds and a grid, with the fit of the best to all rows: arrays in memory to scores, against GridSearchCV on all cores. */
export const measure = byShape(measureShape);

async function measureShape(one, { rows, columns }, device, context) {
  const { dtype } = context;
  const { target, activation } = models[one.model];
  const title = `n = ${columns}, ${folds} folds, ${penalties.length} penalties`;
  context.say(`${one.id}: ${title}, ${rows} rows…`);
  const files = await context.data.files({ rows, columns, dtype, target });
  const X = { data: await values(files.X, { rows, columns, dtype }), shape: [rows, columns] };
  const y = await values(files.y, { rows, columns: 1, dtype });
  const options = { activation, folds, seed: 0, grid: { l2: penalties }, standardize: false, device };
  const ask = async () => {
    const start = performance.now();
    const { candidates } = await crossValidate(X, y, options);
    return { seconds: (performance.now() - start) / 1000, scores: candidates.map((each) => each.meanScore) };
  };
  const { scores } = await ask();
  const contenders = [{ name: 'thalweg', run: oneByOne(async () => (await ask()).seconds) }];
  let difference = 0;
  for (const { id, peer } of await context.peers.get(one.peers)) {
    await peer.ask({ do: 'load', ...files });
    const search = () => peer.ask({ do: 'cross_validation', model: one.model, folds, penalties });
    const theirs = (await search()).scores;
    difference = Math.max(difference, ...theirs.map((score, at) => Math.abs(score - scores[at])));
    if (!(difference <= largestDifference)) throw new Error(`${id} and thalweg disagree by ${difference}`);
    contenders.push({ name: id, run: oneByOne(async () => (await search()).seconds) });
  }
  const measured = await race(contenders, { ...context, rounds: Math.min(context.rounds, 3) });
  return { title, device: device.id, rows, columns, dtype, contenders: measured, difference };
}

async function values(file, shape) {
  const all = new (arrayOf(shape.dtype))(shape.rows * shape.columns);
  let filled = 0;
  for await (const block of readRows(file, shape)) {
    all.set(block, filled);
    filled += block.length;
  }
  return all;
}
