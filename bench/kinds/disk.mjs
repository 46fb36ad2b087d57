import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeSync, openSync, closeSync, fsyncSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { descend } from '../harness/ours.mjs';
import { findProgram } from '../../scripts/tools.mjs';
import { race } from '../harness/race.mjs';
import { byShape } from './on-device.mjs';

/** Of a block of rows on its way to the file. */
const blockBytes = 16 << 20;

/** A batch iteration over rows in a file, none of which stay in memory, beside dd reading a file of the same size past the page cache. */
export const measure = byShape(measureShape);

async function measureShape(one, { rows, columns }, device, context) {
  const dd = findProgram('dd');
  if (dd === undefined) throw new Error('dd is not there: nothing else tells what the disk gives');
  const bytes = 4 * rows * columns;
  context.say(`${one.id}: ${rows}×${columns}, ${(bytes / 2 ** 30).toFixed(1)} GiB…`);
  const folder = folderBeside();
  const environment = { ...process.env };
  Object.assign(process.env, { THALWEG_SPOOL: folder, THALWEG_SPOOL_MEMORY: '0' });
  try {
    const beside = path.join(folder, 'beside');
    writeFile(beside, bytes);
    const X = await device.matrix(source(rows, columns), { residency: 'disk' });
    const y = await device.matrix({ data: new Float32Array(rows).fill(1), shape: [rows, 1] });
    const options = { learningRate: 1e-4, plan: 'fused' };
    const measured = await race(
      [
        {
          name: 'thalweg',
          run: async (count) => (await descend({ X, y }, 'batch', { ...options, iterations: count })).seconds,
        },
        { name: 'dd', run: async (count) => readBy(dd, beside, count) },
      ],
      context,
    );
    X.dispose();
    y.dispose();
    for (const found of Object.values(measured)) found.gigabytesPerSecond = bytes / found.seconds / 1e9;
    const title = `n = ${columns}, ${(bytes / 2 ** 30).toFixed(1)} GiB`;
    return { title, device: device.id, rows, columns, dtype: 'float32', bytes, contenders: measured };
  } finally {
    process.env = environment;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** On the disk where rows go by default. */
function folderBeside() {
  const parent = process.env.THALWEG_SPOOL ?? path.join(homedir(), '.cache', 'thalweg', 'spool');
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(path.join(parent, 'bench-'));
}

function readBy(dd, file, count) {
  const start = performance.now();
  for (let time = 0; time < count; time += 1)
    execFileSync(dd, ['if=' + file, 'of=/dev/null', 'iflag=direct', 'bs=1M'], { stdio: 'ignore' });
  return (performance.now() - start) / 1000;
}

const block = (bytes) => new Float32Array(bytes / 4).map((_, i) => Math.sin(i));

function writeFile(file, bytes) {
  const some = block(blockBytes);
  const descriptor = openSync(file, 'w');
  for (let left = bytes; left > 0; left -= blockBytes)
    writeSync(descriptor, some, 0, Math.min(left, blockBytes));
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function source(rows, columns) {
  const each = Math.max(1, Math.floor(blockBytes / (4 * columns)));
  const some = block(4 * each * columns);
  return {
    ...{ rows, columns, dtype: 'float32' },
    *blocks() {
      for (let row = 0; row < rows; row += each) yield some.subarray(0, Math.min(each, rows - row) * columns);
    },
  };
}
