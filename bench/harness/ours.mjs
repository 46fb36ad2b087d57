import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import {
  batchGradientDescent,
  miniBatchGradientDescent,
  openDevice,
  stochasticGradientDescent,
} from 'thalweg';
import { readRows } from './data.mjs';

async function upload(device, file, { rows, columns, dtype }) {
  const chunks = readRows(file, { rows, columns, dtype });
  return await device.matrix({ shape: [rows, columns], dtype, chunks });
}

/** y alone, for an X that is resident already. */
export const residentTargets = (device, files) =>
  upload(device, files.y, { ...files, columns: files.targets });

/** X and y of the files, resident on a device. */
export async function resident(device, files) {
  const X = await upload(device, files.X, files);
  const y = await residentTargets(device, files);
  const dispose = () => {
    X.dispose();
    y.dispose();
  };
  return { X, y, dispose };
}

/** Seconds by the clock of the wall around the whole call. */
async function timed(descent) {
  const start = performance.now();
  const { theta, plan, stopped, iterations } = await descent();
  return { seconds: (performance.now() - start) / 1000, theta, plan, stopped, iterations };
}

const strategies = {
  batch: batchGradientDescent,
  stochastic: stochasticGradientDescent,
  'mini-batch': miniBatchGradientDescent,
};

/** One descent through the public API on resident data. */
export async function descend({ X, y }, strategy, options) {
  return await timed(() => strategies[strategy](X, y, options));
}

/** Reads of X by its own device that do nothing else, as `thalweg bench` measures them; no part of the public API. */
export function ownReads(data) {
  const { reads } = createRequire(import.meta.url)('../../dist/measure/bench/works.js');
  return reads(data, new AbortController().signal);
}

/** Opens a device for the length of a call. */
export async function withDevice(id, call) {
  const device = await openDevice(id);
  try {
    return await call(device);
  } finally {
    await device.close();
  }
}
