'use strict';

/** A device that is lost while several calls use it, then back: `node lost.cjs`. Prints what became of each. */
const { arm, counted, thalweg } = require('./control.cjs');

const id = 'opencl:0';
const rows = 20_000;
const columns = 64;
const data = new Float32Array(rows * columns).map((_, i) => ((i * 7919) % 1000) / 1000 - 0.5);
const X = { data, shape: [rows, columns] };
const y = new Float32Array(rows).map((_, i) => (i % 10) / 10);
const long = { learningRate: 1e-3, iterations: 10_000_000, plan: 'fused' };
const short = { learningRate: 0.1, iterations: 50 };

const codeOf = (promise) =>
  promise.then(
    () => 'completed',
    ({ code }) => code,
  );

/** A device that is lost at a launch of the running descent, with other calls waiting for their turn. */
async function shared() {
  const device = await thalweg.openDevice(id);
  const resident = await device.matrix(X);
  const waiting = [];
  const onProgress = () => {
    if (waiting.length > 0) return;
    waiting.push(
      thalweg.stochasticGradientDescent(resident, y, { learningRate: 1e-3, epochs: 100, seed: 1 }),
      new thalweg.Neuron({ inputs: columns }).predict(resident),
      device.matrix(X),
    );
    arm('clEnqueueNDRangeKernel:1+');
  };
  const running = await codeOf(thalweg.batchGradientDescent(resident, y, { ...long, onProgress }));
  const others = await Promise.all(waiting.map(codeOf));
  const closing = await codeOf(device.close());
  const later = await codeOf(device.matrix([[1]]));
  return { running, others, closing, later };
}

/** Calls that name the device share one, which is opened anew when it was lost. */
async function byName() {
  const call = () => codeOf(thalweg.batchGradientDescent([[1], [2]], [2, 4], { ...short, device: id }));
  arm();
  const before = await call();
  arm('clEnqueueReadBuffer:1+');
  const during = [await call(), await call()];
  arm();
  return { before, during, after: await call() };
}

/** What an upload in blocks meets, whose rows are produced while the device is lost. */
async function upload() {
  const device = await thalweg.openDevice(id);
  let produced = 0;
  async function* chunks() {
    for (; produced < 100; produced += 1) {
      if (produced === 50) arm('clEnqueueWriteBuffer:1+');
      yield data.subarray(0, 200 * columns);
    }
  }
  const code = await codeOf(device.matrix({ shape: X.shape, dtype: 'float32', chunks: chunks() }));
  return { code, stopped: produced < 60, closing: await codeOf(device.close()) };
}

async function run() {
  const result = { shared: await shared(), live: (await counted()).live };
  arm();
  result.upload = await upload();
  result.byName = await byName();
  console.log(JSON.stringify(result));
}

void run();
