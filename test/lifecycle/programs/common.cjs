'use strict';

/** What the programs share: a problem whose descent takes far longer than any test waits. */
const thalweg = require('../../../dist');

const rows = 20_000;
const columns = 64;
const data = new Float32Array(rows * columns).map((_, i) => ((i * 7919) % 1000) / 1000 - 0.5);
const y = new Float32Array(rows).map((_, i) => (i % 10) / 10);
const X = { data, shape: [rows, columns] };

/** Hours of steps: what starts it also ends it. */
function endlessDescent(device, more = {}) {
  return thalweg.batchGradientDescent(X, y, {
    learningRate: 1e-3,
    iterations: 10_000_000,
    plan: 'fused',
    device,
    ...more,
  });
}

function shortDescent(device) {
  return thalweg.batchGradientDescent([[1], [2]], [2, 4], { learningRate: 0.1, iterations: 50, device });
}

module.exports = { thalweg, X, y, endlessDescent, shortDescent };
