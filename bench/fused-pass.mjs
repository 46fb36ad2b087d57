/**
 * One gradient pass against NumPy's two products: `npm run bench:numpy -- [OPTIONS]`.
 *
 * Each contender descends on the same float32 bytes, which it holds in its own memory; only the passes are timed. All
 * results are compared first. Contenders take turns, round by round, and a row shows medians, so that what else the
 * machine does falls on all of them. GB/s are the bytes of X over the seconds of an iteration.
 *
 *   --sizes 8,64,256,1024   columns      --mebibytes 256   of X         --rounds 5   turns of each
 *   --device cpu            one device alone, more than once for several; all by default
 *   --python /usr/bin/python3            --json            one JSON object instead of the table
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { batchGradientDescent, devices, openDevice, versions } from 'thalweg';
import { Peer } from './peer.mjs';
import { readData, writeData } from './same-data.mjs';

const learningRate = 0.5; // 2/m·XᵀX is near 2/3 of the identity here, so that this is stable
const secondsPerTurn = 0.3;
const largestDifference = 1e-3; // of θ, relative: NumPy adds up to millions of float32 products in float32

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '8,64,256,1024' },
    mebibytes: { type: 'string', default: '256' },
    rounds: { type: 'string', default: '5' },
    device: { type: 'string', multiple: true },
    python: { type: 'string', default: '/usr/bin/python3' },
    json: { type: 'boolean', default: false },
  },
});

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const say = (text) => process.stderr.write(`${text}\n`);

async function numpy() {
  const peer = new Peer(options.python);
  try {
    return { peer, about: await peer.ask({ do: 'about' }) };
  } catch {
    say(
      `${options.python} has no NumPy to compare with. Install it, and OpenBLAS, which makes it fast:\n` +
        '  Debian, Ubuntu: apt-get install python3-numpy libopenblas0-pthread\n' +
        '  Fedora:         dnf install python3-numpy\n' +
        '  Arch:           pacman -S python-numpy openblas\n' +
        'or name another Python with --python.',
    );
    process.exit(1);
  }
}

/** A contender of the package: X and y resident on a device. */
async function onDevice(device, files, rows, columns) {
  const matrix = (file, width) =>
    device.matrix({ shape: [rows, width], dtype: 'float32', chunks: readData(file, width) });
  const [X, y] = [await matrix(files.X, columns), await matrix(files.y, 1)];
  return {
    name: device.id,
    descend: (iterations) => batchGradientDescent(X, y, { learningRate, iterations, plan: 'fused' }),
    dispose() {
      X.dispose();
      y.dispose();
    },
  };
}

/** Throws where a result is not NumPy's; a time of a wrong answer is worth nothing. */
function compare(name, theta, reference) {
  const largest = Math.max(...reference.map(Math.abs));
  const difference = Math.max(...reference.map((value, j) => Math.abs(theta[j] - value))) / largest;
  if (!(difference <= largestDifference)) {
    throw new Error(
      `${name} and NumPy disagree: θ differs by ${difference.toExponential(1)} of its largest value`,
    );
  }
  return difference;
}

/** Seconds an iteration, of each contender, turn by turn. */
async function measure(contenders) {
  const seconds = contenders.map(() => []);
  const iterations = [];
  for (const { descend } of contenders) {
    const once = (await descend(2)).seconds / 2;
    iterations.push(Math.max(2, Math.ceil(secondsPerTurn / once)));
  }
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const [index, { descend }] of contenders.entries()) {
      // The others' threads spin for a moment when their work is done.
      await setTimeout(100);
      seconds[index].push((await descend(iterations[index])).seconds / iterations[index]);
    }
  }
  return seconds.map(median);
}

async function size(columns, opened, peer, folder) {
  const rows = Math.floor((Number(options.mebibytes) * 2 ** 20) / (4 * columns));
  const files = { X: path.join(folder, 'X.f32'), y: path.join(folder, 'y.f32') };
  say(`n = ${columns}: ${rows} rows…`);
  await writeData(files, rows, columns);
  await peer.ask({ do: 'load', ...files, columns });
  const onDevices = [];
  try {
    for (const device of opened) onDevices.push(await onDevice(device, files, rows, columns));
    const reference = (await peer.ask({ do: 'descend', learningRate, iterations: 5 })).theta;
    const differences = [];
    for (const { name, descend } of onDevices)
      differences.push(compare(name, (await descend(5)).theta, reference));

    const askNumpy = (what) => (iterations) => peer.ask({ do: what, learningRate, iterations });
    const contenders = [
      { name: 'numpy', descend: askNumpy('descend') },
      { name: 'read', descend: askNumpy('read') },
      ...onDevices,
    ];
    const bytes = 4 * rows * columns;
    const [numpySeconds, readSeconds, ...rest] = await measure(contenders);
    const speed = (seconds) => ({ seconds, gigabytesPerSecond: bytes / seconds / 1e9 });
    return {
      columns,
      rows,
      bytes,
      numpy: speed(numpySeconds),
      read: speed(readSeconds),
      devices: onDevices.map(({ name }, index) => ({
        device: name,
        ...speed(rest[index]),
        ratio: numpySeconds / rest[index],
        difference: differences[index],
      })),
    };
  } finally {
    for (const contender of onDevices) contender.dispose();
  }
}

function table(results, opened) {
  const cells = (row) => `| ${row.join(' | ')} |`;
  const heads = opened.flatMap(({ id }) => [`thalweg, ${id}`, 'ratio']);
  const gbs = ({ gigabytesPerSecond }) => `${gigabytesPerSecond.toFixed(1)} GB/s`;
  return [
    cells(['n', 'rows', 'NumPy', ...heads, 'one read']),
    cells(['---:', '---:', '---:', ...heads.map(() => '---:'), '---:']),
    ...results.map(({ columns, rows, numpy, read, devices: measured }) =>
      cells([
        columns,
        rows,
        gbs(numpy),
        ...measured.flatMap((one) => [gbs(one), `${one.ratio.toFixed(1)}×`]),
        gbs(read),
      ]),
    ),
  ].join('\n');
}

async function main() {
  const { peer, about } = await numpy();
  const ids = options.device ?? (await devices()).map(({ id }) => id);
  const load = loadavg()[0];
  const opened = [];
  const folder = await mkdtemp(path.join(tmpdir(), 'thalweg-bench-'));
  try {
    for (const id of ids) opened.push(await openDevice(id));
    const results = [];
    for (const columns of options.sizes.split(',').map(Number))
      results.push(await size(columns, opened, peer, folder));

    const processor = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores`;
    if (options.json) {
      const machine = { processor, loadBefore: load, node: process.version, ...(await versions()), ...about };
      console.log(JSON.stringify({ machine, devices: opened.map(({ info }) => info), results }, null, 2));
      return;
    }
    console.log(
      `${processor}; NumPy ${about.numpy} with ${about.blas.join(', ') || 'an unknown BLAS'}; Node ${process.version}`,
    );
    for (const { info } of opened) console.log(`${info.id}: ${info.name} (${info.driver})`);
    console.log(`\n${table(results, opened)}\n`);
    console.log(
      'NumPy: X @ theta and X.T @ residuals. One read: np.dot of X with itself, the speed of memory.',
    );
    if (load > 0.5)
      console.log(`The machine was not idle before (load ${load.toFixed(1)}): the figures are low.`);
  } finally {
    peer.close();
    for (const device of opened) await device.close();
    await rm(folder, { recursive: true });
  }
}

await main();
