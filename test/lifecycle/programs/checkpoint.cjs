'use strict';

/** Trains with a checkpoint, from the one that is there if there is one: checkpoint.cjs FILE DEVICE. */
const { existsSync } = require('node:fs');
const { thalweg, X, y } = require('./common.cjs');

const [, , path, device] = process.argv;
const epochs = 1500;

async function main() {
  const resumeFrom = existsSync(path) ? await thalweg.readCheckpoint(path) : undefined;
  const options = {
    learningRate: { schedule: 'inverse-scaling', initial: 1e-3 },
    optimizer: 'adam',
    epochs: epochs - (resumeFrom?.passes ?? 0),
    batchSize: 64,
    ...(resumeFrom === undefined ? { seed: 3 } : { resumeFrom }),
    device,
    ...(path === '' ? {} : { checkpoint: { path, everySeconds: 0 } }),
  };
  const { state } = await thalweg.miniBatchGradientDescent(X, y, options);
  console.log(JSON.stringify(state));
}

void main();
