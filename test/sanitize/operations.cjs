'use strict';

/**
 * What a walk does: each operation begins at once, as far as slots go, and returns a promise of the rest. It is given its
 * own random numbers and the world: `id`, the device that the walk is on, and the slots of devices and matrices.
 */
const { setTimeout: pause } = require('node:timers/promises');
const thalweg = require('../../dist');
const { expectedLoss, randomProblem, randomStrategy } = require('./problems.cjs');

class WalkError extends Error {}

/** What a caller's own code throws or aborts with, which has to come back as it is. */
class Mine extends Error {}

function right(holds, what) {
  if (!holds) throw new WalkError(what);
}

/** A device that is open, or being opened or closed, or just its name. */
async function someDevice(random, { id, devices }) {
  const slot = random.chance(0.7) ? devices.one(random) : undefined;
  return slot === undefined ? id : await slot;
}

/** A promise of matrices X and y of one problem, often on an open device. */
function operands(random, world) {
  const slot = random.chance(0.5) ? world.matrices.one(random) : undefined;
  if (slot !== undefined) return slot;
  const problem = randomProblem(random, world.id);
  return someDevice(random, world).then((device) => ({ problem, X: problem.X, y: problem.y, device }));
}

/** One that has aborted, one that soon will, or none. */
function someSignal(random) {
  const kind = random.below(6);
  if (kind === 0) return AbortSignal.abort(new Mine('aborted before'));
  if (kind > 2) return undefined;
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Mine('aborted')), random.below(8));
  return controller.signal;
}

function someProgress(random) {
  const kind = random.below(8);
  if (kind > 2) return undefined;
  return () => {
    if (kind === 0) throw new Mine('thrown by onProgress');
    if (kind === 1) global.gc();
  };
}

function open(random, { id, devices }) {
  const opening = thalweg.openDevice(id);
  devices.put(random, opening);
  return opening;
}

function matrix(random, { id, devices, matrices }) {
  const problem = randomProblem(random, id);
  const slot = devices.one(random) ?? thalweg.openDevice(id);
  const inChunks = random.chance(0.3);
  const making = slot.then(async (device) => {
    const { m, dtype, residency } = problem;
    const placed = { dtype, ...(residency && { residency }) };
    const X = await device.matrix(inChunks ? problem.chunks() : problem.X, placed);
    const y = await device.matrix({ data: problem.y, shape: [m, 1] }, { dtype });
    return { problem, X, y, device };
  });
  matrices.put(random, making);
  return making;
}

async function descend(random, world) {
  const operandsComing = operands(random, world);
  const { name, options } = randomStrategy(random);
  const onProgress = someProgress(random);
  const mayAbort = random.chance(0.4);
  const { problem, X, y, device } = await operandsComing;
  const plan = name === 'batchGradientDescent' ? { plan: problem.plan } : {};
  const signal = mayAbort ? someSignal(random) : undefined;
  const { theta, loss } = await thalweg[name](X, y, {
    ...options,
    ...plan,
    ...problem.objective,
    ...(X === problem.X && problem.residency && { residency: problem.residency }),
    device,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  right(theta.length === problem.n && theta.every(Number.isFinite), `θ is ${theta.length} values`);
  right(loss.every(Number.isFinite), 'a loss is not finite');
}

async function lossGradient(random, world) {
  const { problem, X, y, device } = await operands(random, world);
  const theta = new Float64Array(problem.n).map(() => random.signed() / problem.n);
  const intercept = problem.objective.fitIntercept ? random.signed() : 0;
  const signal = someSignal(random);
  const found = await thalweg.lossGradient(X, y, {
    theta,
    intercept,
    ...problem.objective,
    device,
    ...(signal && { signal }),
  });
  right(found.gradient.length === problem.n, `the gradient is ${found.gradient.length} values`);
  const expected = expectedLoss(problem, theta, intercept);
  if (expected === undefined) return;
  const least = problem.dtype === 'float32' ? 1e-4 : 1e-9;
  right(Math.abs(found.loss - expected) <= least * (1 + expected), `loss ${found.loss}, not ${expected}`);
}

async function neuron(random, world) {
  const { problem, X, y, device } = await operands(random, world);
  const { activation, loss } = problem.objective;
  const model = new thalweg.Neuron({ inputs: problem.n, activation });
  const standardize = random.chance(0.3) && X === problem.X;
  const { options } = randomStrategy(random, 'stochasticGradientDescent');
  const call = { ...options, strategy: 'stochastic', loss, device, ...(standardize && { standardize }) };
  await model.fit(X, y, call);
  const outputs = await model.predict(X, { device });
  right(outputs.length === problem.m, `${outputs.length} outputs`);
  right(outputs.every(Number.isFinite), 'an output is not finite');
}

async function dispose(random, { matrices }) {
  const slot = matrices.take(random);
  const both = random.chance(0.5);
  if (slot === undefined) return;
  const { X, y } = await slot;
  X.dispose();
  if (both) y.dispose();
}

async function close(random, { devices }) {
  const slot = devices.take(random);
  if (slot === undefined) return;
  await (await slot).close();
}

/** Forgets a matrix, and sometimes a device, without a word. */
async function collect(random, { devices, matrices }) {
  matrices.take(random);
  if (random.chance(0.3)) devices.take(random);
  await pause(0);
  global.gc();
}

/** What is bad, and the codes that it may end in; a device that is closed meanwhile comes first. */
const badInputs = [
  { codes: ['ERR_NOT_FINITE'], spoil: ({ data }, random) => (data[random.below(data.length)] = NaN) },
  { codes: ['ERR_SHAPE'], spoil: (input) => (input.shape = [input.shape[0] + 1, input.shape[1]]) },
  { codes: ['ERR_SHAPE'], spoil: (input) => (input.y = input.y.subarray(1)) },
  { codes: ['ERR_DIVERGED', 'none'], spoil: (input) => (input.learningRate = 1e30) },
];

async function badInput(random, world) {
  const device = await someDevice(random, world);
  const { data: values, shape: shapeOfAll, y } = randomProblem(random, world.id);
  const { codes, spoil } = random.of(badInputs);
  const input = { data: values.slice(), shape: shapeOfAll, y, learningRate: 0.1 };
  spoil(input, random);
  const { data, shape, learningRate } = input;
  const options = { learningRate, iterations: 30, device };
  const code = await thalweg.batchGradientDescent({ data, shape }, input.y, options).then(
    () => 'none',
    (error) => {
      if (!(error instanceof thalweg.ThalwegError)) throw error;
      return error.code;
    },
  );
  right([...codes, 'ERR_DISPOSED'].includes(code), `what should end in ${codes.join()} ended in ${code}`);
}

/** How often each is taken, against the others. */
const operations = [
  { weight: 3, name: 'open', begin: open },
  { weight: 6, name: 'matrix', begin: matrix },
  { weight: 12, name: 'descend', begin: descend },
  { weight: 6, name: 'lossGradient', begin: lossGradient },
  { weight: 4, name: 'neuron', begin: neuron },
  { weight: 3, name: 'dispose', begin: dispose },
  { weight: 2, name: 'close', begin: close },
  { weight: 1, name: 'devices', begin: () => thalweg.devices() },
  { weight: 2, name: 'collect', begin: collect },
  { weight: 4, name: 'bad input', begin: badInput },
];

/** Whether a right addon may end an operation so: of random options, on a device that another operation closes. */
function isExpected(error) {
  if (error instanceof Mine) return true;
  return error instanceof thalweg.ThalwegError && ['ERR_DIVERGED', 'ERR_DISPOSED'].includes(error.code);
}

module.exports = { WalkError, isExpected, operations };
