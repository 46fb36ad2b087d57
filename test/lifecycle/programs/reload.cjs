'use strict';

/** Loads the package again and again, its modules forgotten in between; prints what each trained: `node reload.cjs`. */
const path = require('node:path');

const entry = path.join(__dirname, '..', '..', '..', 'dist', 'index.js');

async function run() {
  for (let load = 0; load < 3; load += 1) {
    for (const file of Object.keys(require.cache)) delete require.cache[file];
    const { batchGradientDescent, openDevice } = require(entry);
    const device = await openDevice('cpu');
    const { theta } = await batchGradientDescent([[1], [2]], [2, 4], {
      learningRate: 0.1,
      iterations: 50,
      device,
    });
    console.log(theta[0].toFixed(6));
  }
}

void run();
