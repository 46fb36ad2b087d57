'use strict';
// The three descents on four points: all rows a step, one row a step, a few rows a step.

const { batchGradientDescent, miniBatchGradientDescent, stochasticGradientDescent } = require('thalweg');

const X = [
  [1, 1],
  [1, 2],
  [2, 2],
  [2, 3],
];
const y = X.map(([a, b]) => 1 * a + 2 * b + 3);

function show(name, { theta, intercept, iterations, loss }) {
  const values = [...theta, intercept].map((value) => value.toFixed(4).padStart(8));
  const last = loss.at(-1).toFixed(4);
  console.log(`${name.padEnd(11)}${values.join('')}   loss ${last} after ${iterations} steps`);
}

async function main() {
  console.log('without an intercept no θ fits: batch finds the best, the others wander around it');
  console.log(`${' '.repeat(11)}${['θ₁', 'θ₂', 'b'].map((name) => name.padStart(8)).join('')}`);
  show('batch', await batchGradientDescent(X, y, { learningRate: 0.1, iterations: 1000 }));
  show('stochastic', await stochasticGradientDescent(X, y, { learningRate: 0.025, epochs: 1000, seed: 42 }));
  show(
    'mini-batch',
    await miniBatchGradientDescent(X, y, { learningRate: 0.1, epochs: 1000, batchSize: 2, seed: 42 }),
  );

  console.log('\nwith an intercept the line is there to be found: 1, 2 and 3');
  const common = { learningRate: 'auto', fitIntercept: true };
  show('batch', await batchGradientDescent(X, y, { ...common, iterations: 10000 }));
  show('stochastic', await stochasticGradientDescent(X, y, { ...common, epochs: 10000, seed: 42 }));
  show(
    'mini-batch',
    await miniBatchGradientDescent(X, y, { ...common, epochs: 10000, batchSize: 2, seed: 42 }),
  );
}

main();
