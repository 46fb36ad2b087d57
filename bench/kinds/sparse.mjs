import { readFile } from 'node:fs/promises';
import { descend } from '../harness/ours.mjs';
import { oneByOne, race, sameTheta } from '../harness/race.mjs';
import { gradientShare } from './optimum.mjs';
import { byShape } from './on-device.mjs';

const iterations = 5;
const learningRate = 0.1;
/** Of a mean loss: with it there is one optimum, however many columns. */
const l2 = 1e-4;
/** Epochs go through the rows in orders of their own. */
const largestDifference = { pass: 1e-3, epoch: 0.5, optimum: 0.05 };

/**
 * Rows of mostly zeros: a batch iteration against SciPy's two products, or a logistic fit against scikit-learn: an epoch of steps over single rows, or
 * to the optimum.
 */
export const measure = byShape(measureShape);

const logistic = { activation: 'sigmoid', loss: 'log', l2, fitIntercept: false };

/** What thalweg does of each work, so many times. */
const descents = {
  pass: (data, count) => descend(data, 'batch', { learningRate, plan: 'fused', iterations: count }),
  epoch: (data, count) =>
    descend(data, 'stochastic', { ...logistic, learningRate, epochs: count, seed: 1, sampling: 'shuffle' }),
  optimum: (data) => descend(data, 'batch', { ...logistic, optimizer: 'lbfgs', iterations: 10_000 }),
};

async function measureShape(one, shape, device, context) {
  const { rows, columns, each } = shape;
  context.say(`${one.id}: ${rows}×${columns}, ${each} a row…`);
  const files = await context.data.sparse(shape);
  const peers = await context.peers.get(one.peers);
  const X = await device.matrix({
    data: await values(files.data, Float32Array),
    indices: await values(files.indices, Int32Array),
    indptr: await values(files.indptr, Int32Array),
    shape: [rows, columns],
  });
  const y = await device.matrix({ data: await values(files.y, Float32Array), shape: [rows, 1] });
  const isOptimum = one.work === 'optimum';
  const run = descents[one.work];
  try {
    const { theta } = await run({ X, y }, iterations);
    const seconds = async (count) => (await run({ X, y }, count)).seconds;
    const contenders = [{ name: 'thalweg', run: isOptimum ? oneByOne(seconds) : seconds }];
    let difference = 0;
    for (const { id, peer } of peers) {
      await peer.ask({ do: 'load', ...files });
      const ask = async (count) =>
        await peer.ask({
          do: one.work,
          solver: id,
          learningRate,
          iterations: count,
          l2,
          tolerance: gradientShare,
        });
      const found = (await ask(iterations)).theta;
      difference = Math.max(difference, sameTheta(id, found, 'thalweg', theta, largestDifference[one.work]));
      const theirs = async (count) => (await ask(count)).seconds;
      contenders.push({ name: id, run: isOptimum ? oneByOne(theirs) : theirs });
    }
    const measured = await race(
      contenders,
      isOptimum ? { ...context, rounds: Math.min(context.rounds, 3) } : context,
    );
    const bytes = files.entries * 8;
    if (one.work === 'pass')
      for (const found of Object.values(measured)) found.gigabytesPerSecond = bytes / found.seconds / 1e9;
    return {
      title: `${columns} columns, ${each} a row`,
      device: device.id,
      rows,
      columns,
      dtype: 'float32',
      bytes,
      contenders: measured,
      difference,
    };
  } finally {
    X.dispose();
    y.dispose();
  }
}

async function values(file, Values) {
  const { buffer, byteOffset, byteLength } = await readFile(file);
  return new Values(buffer.slice(byteOffset, byteOffset + byteLength));
}
