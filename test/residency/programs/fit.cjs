'use strict';

/** Trains on rows in a file until it is killed: `node fit.cjs`; prints a line when passes have begun. */
const { batchGradientDescent } = require('../../../dist');

const [m, n] = [20_000, 33];
const X = { data: new Float32Array(m * n).map((_, at) => Math.sin(at)), shape: [m, n] };

batchGradientDescent(X, new Float32Array(m), {
  ...{ learningRate: 1e-6, iterations: 1e7, residency: 'disk', device: 'cpu', plan: 'fused' },
  onProgress: () => console.log('under way'),
}).catch((error) => {
  console.log(JSON.stringify({ code: error.code, message: error.message, path: error.path }));
});
