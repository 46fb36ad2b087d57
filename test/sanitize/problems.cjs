'use strict';

/** Random data and options for walk.cjs. */

/** Both sides of the boundaries of vectors, tiles and work-groups. */
const counts = [1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 129, 257, 1000, 1025];
const mostValues = 20_000;

const objectives = [
  { activation: 'linear', loss: 'squared' },
  { activation: 'linear', loss: 'absolute' },
  { activation: 'linear', loss: 'huber' },
  { activation: 'sigmoid', loss: 'log' },
  { activation: 'linear', loss: 'hinge' },
  { activation: 'exp', loss: 'poisson' },
  { activation: 'softplus', loss: 'poisson' },
  { activation: 'tanh', loss: 'squared' },
  { activation: 'relu', loss: 'squared' },
];

/** Targets that every loss takes. */
const target = (loss, random) => {
  if (loss === 'log') return random.below(2);
  if (loss === 'hinge') return random.below(2) * 2 - 1;
  return loss === 'poisson' ? random.below(5) : random.signed();
};

function randomShape(random) {
  for (;;) {
    const m = random.of(counts);
    const n = random.of(counts);
    if (m * n <= mostValues) return { m, n };
  }
}

/** The rows in pieces of odd lengths, from a generator. */
function* piecesOf(data, n, rows) {
  for (let row = 0; row * n < data.length; row += rows) yield data.slice(row * n, (row + rows) * n);
}

function randomProblem(random) {
  const { m, n } = randomShape(random);
  const dtype = random.of(['float32', 'float64']);
  const Floats = dtype === 'float32' ? Float32Array : Float64Array;
  const { activation, loss } = random.of(objectives);
  const data = new Floats(m * n).map(() => random.signed());
  const targets = new Floats(m).map(() => target(loss, random));
  const chunkRows = 1 + random.below(m);
  return {
    m,
    n,
    dtype,
    targets,
    X: { data, shape: [m, n] },
    y: targets,
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
    : { name, options: { ...epochs, batchSize: random.of([1, 3, 16, 33, 200]) } };
}

/** The loss at θ and b of linear and squared, in plain float64; undefined for the others. */
function expectedLoss({ X, targets, m, n, objective }, theta, intercept) {
  const { activation, loss, l1, l2 } = objective;
  if (activation !== 'linear' || loss !== 'squared') return undefined;
  let sum = 0;
  for (let i = 0; i < m; i += 1) {
    let z = intercept;
    for (let j = 0; j < n; j += 1) z += X.data[i * n + j] * theta[j];
    sum += (z - targets[i]) ** 2;
  }
  return theta.reduce((total, weight) => total + l1 * Math.abs(weight) + (l2 / 2) * weight ** 2, sum / m);
}

module.exports = { expectedLoss, randomProblem, randomStrategy };
