'use strict';

/**
 * Ends in the way named while a device hangs in its driver: `node hung.cjs WAY DEVICE FILE`. Prints 'hung' when it does, and
 * what became of it later.
 */
const { existsSync } = require('node:fs');
const { Worker, parentPort, workerData } = require('node:worker_threads');
const { thalweg, endlessDescent, shortDescent } = require('./common.cjs');

const [way = workerData?.way, id = workerData?.id, file = workerData?.file] = process.argv.slice(2);

/** Resolves when the driver has begun to hang, which a file tells. */
async function hangs() {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
}

const codeOf = ({ code, message }) => code ?? message ?? 'none';

const ways = {
  async 'process.exit'() {
    void endlessDescent(id);
    await hangs();
    console.log('hung');
    process.exit(3);
  },
  async 'an uncaught exception'() {
    void endlessDescent(id);
    await hangs();
    console.log('hung');
    throw new Error('uncaught');
  },
  async 'by itself after an abort'() {
    const controller = new AbortController();
    const device = await thalweg.openDevice(id);
    const running = endlessDescent(device, { signal: controller.signal });
    running.catch(() => undefined);
    const waiting = shortDescent(device);
    waiting.catch(() => undefined);
    await hangs();
    console.log('hung');
    controller.abort(new Error('enough'));
    await running.catch((error) => console.log(codeOf(error)));
    await waiting.catch((error) => console.log(codeOf(error)));
    await device.close();
    await shortDescent(device).catch((error) => console.log(codeOf(error)));
    console.log((await shortDescent('cpu')).theta[0].toFixed(6));
  },
  async 'a worker terminated'() {
    const worker = new Worker(__filename, { workerData: { way: 'in a worker', id, file } });
    await new Promise((resolve) => worker.once('message', resolve));
    console.log('hung');
    await worker.terminate();
    console.log((await shortDescent('cpu')).theta[0].toFixed(6));
    process.exitCode = 4;
  },
  async 'in a worker'() {
    void endlessDescent(id);
    await hangs();
    parentPort.postMessage('hung');
  },
};

void ways[way]();
