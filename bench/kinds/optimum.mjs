import { descend, resident } from '../harness/ours.mjs';
import { oneByOne, race, sameTheta } from '../harness/race.mjs';
import { byShape } from './on-device.mjs';

/** A peer stops where the largest component of the gradient is this much of that at the start, where its solver asks for it. */
export const gradientShare = 1e-6;
const largestDifference = 0.02;

const models = {
  logistic: { target: 'bernoulli', options: { activation: 'sigmoid', loss: 'log' } },
  softmax: { target: 'categorical', options: { activation: 'softmax', loss: 'cross-entropy' } },
  poisson: { target: 'poisson', options: { activation: 'exp', loss: 'poisson' } },
};

/** A whole fit by L-BFGS, as far as it goes by itself, against those of scikit-learn. */
export const measure = byShape(measureShape);

async function measureShape(one, { rows, columns, outputs = 1 }, device, context) {
  const { dtype } = context;
  const { target, options } = models[one.model];
  const title = `n = ${columns}` + (outputs === 1 ? '' : `, ${outputs} classes`);
  context.say(`${one.id}: ${title}, ${rows} rows…`);
  const files = await context.data.files({ rows, columns, dtype, target, outputs });
  const peers = await context.peers.get(one.peers);
  const ours = await resident(device, files);
  try {
    const fit = () => descend(ours, 'batch', { ...options, optimizer: 'lbfgs', iterations: 10_000 });
    const { theta, stopped, iterations } = await fit();
    context.say(`thalweg: ${stopped} after ${iterations} iterations`);
    const contenders = [{ name: 'thalweg', run: oneByOne(async () => (await fit()).seconds) }];
    let difference = 0;
    for (const { id, peer } of peers) {
      await peer.ask({ do: 'load', ...files });
      const ask = () =>
        peer.ask({ do: 'optimum', model: one.model, solver: solverOf(id), tolerance: gradientShare });
      const answer = await ask();
      difference = Math.max(difference, sameTheta(id, answer.theta, 'thalweg', theta, largestDifference));
      contenders.push({ name: id, run: oneByOne(async () => (await ask()).seconds) });
    }
    // Some of these take minutes.
    const measured = await race(contenders, { ...context, rounds: Math.min(context.rounds, 3) });
    return { title, device: device.id, rows, columns, dtype, contenders: measured, difference };
  } finally {
    ours.dispose();
  }
}

const solverOf = (id) => (id === 'saga' ? 'saga' : 'lbfgs');
