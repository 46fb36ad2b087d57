import { bytesOf } from '../harness/data.mjs';
import { descend, resident } from '../harness/ours.mjs';
import { race } from '../harness/race.mjs';
import { bySize } from './on-device.mjs';
import { batchRate } from './rates.mjs';

/**
 * What of an iteration is no pass over X: a batch iteration over X, over half of its rows, and over one row. What does not
 * shrink with X is the launches and the step, which adds up as many partial sums for half of the rows as for all of them
 * where both fill the device; over one row, the launches and a step over a single one are left.
 */
export const measure = bySize(measureSize);

async function measureSize(one, columns, device, context) {
  const dtype = context.dtype;
  const mebibytes = Math.min(one.mebibytes ?? Infinity, context.mebibytes);
  const rows = Math.max(2, Math.floor((mebibytes * 2 ** 20) / columns / bytesOf(dtype)));
  context.say(`${one.id}: n = ${columns}, ${rows} rows…`);
  const learningRate = batchRate(rows, columns);
  const parts = { thalweg: rows, half: rows >> 1, oneRow: 1 };
  const held = [];
  try {
    const contenders = [];
    for (const [name, count] of Object.entries(parts)) {
      const data = await resident(device, await context.data.files({ rows: count, columns, dtype }));
      held.push(data);
      const options = { learningRate: name === 'oneRow' ? 0.5 / columns : learningRate, plan: 'fused' };
      const run = (iterations) => descend(data, 'batch', { ...options, iterations });
      contenders.push({ name, run: async (iterations) => (await run(iterations)).seconds });
    }
    const measured = await race(contenders, context);
    return {
      title: `n = ${columns}`,
      device: device.id,
      rows,
      columns,
      dtype,
      contenders: measured,
      values: shares(measured),
    };
  } finally {
    for (const data of held) data.dispose();
  }
}

/** Of the medians over the rounds. A small difference of large times: where a step is next to nothing it may be below 0. */
function shares({ thalweg, half, oneRow }) {
  const fixed = 2 * half.seconds - thalweg.seconds;
  const step = fixed - oneRow.seconds;
  const pass = thalweg.seconds - fixed;
  return {
    launchMicroseconds: oneRow.seconds * 1e6,
    stepMicroseconds: step * 1e6,
    stepShare: step / pass,
  };
}
