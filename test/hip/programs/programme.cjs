'use strict';

const { readFileSync } = require('node:fs');
const path = require('node:path');

const thalweg = require(path.join(__dirname, '..', '..', '..'));

const X = { data: Float32Array.of(1, 1, 1, 2, 2, 2, 2, 3, 3, 1), shape: [5, 2] };
const y = Float32Array.of(6, 8, 9, 11, 8);

/** Everything that a device does, once. */
async function programme() {
  const { theta } = await onDevice(async (device) => {
    const matrix = await device.matrix(X);
    const labels = await device.matrix({ data: y, shape: [5, 1] });
    const options = { learningRate: 0.01, device };
    await thalweg.miniBatchGradientDescent(matrix, labels, { ...options, epochs: 2, batchSize: 2, seed: 1 });
    await thalweg.stochasticGradientDescent(matrix, labels, { ...options, epochs: 2, seed: 1 });
    await thalweg.batchGradientDescent(matrix, labels, { ...options, iterations: 3, plan: 'gram' });
    await thalweg.lossGradient(matrix, labels, { theta: [1, 1], device });
    await new thalweg.Neuron({ weights: [1, 2] }).predict(matrix, { device });
    return await thalweg.batchGradientDescent(matrix, labels, { ...options, iterations: 3 });
  });
  return [...theta];
}

async function onDevice(body) {
  const device = await thalweg.openDevice('hip');
  try {
    return await body(device);
  } finally {
    await device.close();
  }
}

const kinds = [
  ...['buffers', 'streams', 'events', 'modules', 'programs'],
  ...['launches', 'graphs', 'executableGraphs', 'graphLaunches'],
];

function objects() {
  const bytes = readFileSync(process.env.HIP_EMULATOR_OBJECTS);
  const counts = new Int32Array(bytes.buffer, bytes.byteOffset, kinds.length);
  return Object.fromEntries(kinds.map((kind, at) => [kind, counts[at]]));
}

/** What stands open on the emulated device, by kind. */
function openObjects() {
  const counted = Object.entries(objects()).filter(([kind]) => !/launches/i.test(kind));
  return Object.fromEntries(counted.filter(([, count]) => count !== 0));
}

/** How many graphs were launched. */
function graphLaunches() {
  return objects().graphLaunches;
}

module.exports = { graphLaunches, onDevice, openObjects, programme, thalweg };
