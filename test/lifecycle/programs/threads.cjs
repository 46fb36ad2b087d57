'use strict';

/** Prints how many threads a process has at several moments of its life: `node --expose-gc threads.cjs DEVICE`. */
const { readdirSync } = require('node:fs');
const { thalweg, shortDescent } = require('./common.cjs');

const id = process.argv[2];
const threads = () => readdirSync('/proc/self/task').length;

async function openAndClose() {
  const device = await thalweg.openDevice(id);
  await device.matrix([[1]], { dtype: 'float32' });
  await device.close();
}

/** Lets finalizers run, and threads end. */
async function settle() {
  for (let turn = 0; turn < 5; turn += 1) {
    global.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function run() {
  await openAndClose();
  await settle();
  const once = threads();
  for (let time = 0; time < 12; time += 1) await openAndClose();
  await settle();
  const often = threads();
  await shortDescent(id);
  const shared = threads();
  await Promise.all(Array.from({ length: 10 }, () => shortDescent(id)));
  console.log(JSON.stringify({ once, often, shared, crowded: threads() }));
}

async function together() {
  const before = threads();
  await Promise.all(Array.from({ length: 10 }, () => shortDescent(id)));
  const first = threads() - before;
  await Promise.all(Array.from({ length: 10 }, () => shortDescent(id)));
  console.log(JSON.stringify({ first, second: threads() - before }));
}

void (process.argv[3] === 'together' ? together() : run());
