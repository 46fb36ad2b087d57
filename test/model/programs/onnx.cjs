'use strict';

const { Buffer } = require('node:buffer');

/** Runs ONNX models, as a worker: Jest's realm has typed arrays of its own, which onnxruntime does not take. */
const { parentPort } = require('node:worker_threads');
const { InferenceSession, Tensor } = require('onnxruntime-node');

parentPort.on('message', async ({ bytes, feeds }) => {
  try {
    // Of warnings none is expected.
    const session = await InferenceSession.create(Buffer.from(bytes), { logSeverityLevel: 2 });
    const tensors = feeds.map(({ name, type, values }) => {
      const data = type === 'string' ? values : Float64Array.from(values);
      return [name, new Tensor(type, data, [values.length, 1])];
    });
    const found = await session.run(Object.fromEntries(tensors));
    const outputs = Object.entries(found).map(([name, { data, dims }]) => [
      name,
      { data: Array.from(data), dims },
    ]);
    parentPort.postMessage({ outputs: Object.fromEntries(outputs) });
    await session.release();
  } catch (error) {
    parentPort.postMessage({ error: String(error) });
  }
});
