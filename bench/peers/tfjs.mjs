/** TensorFlow.js' side: two products on the backend that is named, `wasm` or `cpu`. */
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import '@tensorflow/tfjs-backend-cpu';
import { setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { expectFloat32, readValues, serve } from './protocol.mjs';

const backend = process.argv[2];
if (backend === 'wasm') setThreadsCount(availableParallelism());
await tf.setBackend(backend);
await tf.ready();

let X, y;

/** θ after a step; all else that was made on the way is freed. */
function step(theta, scale) {
  return tf.tidy(() => {
    const residuals = tf.sub(tf.matMul(X, theta), y);
    return tf.sub(theta, tf.mul(tf.matMul(X, residuals, true), scale));
  });
}

await serve({
  about: () => ({ tfjs: tf.version_core, backend: tf.getBackend() }),
  load(request) {
    expectFloat32(request);
    const { rows, columns } = request;
    X?.dispose();
    y?.dispose();
    X = tf.tensor2d(readValues(request.X, rows * columns), [rows, columns]);
    y = tf.tensor2d(readValues(request.y, rows), [rows, 1]);
    return {};
  },
  async descend({ iterations, learningRate }) {
    const scale = tf.scalar((2 * learningRate) / X.shape[0]);
    let theta = tf.zeros([X.shape[1], 1]);
    const start = performance.now();
    for (let iteration = 0; iteration < iterations; iteration += 1) {
      const next = step(theta, scale);
      theta.dispose();
      theta = next;
    }
    const values = await theta.data();
    const seconds = (performance.now() - start) / 1000;
    theta.dispose();
    scale.dispose();
    return { seconds, theta: [...values] };
  },
});
