'use strict';

/** Random data and options for the operations of a walk. */
const { checkPair } = require('../../dist/objective/losses');
const { activationTable, lossTable } = require('../../dist/objective/tables');
const counts = require('../support/counts.json');

const mostValues = 20_000;
/** Devices whose kernels are compiled for each count of columns are given few of them. */
const kinds = {
  cpu: {
    columns: counts.odd,
    // So large that several threads copy the rows, draw them ahead of the steps, or read them ahead into the caches.
    large: [
      { m: 40_000, n: 9 },
      { m: 5000, n: 129 },
    ],
  },
  kernels: { columns: counts.few, large: [{ m: 5000, n: 129 }] },
};

const isPair = (activation, loss) => {
  try {
    checkPair(activation, loss);
    return true;
  } catch {
    return false;
  }
};
const pairs = Object.keys(activationTable).flatMap((activation) =>
  Object.keys(lossTable)
    .filter((loss) => isPair(activation, loss))
    .map((loss) => ({ activation, loss })),
);

const labels = {
  any: (random) => random.signed(),
  zeroOrOne: (random) => random.below(2),
  plusMinusOne: (random) => random.below(2) * 2 - 1,
  notNegative: (random) => random.below(5),
};

function randomShape(random, { columns, large }) {
  if (random.chance(0.06)) return random.of(large);
  for (;;) {
    const m = random.of(counts.odd);
    const n = random.of(columns);
    if (m * n <= mostValues) return { m, n };
  }
}

/** The rows in pieces of odd lengths, from a generator. */
function* piecesOf(data, n, rows) {
  for (let row = 0; row * n < data.length; row += rows) yield data.slice(row * n, (row + rows) * n);
}

/** The same rows, compressed. */
function compressed(data, [m, n]) {
  const [columns, indptr] = [[], [0]];
  for (let i = 0; i < m; i += 1) {
    for (let j = 0; j < n; j += 1) if (data[i * n + j] !== 0) columns.push(i * n + j);
    indptr.push(columns.length);
  }
  return {
    data: data.constructor.from(columns, (at) => data[at]),
    indices: Int32Array.from(columns, (at) => at % n),
    indptr: Uint32Array.from(indptr),
    shape: [m, n],
  };
}

/** One for a device with this id. */
function randomProblem(random, id) {
  const { m, n } = randomShape(random, id === 'cpu' ? kinds.cpu : kinds.kernels);
  const dtype = random.of(['float32', 'float64']);
  const Floats = dtype === 'float32' ? Float32Array : Float64Array;
  // Every other objective is that whose value is known here and for which descents have the most ways.
  const { activation, loss } = random.of([{ activation: 'linear', loss: 'squared' }, random.of(pairs)]);
  const data = new Floats(m * n).map(() => random.signed());
  const isSparse = random.chance(0.3);
  if (isSparse) for (let at = 0; at < data.length; at += 1) if (random.chance(0.8)) data[at] = 0;
  const chunkRows = Math.ceil(m / 20) + random.below(m);
  return {
    m,
    n,
    dtype,
    data,
    shape: [m, n],
    X: isSparse ? compressed(data, [m, n]) : { data, shape: [m, n] },
    /** Where X is while it is trained on; undefined: as it comes. */
    residency: random.of([undefined, undefined, undefined, 'disk', 'host']),
    y: new Floats(m).map(() => labels[lossTable[loss].labels](random)),
    chunks: () => ({ shape: [m, n], dtype, chunks: piecesOf(data, n, chunkRows) }),
    objective: {
      activation,
      loss,
      fitIntercept: random.chance(0.5),
      l1: random.of([0, 0, 0.01]),
      l2: random.of([0, 0, 0.1]),
    },
    plan: activation === 'linear' && loss === 'squared' ? random.of(['auto', 'fused', 'gram']) : 'fused',
  };
}

const strategies = ['batchGradientDescent', 'stochasticGradientDescent', 'miniBatchGradientDescent'];

function randomStrategy(random, name = random.of(strategies)) {
  const passes = 1 + random.below(name === 'batchGradientDescent' ? 60 : 4);
  const common = {
    learningRate: random.of(['auto', 0.01, 0.1]),
    ...(random.chance(0.3) && { tolerance: 1e-3 }),
  };
  if (name === 'batchGradientDescent') return { name, options: { ...common, iterations: passes } };
  const epochs = { ...common, epochs: passes, seed: random.below(1000) };
  return name === 'stochasticGradientDescent'
    ? { name, options: { ...epochs, sampling: random.of(['with-replacement', 'shuffle']) } }
    : { name, options: { ...epochs, batchSize: random.of([1, 3, 16, 33, 200, 5000]) } };
}

/** The loss at θ and b of linear and squared, in plain float64; undefined for the others. */
function expectedLoss({ data, y, m, n, objective }, theta, intercept) {
  const { activation, loss, l1, l2 } = objective;
  if (activation !== 'linear' || loss !== 'squared') return undefined;
  let sum = 0;
  for (let i = 0; i < m; i += 1) {
    let z = intercept;
    for (let j = 0; j < n; j += 1) z += data[i * n + j] * theta[j];
    sum += (z - y[i]) ** 2;
  }
  return theta.reduce((total, weight) => total + l1 * Math.abs(weight) + (l2 / 2) * weight ** 2, sum / m);
}

module.exports = { expectedLoss, randomProblem, randomStrategy };
