/** A plain loop on typed arrays, fused: each row is read once. */
import { performance } from 'node:perf_hooks';
import { expectFloat32, readValues, serve } from './protocol.mjs';

let X, y, rows, columns;

function pass(theta, gradient) {
  gradient.fill(0);
  for (let i = 0; i < rows; i += 1) {
    const start = i * columns;
    let residual = -y[i];
    for (let j = 0; j < columns; j += 1) residual += X[start + j] * theta[j];
    for (let j = 0; j < columns; j += 1) gradient[j] += X[start + j] * residual;
  }
}

await serve({
  about: () => ({ node: process.version }),
  load(request) {
    expectFloat32(request);
    ({ rows, columns } = request);
    X = readValues(request.X, rows * columns);
    y = readValues(request.y, rows);
    return {};
  },
  descend({ iterations, learningRate }) {
    const theta = new Float64Array(columns);
    const gradient = new Float64Array(columns);
    const start = performance.now();
    for (let iteration = 0; iteration < iterations; iteration += 1) {
      pass(theta, gradient);
      for (let j = 0; j < columns; j += 1) theta[j] -= ((2 * learningRate) / rows) * gradient[j];
    }
    return { seconds: (performance.now() - start) / 1000, theta: [...theta] };
  },
});
