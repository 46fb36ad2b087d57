'use strict';

/**
 * Prints what is said where the system gives a process no more threads, and θ once it does again: `node no-thread.cjs`, with
 * THALWEG_SPOOL, and THALWEG_SPOOL_MEMORY=0. What is asked for without a thread is rows in a file, and then another device.
 */
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { thalweg, X, y, shortDescent } = require('./common.cjs');

const onDisk = (device) =>
  thalweg.batchGradientDescent(X, y, {
    ...{ learningRate: 1e-3, iterations: 2, plan: 'fused', residency: 'disk' },
    device,
  });
const told = (error) => ({ name: error.name, code: error.code, message: error.message });

/** Has all be loaded that is needed: who has no thread left starts no program. */
async function warm(device) {
  await onDisk(device);
  await thalweg.openDevice('none').catch(() => undefined);
}

async function main() {
  const device = await thalweg.openDevice('cpu');
  await warm(device);
  // Root has no limit.
  if (process.getuid() === 0) process.setuid(65534);
  const limits = `prlimit --pid ${process.pid}`;
  const none = `${limits} --nproc=1: && echo`;
  const asBefore = `${limits} --nproc=$(${limits} --nproc --output=HARD --noheadings --raw): && echo`;
  const stdio = ['pipe', 'pipe', 'inherit'];
  const shell = spawn('sh', ['-c', `${none} && read line && ${asBefore}`], { stdio });
  await once(shell.stdout, 'data');
  const failures = [await onDisk(device).catch(told), await thalweg.openDevice('cpu').catch(told)];
  shell.stdin.write('\n');
  await once(shell.stdout, 'data');
  const { theta } = await onDisk(device);
  const [short] = (await shortDescent('cpu')).theta;
  console.log(JSON.stringify({ failures, count: theta.length, short }));
}

void main();
