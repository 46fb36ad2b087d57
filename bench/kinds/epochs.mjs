import { bytesOf } from '../harness/data.mjs';
import { descend, resident } from '../harness/ours.mjs';
import { race, sameTheta } from '../harness/race.mjs';
import { onDevice } from './on-device.mjs';
import { batchRate, stochasticRate } from './rates.mjs';

const seed = 7;
const rowsChecked = 5000;
const largestStepsOfALoop = 20_000;
// Another order of rows, and an epoch that has almost arrived: θ is near the same point, not at the same bits.
const nearEnough = { linear: 0.02, sigmoid: 0.3 };
const largestDifference = { float32: 1e-3, float64: 1e-9 };

/** Epochs of stochastic and mini-batch descent, against the same seeded order of rows where a peer takes one. */
export const measure = onDevice(
  ({ shapes, batchSizes = [undefined] }, { dtype }) =>
    shapes.flatMap((shape) => batchSizes.map((batchSize) => ({ shape: { ...shape, dtype }, batchSize }))),
  measureShape,
);

const rateOfOptimizers = 0.01;

/** The rate, and what both sides are told. */
function settings(one, { columns }, batchSize) {
  if (one.optimizer !== undefined)
    return { learningRate: rateOfOptimizers, seed, batchSize, optimizer: one.optimizer };
  if (batchSize === undefined) return { learningRate: stochasticRate(columns), seed };
  return { learningRate: batchRate(batchSize, columns), seed, batchSize };
}

async function measureShape(one, { shape, batchSize }, device, context) {
  const { rows, columns, dtype } = shape;
  const title = `n = ${columns}` + (batchSize === undefined ? '' : `, batches of ${batchSize}`);
  context.say(`${one.id}: ${title}, ${rows} rows…`);
  const logistic = one.activation === 'sigmoid';
  const objective = logistic ? { activation: 'sigmoid', loss: 'log' } : {};
  const target = logistic ? 'labels' : 'linear';
  const common = settings(one, shape, batchSize);
  const run = (data) => (epochs) => descend(data, one.kind, { ...common, ...objective, epochs });
  const peers = await context.peers.get(one.peers);
  const files = await context.data.files({ ...shape, target });
  const ask = (peer, steps) => peer.ask({ do: one.kind, ...common, activation: one.activation, steps });

  const difference = await checkSteps(peers, { ...shape, target }, run, ask, device, context);
  const ours = await resident(device, files);
  try {
    const epoch = run(ours);
    await checkArrival(peers, files, epoch, ask, one);
    const contenders = [{ name: 'thalweg', run: async (count) => (await epoch(count)).seconds }];
    if (one.optimizer !== undefined) {
      const plain = { ...common, ...objective, optimizer: 'sgd' };
      const run = async (epochs) => (await descend(ours, one.kind, { ...plain, epochs })).seconds;
      contenders.push({ name: 'plain', run });
    }
    for (const { id, peer } of peers) contenders.push(peerEpoch(id, peer, ask, rows, batchSize));
    const measured = await race(contenders, context);
    const bytes = rows * columns * bytesOf(dtype);
    for (const result of Object.values(measured)) {
      result.nanosecondsPerStep = (result.seconds / Math.ceil(rows / (batchSize ?? 1))) * 1e9;
      result.gigabytesPerSecond = bytes / result.seconds / 1e9;
    }
    const values = { gigabytesPerSecond: measured.thalweg.gigabytesPerSecond };
    return { title, device: device.id, ...shape, batchSize, bytes, contenders: measured, values, difference };
  } finally {
    ours.dispose();
  }
}

/** A loop that takes long is timed on its first steps and scaled to the epoch. */
function peerEpoch(id, peer, ask, rows, batchSize) {
  const inAll = Math.ceil(rows / (batchSize ?? 1));
  const steps = id === 'sklearn' ? inAll : Math.min(inAll, largestStepsOfALoop);
  const run = async (count) => {
    let total = 0;
    for (let done = 0; done < count; done += 1) {
      const answer = await ask(peer, steps);
      total += (answer.seconds * inAll) / answer.steps;
    }
    return total;
  };
  return { name: id, run, note: steps < inAll ? `timed on ${steps} of ${inAll} steps, scaled` : undefined };
}

/** Step by step the same: an epoch over few rows, in NumPy's order of the same seed. */
async function checkSteps(peers, shape, run, ask, device, context) {
  const few = { ...shape, rows: Math.min(shape.rows, rowsChecked) };
  const files = await context.data.files(few);
  const ours = await resident(device, files);
  let largest = 0;
  try {
    const { theta } = await run(ours)(1);
    for (const { id, peer } of peers) {
      if (id === 'sklearn') continue;
      await peer.ask({ do: 'load', ...files });
      const answer = await ask(peer, few.rows);
      const difference = sameTheta(id, answer.theta, 'thalweg', theta, largestDifference[files.dtype]);
      largest = Math.max(largest, difference);
    }
  } finally {
    ours.dispose();
  }
  return largest;
}

/** Loads the whole data, and compares where an epoch arrives with those who draw rows in an order of their own. */
async function checkArrival(peers, files, epoch, ask, one) {
  const { theta } = await epoch(1);
  for (const { id, peer } of peers) {
    await peer.ask({ do: 'load', ...files });
    if (id !== 'sklearn') continue;
    const answer = await ask(peer, files.rows);
    sameTheta(id, answer.theta, 'thalweg', theta, nearEnough[one.activation ?? 'linear']);
  }
}
