'use strict';

/** Ends the process at the stage named, on the device named: `node exit.cjs STAGE DEVICE`. */
const { thalweg, X, y, endlessDescent, shortDescent } = require('./common.cjs');

const [stage, id] = process.argv.slice(2);

const stages = {
  async 'device left open'() {
    const device = await thalweg.openDevice(id);
    await device.matrix(X);
    console.log((await shortDescent(id)).theta.length);
  },
  async 'process.exit during the listing'() {
    void thalweg.devices();
    process.exit(3);
  },
  async 'process.exit while a device opens'() {
    void thalweg.openDevice(id);
    process.exit(3);
  },
  async 'process.exit during an upload'() {
    const device = await thalweg.openDevice(id);
    void device.matrix(X);
    setImmediate(() => process.exit(3));
  },
  async 'process.exit during a descent'() {
    void endlessDescent(id);
    setTimeout(() => process.exit(3), 700);
  },
  async 'process.exit in onProgress'() {
    await endlessDescent(id, { onProgress: () => process.exit(3) });
  },
  async 'an uncaught exception during a descent'() {
    void endlessDescent(id);
    setTimeout(() => {
      throw new Error('uncaught');
    }, 700);
  },
  async 'an unhandled rejection of a descent'() {
    void thalweg.batchGradientDescent(X, y, { learningRate: 1e6, iterations: 10_000, device: id });
  },
  async 'a matrix collected during a descent'() {
    const device = await thalweg.openDevice(id);
    const resident = new WeakRef(await device.matrix(X));
    const controller = new AbortController();
    let reports = 0;
    const running = thalweg.batchGradientDescent(resident.deref(), y, {
      learningRate: 1e-3,
      iterations: 10_000_000,
      signal: controller.signal,
      onProgress: () => {
        reports += 1;
        if (reports === 1) resident.deref().dispose();
        global.gc();
        if (reports === 5) controller.abort('stopped');
      },
    });
    await running.catch((reason) => console.log(reason));
    await device.close();
  },
};

void stages[stage]();
