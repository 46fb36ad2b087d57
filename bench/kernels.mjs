/**
 * The gradient pass on each device, by columns: `npm run bench:kernels -- [OPTIONS]`.
 *
 * X and y stay on the device; the time of an iteration is that of long descents less short ones, so that uploads and
 * starts fall out. GB/s are the bytes of X over it. The share is of the fastest read of the same bytes in this run: of
 * predictions, which read X once and write little, and of the passes themselves.
 *
 *   --sizes 8,64,256,1024,4096,16384   columns   --mebibytes 256   of X   --dtype float32   --device ID, repeatable
 *   --json   one JSON object instead of the tables
 */
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { Neuron, batchGradientDescent, devices, openDevice, versions } from 'thalweg';

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '8,64,256,1024,4096,16384' },
    mebibytes: { type: 'string', default: '256' },
    dtype: { type: 'string', default: 'float32' },
    device: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
  },
});
const valueBytes = options.dtype === 'float64' ? 8 : 4;
const rounds = 5;
const secondsPerRound = 0.2;

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Numbers between -1 and 1, in blocks of rows: a small generator of its own, as Math.random would take longest. */
async function* randomBlocks(rows, columns) {
  const Values = options.dtype === 'float64' ? Float64Array : Float32Array;
  const blockRows = Math.max(1, Math.floor((1 << 20) / columns));
  let state = 1;
  for (let row = 0; row < rows; row += blockRows) {
    const values = new Values(Math.min(blockRows, rows - row) * columns);
    for (let i = 0; i < values.length; ++i) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      values[i] = state / 2 ** 31 - 1;
    }
    yield values;
  }
}

/** Seconds of one call, as often as fills a round. */
async function secondsOf(call) {
  const first = await call(1);
  const count = Math.max(1, Math.min(10_000, Math.round(secondsPerRound / Math.max(first, 1e-6))));
  return await call(count);
}

async function measure(device, columns) {
  const rows = Math.max(1, Math.floor((Number(options.mebibytes) * 2 ** 20) / columns / valueBytes));
  const matrix = (width) =>
    device.matrix({ shape: [rows, width], dtype: options.dtype, chunks: randomBlocks(rows, width) });
  const [X, y] = [await matrix(columns), await matrix(1)];
  const descend = async (iterations) => {
    const { seconds } = await batchGradientDescent(X, y, { learningRate: 1e-9, iterations, device });
    return seconds;
  };
  const pass = async (count) => ((await descend(count + 1)) - (await descend(1))) / count;
  const neuron = new Neuron({ inputs: columns });
  const read = async () => {
    const start = performance.now();
    await neuron.predict(X, { device });
    return (performance.now() - start) / 1000;
  };
  const passes = [];
  const reads = [];
  for (let round = 0; round < rounds; ++round) {
    passes.push(await secondsOf(pass));
    reads.push(await read());
  }
  X.dispose();
  y.dispose();
  const bytes = rows * columns * valueBytes;
  return { columns, rows, bytes, pass: bytes / median(passes) / 1e9, read: bytes / median(reads) / 1e9 };
}

async function measureDevice(info) {
  const device = await openDevice(info.id);
  try {
    const results = [];
    for (const size of options.sizes.split(',').map(Number)) {
      process.stderr.write(`${info.id}, n = ${size}…\n`);
      results.push(await measure(device, size));
    }
    const limit = Math.max(...results.flatMap(({ pass, read }) => [pass, read]));
    return { info, limit, results: results.map((result) => ({ ...result, share: result.pass / limit })) };
  } finally {
    await device.close();
  }
}

function table({ info, limit, results }) {
  const lines = results.map(({ columns, rows, pass, read, share }) => {
    const percent = `${Math.round(share * 100)} %`;
    return `| ${columns} | ${rows} | ${pass.toFixed(1)} GB/s | ${percent} | ${read.toFixed(1)} GB/s |`;
  });
  const head = ['| n | rows | gradient pass | share | predictions |', '| ---: | ---: | ---: | ---: | ---: |'];
  return [
    `${info.id}: ${info.name}, driver ${info.driver}; fastest read ${limit.toFixed(1)} GB/s`,
    '',
    ...head,
    ...lines,
    '',
  ].join('\n');
}

const found = await devices();
const chosen = options.device ?? found.map(({ id }) => id);
const measured = [];
for (const id of chosen) {
  const info = found.find((device) => device.id === id);
  if (info === undefined) throw new Error(`there is no device ${id}: ${found.map((device) => device.id)}`);
  measured.push(await measureDevice(info));
}
if (options.json) console.log(JSON.stringify({ versions: await versions(), dtype: options.dtype, measured }));
else for (const one of measured) console.log(table(one));
