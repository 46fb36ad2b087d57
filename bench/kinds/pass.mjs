import { bytesOf } from '../harness/data.mjs';
import { descend, ownReads, resident, residentTargets } from '../harness/ours.mjs';
import { race, sameTheta } from '../harness/race.mjs';
import { bySize } from './on-device.mjs';
import { batchRate } from './rates.mjs';

const iterations = 5;
/** Of θ, relative. NumPy adds up float32 products in float32, of more than 10⁸ rows too: 1.2e-3 was seen there. */
const largestDifference = { float32: 1e-2, float64: 1e-9 };

/** A batch iteration through the fused plan, against the two products of everyone else. */
export const measure = bySize(measureSize);

async function measureSize(one, columns, device, context) {
  const dtype = context.dtype;
  const mebibytes = Math.min(one.mebibytes ?? Infinity, context.mebibytes);
  const rows = Math.floor((mebibytes * 2 ** 20) / columns / bytesOf(dtype));
  context.say(`${one.id}: n = ${columns}, ${rows} rows…`);
  const shape = { rows, columns, dtype };
  const learningRate = batchRate(rows, columns);
  const logistic = one.targets.some(({ of }) => of === 'logistic');
  const linearFiles = await context.data.files(shape);
  const peers = await context.peers.get(one.peers, { deviceName: device.info.name });
  const ours = await resident(device, linearFiles);
  const labelled = logistic
    ? await residentTargets(device, await context.data.files({ ...shape, target: 'labels' }))
    : undefined;
  try {
    const pass = (data, options) => (count) =>
      descend(data, 'batch', { learningRate, iterations: count, plan: 'fused', ...options });
    const linear = pass(ours);
    const contenders = [{ name: 'thalweg', run: seconds(linear) }];
    for (const optimizer of one.optimizers ?? [])
      contenders.push({ name: optimizer, run: seconds(pass(ours, { optimizer })) });
    const difference = await check(peers, linearFiles, learningRate, linear);
    if (labelled !== undefined) {
      const run = pass({ X: ours.X, y: labelled }, { activation: 'sigmoid', loss: 'log' });
      await checkLogistic(peers, await context.data.files({ ...shape, target: 'labels' }), learningRate, run);
      contenders.push({ name: 'logistic', run: seconds(run) });
      for (const { peer } of peers) await peer.ask({ do: 'load', ...linearFiles });
    }
    if (one.reads) contenders.push({ name: 'read', run: ownReads(ours) });
    for (const { id, peer } of peers) contenders.push({ name: id, run: peerPass(peer, learningRate) });
    const measured = await race(contenders, context);
    const bytes = rows * (columns + 1) * bytesOf(dtype);
    for (const [name, result] of Object.entries(measured)) {
      const read = name === 'read' ? rows * columns * bytesOf(dtype) : bytes;
      result.gigabytesPerSecond = read / result.seconds / 1e9;
    }
    return { title: `n = ${columns}`, device: device.id, ...shape, bytes, contenders: measured, difference };
  } finally {
    ours.dispose();
    labelled?.dispose();
  }
}

const seconds = (run) => async (count) => (await run(count)).seconds;

const peerPass = (peer, learningRate) => async (count) =>
  (await peer.ask({ do: 'descend', learningRate, iterations: count })).seconds;

/** Every peer's θ after some iterations against ours; the largest difference. */
async function check(peers, files, learningRate, run) {
  const { theta } = await run(iterations);
  let largest = 0;
  for (const { id, peer } of peers) {
    await peer.ask({ do: 'load', ...files });
    if (id === 'read') continue;
    const answer = await peer.ask({ do: 'descend', learningRate, iterations });
    const difference = sameTheta(id, answer.theta, 'thalweg', theta, largestDifference[files.dtype]);
    largest = Math.max(largest, difference);
  }
  return largest;
}

/** NumPy's log loss against ours; the other peers are not asked for it. */
async function checkLogistic(peers, files, learningRate, run) {
  const numpy = peers.find(({ id }) => id === 'numpy');
  if (numpy === undefined) return;
  await numpy.peer.ask({ do: 'load', ...files });
  const answer = await numpy.peer.ask({ do: 'descend', learningRate, iterations, activation: 'sigmoid' });
  const { theta } = await run(iterations);
  sameTheta('NumPy with the log loss', answer.theta, 'thalweg', theta, largestDifference[files.dtype]);
}
