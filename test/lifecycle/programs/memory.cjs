'use strict';

/** Makes matrices and forgets them; prints by how many of them the resident memory grew: `node --expose-gc memory.cjs`. */
const { thalweg } = require('./common.cjs');

const bytes = 64 << 20;
const shape = [bytes / 4 / 64, 64];

async function run() {
  const data = new Float32Array(bytes / 4).fill(1);
  const device = await thalweg.openDevice('cpu');
  await device.matrix({ data, shape });
  const before = process.memoryUsage.rss();
  for (let made = 0; made < 30; made += 1) {
    await device.matrix({ data, shape });
    global.gc();
    // Finalizers run in a turn of their own.
    await new Promise((resume) => setTimeout(resume, 5));
  }
  console.log(Math.round((process.memoryUsage.rss() - before) / bytes));
  await device.close();
}

void run();
