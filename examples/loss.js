'use strict';
// The loss says how wrong a neuron is; its gradient says which way to turn the weight.

const { Neuron, error, gradient, lossGradient } = require('thalweg');

// Points on the line y = 2x, and neurons that guess the slope.
const X = [[1], [2], [3]];
const y = [2, 4, 6];

/** The mean of (y − ŷ)² for the neuron of this weight. */
function loss(weight) {
  const neuron = new Neuron({ weights: [weight] });
  const errors = X.map((x, i) => error(y[i], neuron.output(x)));
  return errors.reduce((sum, e) => sum + e ** 2, 0) / errors.length;
}

async function main() {
  console.log('weight      loss     slope by differences   slope by the formula');
  for (const weight of [0, 1, 1.5, 3, 4]) {
    const numerical = gradient(loss, weight);
    // 2/m·Xᵀ(Xθ − y), in one pass over the rows of X.
    const exact = (await lossGradient(X, y, { theta: [weight] })).gradient[0];
    console.log(
      String(weight).padStart(6) +
        loss(weight).toFixed(4).padStart(10) +
        numerical.toFixed(4).padStart(25) +
        exact.toFixed(4).padStart(23),
    );
  }
}

main();
