'use strict';

/**
 * What `mpirun` runs in the suites of failures: `node failing.cjs WAY RANK [STRATEGY]`. All ranks begin a descent that would take
 * hours, of batches or, by the strategy 'local', of steps by themselves; the rank named does something else.
 */
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');
const dist = path.join(__dirname, '..', '..', 'dist');
const { batchGradientDescent, miniBatchGradientDescent } = require(path.join(dist, 'index.js'));
const { world } = require(path.join(dist, 'mpi', 'index.js'));
const { dataOf, shareOf } = require('./data.cjs');

const [, , way, chosen, strategy] = process.argv;
const isOdd = world.rank === Number(chosen);
const { X, y } = dataOf({ seed: 1, rows: 400, columns: 5 });
const rows = shareOf(X, world);
const targets = shareOf(y, world);
const isLocal = strategy === 'local';
const hours = isLocal
  ? { learningRate: 1e-9, epochs: 100_000_000, batchSize: 8, averageEvery: 5, seed: 1 }
  : { learningRate: 1e-9, iterations: 100_000_000, plan: 'fused' };
const descent = isLocal ? miniBatchGradientDescent : batchGradientDescent;

/** Of a run that is under way. */
const soon = (body) => setTimeout(body, 150);

const ways = {
  throws: () =>
    soon(() => {
      throw new Error('this one gives up');
    }),
  exits: () => soon(() => process.exit(3)),
  'is-killed': () => soon(() => process.kill(process.pid, 'SIGKILL')),
  'is-terminated': () => soon(() => process.kill(process.pid, 'SIGTERM')),
  'is-hung-up': () => soon(() => process.kill(process.pid, 'SIGHUP')),
};

async function odd() {
  if (way === 'ends') return;
  if (way === 'throws-before') throw new Error('this one gives up');
  if (way === 'not-finite') rows[3][2] = NaN;
  if (way === 'columns') for (const row of rows) row.push(1);
  if (way === 'label') return await descend({ loss: 'log', activation: 'sigmoid' });
  if (way === 'options') return await descend({ l2: 0.5 });
  if (way === 'class-weight') return await descend({ classWeight: 'balanced' });
  if (way === 'share') return await descend({ validation: 0.25 });
  if (way === 'patience') return await descend({ patience: 3 });
  if (way === 'held-columns') return await descend({ validation: { X: [[1, 2, 3]], y: [1] } });
  if (way === 'held-not-finite') return await descend({ validation: { X: [[1, 2, NaN, 4, 5]], y: [1] } });
  if (way === 'checkpoints') return await descend({ checkpoint: { path: 'other.json' } });
  if (way === 'averages') return await descend({ averageEvery: 6 });
  if (way === 'iterations') return await world.sum([1, 2, 3]);
  if (way === 'cancelled') {
    const cancel = new AbortController();
    soon(() => cancel.abort(new Error('enough')));
    return await descend({ signal: cancel.signal });
  }
  if (way === 'progress-throws') {
    return await descend({
      onProgress: () => {
        throw new Error('thrown by onProgress');
      },
    });
  }
  ways[way]?.();
  return await descend({});
}

/** Where all have been; the odd one says that it was elsewhere. */
async function stateOfWay() {
  const { state } = await batchGradientDescent(rows, targets, { ...hours, iterations: 2, world });
  return isOdd ? { ...state, passes: 3 } : state;
}

/** The file that all but the odd one keep states in. */
const statesIn = { checkpoints: 'one.json', 'nowhere-to-write': '/dev/null/states.json' };

/** What all but the odd one are asked to validate with. */
function validationOf() {
  if (way === 'share' || way === 'patience') return { validation: 0.5 };
  return way.startsWith('held') ? { validation: { X: [[1, 2, 3, 4, 5]], y: [1] } } : {};
}

async function descend(more) {
  const isOfClasses = way === 'label' || way === 'class-weight';
  const extra = isOfClasses ? { loss: 'log', activation: 'sigmoid' } : {};
  const areLabels = isOfClasses && !(way === 'label' && isOdd);
  const targetsOfWay = areLabels ? targets.map((value) => (value > 0 ? 1 : 0)) : targets;
  return await descent(rows, targetsOfWay, {
    ...hours,
    ...validationOf(),
    ...(statesIn[way] === undefined ? {} : { checkpoint: { path: statesIn[way] } }),
    ...(way === 'states' ? { resumeFrom: await stateOfWay() } : {}),
    ...(way === 'diverges' ? { learningRate: 1e6 } : {}),
    ...extra,
    ...more,
    world,
  });
}

const isStopped = (id) => /\) T /.test(readFileSync(`/proc/${id}/stat`, 'latin1'));

/** Each says why it ends, and does, while what started it is held up. */
async function giveUp() {
  await world.barrier();
  process.stdout.write('under way\n');
  while (!isStopped(process.ppid)) await pause(10);
  throw new Error('this one gives up');
}

async function main() {
  if (way === 'all-give-up') return await giveUp();
  if (way === 'nothing') soon(() => process.stdout.write(`under way: ${process.pid}\n`));
  await (isOdd ? odd() : descend({}));
}

main().catch((error) => {
  process.stderr.write(`[${world.rank}] ${error.code ?? error.name}: ${error.message}\n`);
  process.exitCode = 1;
});
