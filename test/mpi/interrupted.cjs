'use strict';

/**
 * What `mpirun` runs in the suite of states: `node interrupted.cjs FILE [go-on]`. A descent that keeps its states in a file, until
 * a rank is killed; or one that goes on from there, beside one that was never ended: the first rank tells whether both have come
 * to the same bits.
 */
const { existsSync } = require('node:fs');
const path = require('node:path');
const { setInterval } = require('node:timers');
const dist = path.join(__dirname, '..', '..', 'dist');
const { miniBatchGradientDescent, readCheckpoint } = require(path.join(dist, 'index.js'));
const { world } = require(path.join(dist, 'mpi', 'index.js'));
const { dataOf, shareOf } = require('./data.cjs');

const [, , file, way] = process.argv;
const { X, y } = dataOf({ seed: 5, rows: 60, columns: 3 });
const options = { optimizer: 'adam', learningRate: 1e-4, batchSize: 16, seed: 9, device: 'cpu', world };
const descend = (more) =>
  miniBatchGradientDescent(shareOf(X, world, 'blocks'), shareOf(y, world, 'blocks'), { ...options, ...more });

/** Has the last rank killed as soon as there is a state. */
function killSoon() {
  if (world.rank < world.size - 1) return;
  setInterval(() => {
    if (existsSync(file)) process.kill(process.pid, 'SIGKILL');
  }, 20);
}

async function main() {
  if (way !== 'go-on') {
    killSoon();
    await descend({ epochs: 1e8, checkpoint: { path: file, everySeconds: 0.1 } });
    return;
  }
  const resumeFrom = await readCheckpoint(file);
  const rest = await descend({ epochs: 20, resumeFrom });
  const whole = await descend({ epochs: resumeFrom.passes + 20 });
  const bits = ({ theta, state }) => JSON.stringify([Array.from(theta), state]);
  if (world.rank > 0) return;
  const told = { steps: resumeFrom.steps, areSame: bits(rest) === bits(whole) };
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

void main();
