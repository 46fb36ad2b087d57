import { bytesOf } from '../harness/data.mjs';
import { descend, resident } from '../harness/ours.mjs';
import { race, sameTheta } from '../harness/race.mjs';
import { bySize } from './on-device.mjs';
import { batchRate } from './rates.mjs';

const iterations = 5;
const largestDifference = { float32: 1e-2, float64: 1e-9 };

/** A batch iteration of several outputs, against the two products and what PyTorch derives by itself. */
export const measure = bySize(measureSize);

async function measureSize(one, columns, device, context) {
  const { dtype } = context;
  const { outputs, loss } = one;
  const rows = Math.floor((context.mebibytes * 2 ** 20) / columns / bytesOf(dtype));
  context.say(`${one.id}: n = ${columns}, ${outputs} outputs, ${rows} rows…`);
  const shape = { rows, columns, dtype };
  const classes = loss === 'cross-entropy';
  const files = await context.data.files({ ...shape, outputs, target: classes ? 'classes' : 'linear' });
  const common = { loss, learningRate: batchRate(rows, columns) };
  const activation = classes ? { activation: 'softmax', classes: outputs } : {};
  const peers = await context.peers.get(one.peers);
  const ours = await resident(device, files);
  try {
    const run = (count) =>
      descend(ours, 'batch', { ...common, ...activation, iterations: count, plan: 'fused' });
    const { theta } = await run(iterations);
    const contenders = [{ name: 'thalweg', run: async (count) => (await run(count)).seconds }];
    let difference = 0;
    for (const { id, peer } of peers) {
      const ask = async (count) => await peer.ask({ do: 'outputs', ...common, outputs, iterations: count });
      await peer.ask({ do: 'load', ...files });
      if (id === 'read') {
        contenders.push({ name: id, run: async (count) => await readSeconds(peer, count) });
        continue;
      }
      const answer = await ask(iterations);
      difference = Math.max(
        difference,
        sameTheta(id, answer.theta, 'thalweg', theta, largestDifference[dtype]),
      );
      contenders.push({ name: id, run: async (count) => (await ask(count)).seconds });
    }
    const measured = await race(contenders, context);
    const bytes = rows * (columns + files.targets) * bytesOf(dtype);
    for (const result of Object.values(measured)) result.gigabytesPerSecond = bytes / result.seconds / 1e9;
    const title = `n = ${columns}, ${outputs} ${classes ? 'classes' : 'outputs'}`;
    return { title, device: device.id, ...shape, bytes, contenders: measured, difference };
  } finally {
    ours.dispose();
  }
}

async function readSeconds(peer, count) {
  return (await peer.ask({ do: 'descend', iterations: count })).seconds;
}
