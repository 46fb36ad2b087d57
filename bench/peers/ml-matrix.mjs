/** ml-matrix's side: two products, the second by a transposed copy made beforehand. */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { Matrix } from 'ml-matrix';
import { expectFloat32, readValues, serve } from './protocol.mjs';

let X, transposed, y;

function matrix(values, rows, columns) {
  const made = new Matrix(rows, columns);
  for (let i = 0, at = 0; i < rows; i += 1)
    for (let j = 0; j < columns; j += 1, at += 1) made.set(i, j, values[at]);
  return made;
}

const { version } = JSON.parse(readFileSync(new URL('node_modules/ml-matrix/package.json', import.meta.url)));

await serve({
  about: () => ({ 'ml-matrix': version }),
  load(request) {
    expectFloat32(request);
    const { rows, columns } = request;
    X = matrix(readValues(request.X, rows * columns), rows, columns);
    y = matrix(readValues(request.y, rows), rows, 1);
    transposed = X.transpose();
    return {};
  },
  descend({ iterations, learningRate }) {
    const theta = Matrix.zeros(X.columns, 1);
    const start = performance.now();
    for (let iteration = 0; iteration < iterations; iteration += 1) {
      const residuals = X.mmul(theta).sub(y);
      theta.sub(transposed.mmul(residuals).mul((2 * learningRate) / X.rows));
    }
    return { seconds: (performance.now() - start) / 1000, theta: theta.to1DArray() };
  },
});
