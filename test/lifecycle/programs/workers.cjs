'use strict';

/** Starts workers that train, and ends some of them in the midst of it: `node workers.cjs DEVICE COUNT`. */
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
const { endlessDescent, shortDescent } = require('./common.cjs');

const [id = workerData?.id, count] = process.argv.slice(2);

async function inWorker() {
  if (workerData.endless) {
    void endlessDescent(id, { onProgress: () => parentPort.postMessage('running') });
  } else {
    parentPort.postMessage((await shortDescent(id)).theta[0].toFixed(6));
  }
}

/** What the worker says first; it is then left to end, or terminated in its descent. */
async function outcome(endless) {
  const worker = new Worker(__filename, { workerData: { id, endless } });
  const exit = new Promise((resolve, reject) => {
    worker.once('exit', resolve);
    worker.once('error', reject);
  });
  const said = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  if (endless) await worker.terminate();
  await exit;
  return said;
}

async function inMain() {
  const outcomes = [];
  for (let started = 0; started < Number(count); started += 4) {
    outcomes.push(...(await Promise.all([false, true, false, false].map(outcome))));
  }
  console.log(JSON.stringify(outcomes));
}

void (isMainThread ? inMain() : inWorker());
