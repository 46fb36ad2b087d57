/**
 * What more nodes gain a batch descent over ranks: `npm run bench:scale`, or `npm run bench:scale -- mpirun.mpich` with another
 * launcher and its arguments.
 *
 * Measures on this machine what a pass takes a value of X, and what one and two ranks take for iterations over a row each, by how
 * many weights there are: the step, and the sum over ranks. From these constants alone it reckons iterations on up to 2²⁰ nodes, and it
 * measures iterations of two ranks beside what it reckons for them. docs/scale.md has the model, what came out, and what it leaves out.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const thalweg = require('../dist/index.js');

const widths = [64, 1024, 100_000];
const exponents = [5, 6, 7, 8, 9, 10, 11];
/** Of two ranks, few enough that both measurements are of passes and sums. */
const checks = [
  [64, 2 ** 14],
  [64, 2 ** 18],
  [1024, 2 ** 14],
  [100_000, 2 ** 5],
];
const turns = 40;
const mostNodes = 2 ** 20;
/** Of a network that is none of the fast ones: assumed, where what is measured is of processes that share memory. */
const ethernetLatency = 30e-6;

/** Seconds of an iteration over rows of this rank, which are all alike: what is computed does not hang on the values. */
async function iteration(columns, rows, world) {
  const data = new Float32Array(rows * columns).fill(0.5);
  const device = await thalweg.openDevice('cpu');
  const X = await device.matrix({ data, shape: [rows, columns] });
  const y = new Float32Array(rows).fill(1);
  const iterations = Math.min(2000, Math.max(3, Math.ceil(2 ** 21 / (rows * columns))));
  const options = { device, dtype: 'float32', learningRate: 1e-12, iterations, plan: 'fused', world };
  const times = [];
  for (let turn = 0; turn <= turns; turn += 1) {
    const { seconds } = await thalweg.batchGradientDescent(X, y, options);
    // The first is to warm up.
    if (turn > 0) times.push(seconds / iterations);
  }
  await device.close();
  // Of a machine that does other work the fastest turn says most.
  return Math.min(...times);
}

/** On a rank: prints what iterations take over a row a rank, and over an equal share of the rows. */
async function measureAsRank() {
  const { world } = require('../dist/mpi/index.js');
  const rests = [];
  for (const columns of widths) rests.push(await iteration(columns, 1, world));
  const iterations = [];
  for (const [columns, rows] of checks) iterations.push(await iteration(columns, rows / world.size, world));
  if (world.rank === 0) console.log(JSON.stringify({ rests, iterations }));
}

function measureOver(ranks, [program, ...args]) {
  const script = fileURLToPath(import.meta.url);
  const { status, stdout } = spawnSync(
    program,
    [...args, '-n', String(ranks), process.execPath, script, '--rank'],
    // A node of one core, of which this machine has two.
    {
      encoding: 'utf8',
      env: { ...process.env, THALWEG_THREADS: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  if (status !== 0) throw new Error(`${program} failed`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/**
 * Seconds of a sum of `count` numbers over p ranks, as native/ranks/world.cc adds: ranks meet, then few numbers go to all, and of
 * many each rank adds a piece. What goes from all to all takes log₂ p exchanges, and pieces from each to each p − 1.
 */
function sumSeconds(count, p, { latency, secondsPerByte }) {
  if (p === 1) return 0;
  const bytes = 8 * count;
  const gathered = (each) => Math.ceil(Math.log2(p)) * latency + (p - 1) * each * secondsPerByte;
  const met = gathered(16);
  if (bytes * p <= 2 ** 16) return met + gathered(bytes);
  const piece = bytes / p;
  return met + (p - 1) * (latency + piece * secondsPerByte) + gathered(piece);
}

/** A sum over two ranks is two gatherings where it is of few numbers, and three exchanges of a half of many. */
function constantsOf(one, two) {
  const sums = two.rests.map((seconds, at) => seconds - one.rests[at]);
  const last = widths.length - 1;
  const latency = sums[0] / 2;
  const secondsPerByte = (sums[last] - 3 * latency) / (8 * widths[last]);
  return {
    sums,
    latency,
    secondsPerByte,
    rests: new Map(widths.map((columns, at) => [columns, one.rests[at]])),
  };
}

/**
 * Up to how many nodes a doubling takes a tenth off an iteration at least, and up to how many each is at its rows for half of the
 * time or more.
 */
function scale(columns, rows, constants) {
  const pass = rows * columns * constants.pass.get(columns);
  const seconds = (p) => pass / p + constants.rests.get(columns) + sumSeconds(columns + 2, p, constants);
  const most = Math.min(mostNodes, rows);
  let paying = 1;
  while (2 * paying <= most && seconds(2 * paying) < 0.9 * seconds(paying)) paying *= 2;
  let busy = 1;
  while (2 * busy <= most && pass / (2 * busy) >= 0.5 * seconds(2 * busy)) busy *= 2;
  return { alone: seconds(1), busy, atBusy: seconds(busy), paying, atPaying: seconds(paying) };
}

function shown(seconds) {
  if (seconds < 1e-3) return `${Number((seconds * 1e6).toPrecision(2))} µs`;
  if (seconds < 1) return `${Number((seconds * 1e3).toPrecision(2))} ms`;
  return `${Number(seconds.toPrecision(2))} s`;
}

async function main(launcher) {
  process.env.THALWEG_THREADS = '1';
  const pass = new Map();
  for (const columns of widths)
    pass.set(columns, (await iteration(columns, Math.ceil(2 ** 25 / columns), undefined)) / 2 ** 25);
  const [one, two] = [1, 2].map((ranks) => measureOver(ranks, launcher));
  const constants = { pass, ...constantsOf(one, two) };
  const { sums, rests, latency, secondsPerByte } = constants;
  for (const [columns, seconds] of pass)
    console.log(`a value of a pass, n = ${columns}: ${(seconds * 1e9).toFixed(3)} ns`);
  for (const [at, columns] of widths.entries()) {
    const reckoned = shown(sumSeconds(columns + 2, 2, constants));
    console.log(
      `n = ${columns}: the step ${shown(rests.get(columns))}, a sum over 2 ranks ${shown(sums[at])}, reckoned ${reckoned}`,
    );
  }
  console.log(`an exchange: ${shown(latency)}, and ${(1e-9 / secondsPerByte).toFixed(2)} GB/s\n`);
  console.log(
    '| n | m | one rank, measured | two, measured | two, reckoned |\n| --- | --- | --- | --- | --- |',
  );
  for (const [at, [columns, rows]] of checks.entries()) {
    const reckoned = (one.iterations[at] + rests.get(columns)) / 2 + sumSeconds(columns + 2, 2, constants);
    console.log(
      `| ${[columns, rows, shown(one.iterations[at]), shown(two.iterations[at]), shown(reckoned)].join(' | ')} |`,
    );
  }
  console.log(
    `\n| n | m | one node | at least half busy | an iteration | a doubling pays | an iteration | with ${shown(ethernetLatency)} | an iteration |`,
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const columns of widths)
    for (const exponent of exponents) {
      const { alone, busy, atBusy, paying, atPaying } = scale(columns, 10 ** exponent, constants);
      const slower = scale(columns, 10 ** exponent, { ...constants, latency: ethernetLatency });
      const cells = [columns, `10^${exponent}`, shown(alone), busy, shown(atBusy), paying, shown(atPaying)];
      console.log(`| ${[...cells, slower.paying, shown(slower.atPaying)].join(' | ')} |`);
    }
}

if (process.argv[2] === '--rank') await measureAsRank();
else await main(process.argv.length > 2 ? process.argv.slice(2) : ['mpirun']);
