'use strict';

/** The canonical programme, a stage at a time: what `run` answers is the same every time nothing fails. */
const { thalweg } = require('./control.cjs');

const rows = 40;
const columns = 4;
const wave = (count) => Float64Array.from({ length: count }, (_, i) => ((i * 37) % 100) / 100 - 0.5);
const small = { data: wave(rows * columns), shape: [rows, columns] };
const targets = { data: wave(rows), shape: [rows, 1] };
// More than the driver fills without its own kernel.
const large = { data: wave(3000 * columns), shape: [3000, columns] };
// In pieces of 4096 bytes, so many that a pass waits for fences on its way.
const longRows = 256 * 400;
const long = { data: new Float32Array(wave(longRows * columns)), shape: [longRows, columns] };
const longTargets = { data: new Float32Array(longRows).fill(1), shape: [longRows, 1] };

const id = 'opencl:0';
const learningRate = 0.1;
const seed = 7;
const numbers = (...values) => values.flatMap((value) => (typeof value === 'number' ? value : [...value]));
const found = ({ theta, intercept, loss }) => numbers(theta, intercept, loss);

async function* halves() {
  const middle = (rows / 2) * columns;
  yield small.data.subarray(0, middle);
  yield small.data.subarray(middle);
}

async function opened(environment = {}) {
  Object.assign(process.env, environment);
  try {
    return { device: await thalweg.openDevice(id) };
  } finally {
    for (const name of Object.keys(environment)) delete process.env[name];
  }
}

/** Returns when the device, where there is one, has done what was submitted before, such as the end of a matrix. */
async function settled({ probe, X = probe }) {
  await X?.read(0, 1);
}

async function openedWithProbe() {
  const state = await opened();
  return { ...state, probe: await state.device.matrix([[1]]) };
}

async function resident() {
  const state = await opened();
  return { ...state, X: await state.device.matrix(small), y: await state.device.matrix(targets) };
}

async function residentInPieces() {
  const state = await opened({ THALWEG_MAX_ALLOCATION: '4096' });
  return { ...state, X: await state.device.matrix(long), y: await state.device.matrix(longTargets) };
}

const descent = (name, options) => ({
  prepare: resident,
  run: async ({ X, y }) => found(await thalweg[name](X, y, { learningRate, ...options })),
});

const gradientAt = async ({ X, y }) => {
  const theta = new Float64Array(columns).fill(0.5);
  const at = await thalweg.lossGradient(X, y, { theta, fitIntercept: true });
  return numbers(at.gradient, at.interceptGradient, at.loss);
};

/**
 * `prepare` is done without faults, and again before each `run` where the stage is `renewed`; a stage that
 * `discovers` asks for platforms and devices.
 */
const stages = {
  listing: {
    renewed: true,
    discovers: true,
    prepare: async () => ({}),
    run: async (state) => {
      state.devices = (await thalweg.devices()).map((device) => device.id);
      return [];
    },
  },
  opening: {
    renewed: true,
    discovers: true,
    prepare: async () => ({}),
    run: async (state) => {
      Object.assign(state, await opened());
      return [];
    },
  },
  matrix: {
    prepare: openedWithProbe,
    run: async (state) => {
      const matrix = await state.device.matrix(large);
      matrix.dispose();
      await settled(state);
      return [];
    },
  },
  chunks: {
    prepare: openedWithProbe,
    run: async (state) => {
      const chunks = { shape: small.shape, dtype: 'float64', chunks: halves() };
      const matrix = await state.device.matrix(chunks);
      matrix.dispose();
      await settled(state);
      return [];
    },
  },
  batch: descent('batchGradientDescent', { iterations: 2 }),
  stochastic: descent('stochasticGradientDescent', { epochs: 1, seed }),
  'mini-batch': descent('miniBatchGradientDescent', { epochs: 1, batchSize: 16, seed }),
  gram: descent('batchGradientDescent', { iterations: 2, plan: 'gram' }),
  predict: {
    prepare: resident,
    run: async ({ X }) => {
      const neuron = new thalweg.Neuron({ weights: [0.5, -0.5, 1, 2], bias: 0.25, activation: 'sigmoid' });
      return numbers(await neuron.predict(X));
    },
  },
  score: {
    prepare: resident,
    run: async ({ X, y }) => [await new thalweg.Neuron({ weights: [0.5, -0.5, 1, 2] }).score(X, y)],
  },
  lossGradient: { prepare: resident, run: gradientAt },
  'lossGradient in pieces': { prepare: residentInPieces, run: gradientAt },
  closing: {
    renewed: true,
    prepare: async () => {
      const state = await resident();
      await stages.batch.run(state);
      return state;
    },
    run: async ({ device }) => {
      await device.close();
      return [];
    },
  },
};

module.exports = { settled, stages };
