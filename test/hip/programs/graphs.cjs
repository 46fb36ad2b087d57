'use strict';

// Takes many equal batch steps, and prints the result, its losses, how many graphs were launched for it, and what was
// left open.
const { graphLaunches, onDevice, openObjects, thalweg } = require('./programme.cjs');

const [m, n] = [40, 3];
const X = { data: Float32Array.from({ length: m * n }, (_, i) => Math.sin(i + 1)), shape: [m, n] };
const y = Float32Array.from({ length: m }, (_, i) => Math.cos(3 * i));
const options = { learningRate: 0.05, iterations: 3000, fitIntercept: true, l1: 0.001 };

async function outcome() {
  try {
    const { theta, intercept, loss } = await onDevice((device) =>
      thalweg.batchGradientDescent(X, y, { ...options, device }),
    );
    return { code: 'none', result: [...theta, intercept, ...loss] };
  } catch ({ code }) {
    return { code };
  }
}

outcome().then((came) =>
  console.log(JSON.stringify({ ...came, graphs: graphLaunches(), left: openObjects() })),
);
