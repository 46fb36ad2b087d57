/**
 * Fits on the CPU in this fresh process, and prints how many bytes its memory grew by at most, from before X enters:
 * `chunks` hands X over in blocks, `array` as a typed array that is there before.
 */
import { readFileSync } from 'node:fs';
import { batchGradientDescent, openDevice } from 'thalweg';
import { uniform } from '../harness/uniform.mjs';

const [source, rows, columns] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const blockRows = Math.max(1, Math.floor(2 ** 18 / columns));
const draw = uniform(1);

const kibibytes = (name) =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status'))[1]);

function randomValues(count) {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 1) values[i] = draw();
  return values;
}

function* blocks() {
  for (let row = 0; row < rows; row += blockRows)
    yield randomValues(Math.min(blockRows, rows - row) * columns);
}

const y = randomValues(rows);
const options = { learningRate: 0.1, iterations: 5, device: 'cpu', plan: 'fused' };

/** The small fit before loads and starts what every later one shares. */
await batchGradientDescent(
  { data: new Float32Array(columns), shape: [1, columns] },
  y.subarray(0, 1),
  options,
);

async function fitChunks() {
  const device = await openDevice('cpu');
  const before = kibibytes('VmRSS');
  const X = await device.matrix({ shape: [rows, columns], dtype: 'float32', chunks: blocks() });
  await batchGradientDescent(X, y, { ...options, device });
  await device.close();
  return before;
}

async function fitArray() {
  const data = randomValues(rows * columns);
  const before = kibibytes('VmRSS');
  await batchGradientDescent({ data, shape: [rows, columns] }, y, options);
  return before;
}

const before = await (source === 'chunks' ? fitChunks() : fitArray());
console.log(JSON.stringify({ bytes: 1024 * (kibibytes('VmHWM') - before) }));
