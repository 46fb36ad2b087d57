import { descend, resident } from '../harness/ours.mjs';
import { oneByOne, race, sameTheta } from '../harness/race.mjs';
import { byShape } from './on-device.mjs';
import { batchRate } from './rates.mjs';

const iterationsOfNumpy = 10;
const largestDifference = 1e-3;
// So small that θ is still on its way after all iterations: at its end both plans would agree anyway.
const slowRate = 1e-3;

/** Many iterations over a tall X from one pass over it. */
export const measure = byShape(measureShape);

async function measureShape(one, { rows, columns }, device, context) {
  const { iterations } = one;
  context.say(`${one.id}: n = ${columns}, ${rows} rows, ${iterations} iterations…`);
  const dtype = context.dtype;
  const learningRate = batchRate(rows, columns);
  // Labels for targets: a fit as close as that of y = Xw sends the gram plan back to passes.
  const files = await context.data.files({ rows, columns, dtype, target: 'labels' });
  const peers = await context.peers.get(one.peers);
  const ours = await resident(device, files);
  let measured;
  try {
    const gram = (count) => descend(ours, 'batch', { learningRate, iterations: count, plan: 'gram' });
    const { theta } = await gram(5);
    for (const { id, peer } of peers) {
      await peer.ask({ do: 'load', ...files });
      const answer = await peer.ask({ do: 'descend', learningRate, iterations: 5 });
      sameTheta(id, answer.theta, 'thalweg', theta, largestDifference);
    }
    const automatic = await descend(ours, 'batch', { learningRate, iterations });
    if (automatic.plan !== 'gram')
      context.say(`plan 'auto' took ${automatic.plan} for ${iterations} iterations`);
    const contenders = [
      { name: 'thalweg', run: oneByOne(async () => (await gram(iterations)).seconds) },
      ...peers.map(({ id, peer }) => ({
        name: id,
        run: oneByOne(async () => {
          const answer = await peer.ask({ do: 'descend', learningRate, iterations: iterationsOfNumpy });
          return (answer.seconds * iterations) / iterationsOfNumpy;
        }),
        note: `timed on ${iterationsOfNumpy} of ${iterations} iterations, scaled`,
      })),
    ];
    measured = await race(contenders, context);
  } finally {
    ours.dispose();
  }
  const values =
    one.difference === false
      ? {}
      : { thetaDifference: await differenceOfPlans(one, { rows, columns }, device, context) };
  const title = `n = ${columns}, gram plan`;
  return {
    title,
    device: device.id,
    rows,
    columns,
    dtype,
    contenders: measured,
    values,
  };
}

/** Of θ in float64 after all iterations, relative to its largest value. */
async function differenceOfPlans({ iterations }, shape, device, context) {
  const files = await context.data.files({ ...shape, dtype: 'float64' });
  const ours = await resident(device, files);
  try {
    const options = { learningRate: slowRate, iterations };
    const fused = await descend(ours, 'batch', { ...options, plan: 'fused' });
    const gram = await descend(ours, 'batch', { ...options, plan: 'gram' });
    return sameTheta('the gram plan', gram.theta, 'the fused plan', Array.from(fused.theta), 1);
  } finally {
    ours.dispose();
  }
}
