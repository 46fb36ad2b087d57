'use strict';

/**
 * A random walk over the public API, for a sanitized addon to be watched in:
 * `node --expose-gc walk.cjs --seed N --operations N --device ID [--log FILE] [--from N]`.
 *
 * What operation i does follows from the seed and i alone, as does which object it takes: slots hold promises, and are
 * filled and emptied as operations begin. Several operations are under way at once, so that what is disposed of, closed
 * or collected is often in use. When things happen is up to the machine. An odd seed ends with process.exit, whatever is
 * still going on. The log has a line as each operation begins and as it ends; the last ones say where a process died.
 */
const { appendFileSync, writeFileSync } = require('node:fs');
const { setTimeout: pause } = require('node:timers/promises');
const { parseArgs } = require('node:util');
const { Worker, isMainThread, workerData } = require('node:worker_threads');
const thalweg = require('../../dist');
const { Random } = require('./random.cjs');
const { expectedLoss, randomProblem, randomStrategy } = require('./problems.cjs');

/** Operations under way at once. */
const mostAtOnce = 6;
/** One that takes longer hangs. */
const patience = 300_000;
const mostSlots = 4;

class WalkError extends Error {}

/** What a caller's own code throws or aborts with, which has to come back as it is. */
class Mine extends Error {}

function right(holds, what) {
  if (!holds) throw new WalkError(what);
}

/** Objects by number, as promises: an operation that finds one failed just fails with it. */
class Slots {
  #held = new Array(mostSlots).fill(undefined);

  put(random, promise) {
    promise.catch(() => undefined);
    this.#held[random.below(mostSlots)] = promise;
  }

  /** Any of them, or undefined. */
  one(random) {
    return this.#held[random.below(mostSlots)];
  }

  /** Takes one out. */
  take(random) {
    const slot = random.below(mostSlots);
    const found = this.#held[slot];
    this.#held[slot] = undefined;
    return found;
  }

  all() {
    return this.#held.filter((promise) => promise !== undefined);
  }
}

class Walk {
  #id;
  #seed;
  #devices = new Slots();
  #matrices = new Slots();
  #log;

  constructor({ seed, device, log }) {
    this.#seed = seed;
    this.#id = device;
    this.#log = log === undefined ? () => undefined : (line) => appendFileSync(log, `${line}\n`);
  }

  /** A device that is open, or being opened or closed, or just its name. */
  async #device(random) {
    const slot = random.chance(0.7) ? this.#devices.one(random) : undefined;
    return slot === undefined ? this.#id : await slot;
  }

  /** A promise of matrices X and y of one problem, often on an open device. */
  #operands(random) {
    const slot = random.chance(0.5) ? this.#matrices.one(random) : undefined;
    if (slot !== undefined) return slot;
    const problem = randomProblem(random);
    return this.#device(random).then((device) => ({ problem, X: problem.X, y: problem.y, device }));
  }

  #signal(random) {
    const kind = random.below(6);
    if (kind === 0) return AbortSignal.abort(new Mine('aborted before'));
    if (kind > 2) return undefined;
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Mine('aborted')), random.below(8));
    return controller.signal;
  }

  #progress(random) {
    const kind = random.below(8);
    if (kind > 2) return undefined;
    return () => {
      if (kind === 0) throw new Mine('thrown by onProgress');
      if (kind === 1) global.gc();
    };
  }

  /** Each begins what it does at once, as far as slots go, and returns a promise of the rest. */
  #operations = [
    [3, 'open', (random) => this.#open(random)],
    [6, 'matrix', (random) => this.#matrix(random)],
    [12, 'descend', (random) => this.#descend(random)],
    [6, 'lossGradient', (random) => this.#lossGradient(random)],
    [4, 'neuron', (random) => this.#neuron(random)],
    [3, 'dispose', (random) => this.#dispose(random)],
    [2, 'close', (random) => this.#close(random)],
    [1, 'devices', () => thalweg.devices()],
    [2, 'collect', (random) => this.#collect(random)],
    [4, 'bad input', (random) => this.#badInput(random)],
    [1, 'worker', (random) => this.#worker(random)],
  ];

  #open(random) {
    const opening = thalweg.openDevice(this.#id);
    this.#devices.put(random, opening);
    return opening;
  }

  #matrix(random) {
    const problem = randomProblem(random);
    const slot = this.#devices.one(random) ?? thalweg.openDevice(this.#id);
    const inChunks = random.chance(0.3);
    const making = slot.then(async (device) => {
      const X = await device.matrix(inChunks ? problem.chunks() : problem.X, { dtype: problem.dtype });
      const y = await device.matrix(
        { data: problem.targets, shape: [problem.m, 1] },
        { dtype: problem.dtype },
      );
      return { problem, X, y, device };
    });
    this.#matrices.put(random, making);
    return making;
  }

  async #descend(random) {
    const operands = this.#operands(random);
    const { name, options } = randomStrategy(random);
    const onProgress = this.#progress(random);
    const mayAbort = random.chance(0.4);
    const { problem, X, y, device } = await operands;
    const plan = name === 'batchGradientDescent' ? { plan: problem.plan } : {};
    const signal = mayAbort ? this.#signal(random) : undefined;
    const { theta, loss } = await thalweg[name](X, y, {
      ...options,
      ...plan,
      ...problem.objective,
      device,
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    });
    right(theta.length === problem.n && theta.every(Number.isFinite), `θ is ${theta.length} values`);
    right(loss.every(Number.isFinite), 'a loss is not finite');
  }

  async #lossGradient(random) {
    const { problem, X, y, device } = await this.#operands(random);
    const theta = new Float64Array(problem.n).map(() => random.signed() / problem.n);
    const intercept = problem.objective.fitIntercept ? random.signed() : 0;
    const signal = this.#signal(random);
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

  async #neuron(random) {
    const { problem, X, y, device } = await this.#operands(random);
    const { activation, loss } = problem.objective;
    const neuron = new thalweg.Neuron({ inputs: problem.n, activation });
    const standardize = random.chance(0.3) && X === problem.X;
    const { options } = randomStrategy(random, 'stochasticGradientDescent');
    const call = { ...options, strategy: 'stochastic', loss, device, ...(standardize && { standardize }) };
    await neuron.fit(X, y, call);
    const outputs = await neuron.predict(X, { device });
    right(outputs.length === problem.m, `${outputs.length} outputs`);
    right(outputs.every(Number.isFinite), 'an output is not finite');
  }

  async #dispose(random) {
    const slot = this.#matrices.take(random);
    const both = random.chance(0.5);
    if (slot === undefined) return;
    const { X, y } = await slot;
    X.dispose();
    if (both) y.dispose();
  }

  async #close(random) {
    const slot = this.#devices.take(random);
    if (slot === undefined) return;
    await (await slot).close();
  }

  /** Forgets a matrix, and sometimes a device, without a word. */
  async #collect(random) {
    this.#matrices.take(random);
    if (random.chance(0.3)) this.#devices.take(random);
    await pause(0);
    global.gc();
  }

  async #badInput(random) {
    const device = await this.#device(random);
    const problem = randomProblem(random);
    const data = problem.X.data.slice();
    const kind = random.below(4);
    if (kind === 0) data[random.below(data.length)] = NaN;
    const shape = kind === 1 ? [problem.m + 1, problem.n] : problem.X.shape;
    const y = kind === 2 ? problem.targets.subarray(1) : problem.targets;
    const options = { learningRate: kind === 3 ? 1e30 : 0.1, iterations: 30, device };
    const code = await thalweg.batchGradientDescent({ data, shape }, y, options).then(
      () => 'none',
      (error) => {
        if (!(error instanceof thalweg.ThalwegError)) throw error;
        return error.code;
      },
    );
    const codes = [['ERR_NOT_FINITE'], ['ERR_SHAPE'], ['ERR_SHAPE'], ['ERR_DIVERGED', 'none']][kind];
    right([...codes, 'ERR_DISPOSED'].includes(code), `bad input ${kind} ended in ${code}`);
  }

  /** A walk in a worker, which may be terminated at any moment of it. */
  async #worker(random) {
    const data = { seed: random.below(2 ** 31), operations: 3 + random.below(10), device: this.#id };
    const lifetime = random.chance(0.7) ? random.below(300) : undefined;
    const worker = new Worker(__filename, { workerData: data });
    const ended = new Promise((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', resolve);
    });
    if (lifetime !== undefined) {
      await Promise.race([pause(lifetime), ended]);
      await worker.terminate();
    }
    await ended;
  }

  #choose(random) {
    const operations = isMainThread ? this.#operations : this.#operations.slice(0, -1);
    const total = operations.reduce((sum, [weight]) => sum + weight, 0);
    let rest = random.below(total);
    return operations.find(([weight]) => (rest -= weight) < 0);
  }

  async #operation(index) {
    const random = new Random(this.#seed, index);
    const [, name, begin] = this.#choose(random);
    this.#log(`${index} ${name}`);
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new WalkError(`not over after ${patience / 1000} s`)), patience);
    });
    let outcome = 'ok';
    try {
      await Promise.race([begin(random), late]);
    } catch (error) {
      if (!(error instanceof Mine) && !isExpected(error)) {
        throw new Error(`seed ${this.#seed}, operation ${index} (${name}): ${error.message}`, {
          cause: error,
        });
      }
      outcome = error.code ?? error.message;
    } finally {
      clearTimeout(timer);
    }
    this.#log(`${index} ${name}: ${outcome}`);
    return outcome;
  }

  /** Counts outcomes. */
  async run(operations) {
    const counts = {};
    const running = new Set();
    for (let index = 0; index < operations; index += 1) {
      const one = this.#operation(index).then((outcome) => {
        counts[outcome] = (counts[outcome] ?? 0) + 1;
        running.delete(one);
      });
      running.add(one);
      if (running.size >= mostAtOnce) await Promise.race(running);
    }
    if (this.#seed % 2 === 1 && isMainThread) return counts;
    await Promise.all(running);
    await Promise.all(this.#devices.all().map((opening) => opening.then((device) => device.close())));
    return counts;
  }
}

/** What a descent of random options, on a device that another operation closes, may end in. */
function isExpected(error) {
  const codes = ['ERR_DIVERGED', 'ERR_DISPOSED'];
  return error instanceof thalweg.ThalwegError && codes.includes(error.code);
}

async function main() {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      operations: { type: 'string', default: '200' },
      device: { type: 'string', default: 'cpu' },
      log: { type: 'string' },
    },
  });
  const seed = Number(values.seed);
  if (values.log !== undefined) writeFileSync(values.log, '');
  const counts = await new Walk({ ...values, seed }).run(Number(values.operations));
  console.log(JSON.stringify(counts));
  if (seed % 2 === 1) process.exit(0);
}

if (isMainThread) {
  void main();
} else {
  void new Walk(workerData).run(workerData.operations);
}
