'use strict';

/**
 * Ends workers at random moments of everything they can be about: `node terminations.cjs DEVICE COUNT`. Prints how
 * many there were. Each goes on for ever, but for two kinds that end themselves.
 */
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
const { thalweg, X, y } = require('./common.cjs');

const soon = () => Math.random() * 100;
const learningRate = 1e-3;

/** What a worker does over and over with its device. */
const occupations = [
  () => thalweg.devices(),
  async (id) => (await thalweg.openDevice(id)).close(),
  async (id) => {
    const device = await thalweg.openDevice(id);
    const matrices = await Promise.all([device.matrix(X), device.matrix(X)]);
    matrices[0].dispose();
  },
  (device) => thalweg.batchGradientDescent(X, y, { learningRate, iterations: 50, device, onProgress() {} }),
  (device) => thalweg.stochasticGradientDescent(X, y, { learningRate, epochs: 2, device, onProgress() {} }),
  (device) =>
    thalweg
      .batchGradientDescent([[1]], [1], { learningRate: 1e9, iterations: 5000, device })
      .catch(({ code }) => code),
  (device) => {
    setTimeout(() => process.exit(5), soon());
    return Promise.all(
      [1, 2, 3].map(() => thalweg.lossGradient(X, y, { theta: new Float64Array(64), device })),
    );
  },
  (device) => {
    setTimeout(() => {
      throw new Error('expected');
    }, soon());
    return thalweg.miniBatchGradientDescent(X, y, { learningRate, epochs: 2, device, onProgress() {} });
  },
];

async function inWorker({ id, occupation }) {
  parentPort.postMessage('begun');
  for (;;) await occupations[occupation](id);
}

async function endOne(id, occupation) {
  const worker = new Worker(__filename, { workerData: { id, occupation } });
  worker.on('error', (error) => {
    if (error.message !== 'expected') throw error;
  });
  const exit = new Promise((resolve) => worker.once('exit', resolve));
  await new Promise((resolve) => worker.once('message', resolve));
  await new Promise((resolve) => setTimeout(resolve, 1.5 * soon()));
  await worker.terminate();
  await exit;
}

async function inMain(id, count) {
  let begun = 0;
  const some = async () => {
    while (begun < count) {
      begun += 1;
      await endOne(id, begun % occupations.length);
    }
  };
  await Promise.all([some(), some(), some(), some()]);
  console.log(begun);
}

void (isMainThread ? inMain(process.argv[2], Number(process.argv[3])) : inWorker(workerData));
