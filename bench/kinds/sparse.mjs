import { readFile } from 'node:fs/promises';
import { descend, ownReads } from '../harness/ours.mjs';
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
 * to the optimum. Peers have columns of codes as CSR.
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

const solvers = { scipy: 'lbfgs', 'scipy-saga': 'saga' };

async function measureShape(one, shape, device, context) {
  const { work } = one;
  const { rows, columns } = shape;
  const files = await context.data.sparse(shape);
  const each = Math.round(files.entries / rows);
  const title = `${columns} columns, ${each} a row`;
  context.say(`${one.id}: ${rows}×${columns}, ${each} a row…`);
  const peers = await context.peers.get(one.peers);
  const X = await device.matrix(await rowsOf(files));
  const y = await device.matrix({ data: await values(files.y, Float32Array), shape: [rows, 1] });
  const isOptimum = work === 'optimum';
  const bytes = bytesOf(files);
  const run = (count) => descents[work]({ X, y }, count);
  const reads = one.reads ? await readsOf(device, bytes) : undefined;
  try {
    const { theta } = await run(iterations);
    const seconds = async (count) => (await run(count)).seconds;
    const contenders = [{ name: 'thalweg', run: isOptimum ? oneByOne(seconds) : seconds }];
    if (reads !== undefined) contenders.push({ name: 'read', run: reads.run });
    let difference = 0;
    for (const { id, peer } of peers) {
      if (id === 'read') {
        contenders.push({ name: id, run: await peerReads(peer, files) });
        continue;
      }
      await peer.ask({ do: 'load', ...files });
      const solver = solvers[id] ?? id;
      const settings = { solver, learningRate, l2, tolerance: gradientShare };
      const ask = async (count) => await peer.ask({ do: work, ...settings, iterations: count });
      const found = (await ask(iterations)).theta;
      difference = Math.max(difference, sameTheta(id, found, 'thalweg', theta, largestDifference[work]));
      const theirs = async (count) => (await ask(count)).seconds;
      contenders.push({ name: id, run: isOptimum ? oneByOne(theirs) : theirs });
    }
    const measured = await race(
      contenders,
      isOptimum ? { ...context, rounds: Math.min(context.rounds, 3) } : context,
    );
    if (work === 'pass') {
      // Of the rows as thalweg holds them; SciPy has those of codes as more.
      measured.thalweg.gigabytesPerSecond = bytes / measured.thalweg.seconds / 1e9;
      const ofRead = reads === undefined ? bytesOfValues(files) : bytes;
      if (measured.read) measured.read.gigabytesPerSecond = ofRead / measured.read.seconds / 1e9;
    }
    return {
      ...{ title, device: device.id, rows, columns, dtype: 'float32' },
      ...{ bytes, contenders: measured, difference },
    };
  } finally {
    X.dispose();
    y.dispose();
    reads?.dispose();
  }
}

async function values(file, Values) {
  const { buffer, byteOffset, byteLength } = await readFile(file);
  return new Values(buffer.slice(byteOffset, byteOffset + byteLength));
}

/** X as it is given to thalweg: CSR, or numbers beside columns of codes. */
async function rowsOf(files) {
  const { rows, columns, numbers, levels } = files;
  const data = await values(files.data, Float32Array);
  const indices = await values(files.indices, Int32Array);
  if (levels === undefined)
    return { data, indices, indptr: await values(files.indptr, Int32Array), shape: [rows, columns] };
  // Each row has the numbers, and then an entry of each column of codes.
  const held = numbers + levels.length;
  const dense = Float32Array.from({ length: rows * numbers }, (_, at) => {
    const row = Math.floor(at / numbers);
    return data[row * held + (at - row * numbers)];
  });
  let first = numbers;
  const categories = levels.map((count, c) => {
    const codes = Uint32Array.from({ length: rows }, (_, row) => indices[row * held + numbers + c] - first);
    first += count;
    return { codes, levels: count };
  });
  return { dense: { data: dense, shape: [rows, numbers] }, categories };
}

/** What a pass has to read: of CSR a value and a column an entry and where rows end, of codes as few bytes as they take; and y. */
function bytesOf({ rows, entries, numbers, levels }) {
  if (levels === undefined) return 8 * entries + 4 * (rows + 1) + 4 * rows;
  const ofCodes = levels.map((count) => (count <= 2 ** 8 ? 1 : count <= 2 ** 16 ? 2 : 4));
  return rows * (4 * numbers + ofCodes.reduce((sum, bytes) => sum + bytes, 0) + 4);
}

const bytesOfValues = ({ entries }) => 4 * entries;

/** Reads of the values of the entries, which tell how fast the memory is. */
async function peerReads(peer, files) {
  await peer.ask({ do: 'load', X: files.data, rows: files.entries, columns: 1, dtype: 'float32' });
  return async (count) => (await peer.ask({ do: 'descend', iterations: count })).seconds;
}

/** Reads by the device of a dense matrix of so many bytes: of sparse columns it has none. */
async function readsOf(device, bytes) {
  const columns = 64;
  const rows = Math.ceil(bytes / 4 / columns);
  const X = await device.matrix({ data: new Float32Array(rows * columns), shape: [rows, columns] });
  return { run: ownReads({ X }), dispose: () => X.dispose() };
}
