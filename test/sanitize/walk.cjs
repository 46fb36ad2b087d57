'use strict';

/**
 * A random walk over the public API, for a sanitized addon to be watched in:
 * `node --expose-gc walk.cjs --seed N --operations N --device ID [--log FILE]`.
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
const { WalkError, isExpected, operations } = require('./operations.cjs');
const { Random } = require('./random.cjs');
const { Slots } = require('./slots.cjs');
const { surround } = require('./surroundings.cjs');

/** Operations under way at once. */
const mostAtOnce = 6;
/** One that takes longer hangs. */
const patience = 300_000;

/** A walk in a worker, which may be terminated at any moment of it. */
async function walkInWorker(random, { id: device }) {
  const data = { seed: random.below(2 ** 31), operations: 3 + random.below(10), device };
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

/** Workers start none themselves. */
const choices = isMainThread
  ? [...operations, { weight: 1, name: 'worker', begin: walkInWorker }]
  : operations;

function choose(random) {
  let rest = random.below(choices.reduce((sum, { weight }) => sum + weight, 0));
  return choices.find(({ weight }) => (rest -= weight) < 0);
}

/** Fails where the promise takes longer than anything should. */
async function inTime(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new WalkError(`not over after ${patience / 1000} s`)), patience);
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

class Walk {
  #seed;
  #world;
  #log;

  constructor({ seed, device, log }) {
    this.#seed = seed;
    this.#world = { id: device, devices: new Slots(), matrices: new Slots() };
    this.#log = log === undefined ? () => undefined : (line) => appendFileSync(log, `${line}\n`);
  }

  async #operation(index) {
    const random = new Random(this.#seed, index);
    const { name, begin } = choose(random);
    this.#log(`${index} ${name}`);
    let outcome = 'ok';
    try {
      await inTime(begin(random, this.#world));
    } catch (error) {
      if (!isExpected(error)) {
        const where = `seed ${this.#seed}, operation ${index} (${name})`;
        throw new Error(`${where}: ${error.message}`, { cause: error });
      }
      outcome = error.code ?? error.message;
    }
    this.#log(`${index} ${name}: ${outcome}`);
    return outcome;
  }

  /** Counts outcomes. */
  async run(count) {
    const outcomes = {};
    const running = new Set();
    for (let index = 0; index < count; index += 1) {
      const one = this.#operation(index).then((outcome) => {
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        running.delete(one);
      });
      running.add(one);
      if (running.size >= mostAtOnce) await Promise.race(running);
    }
    if (this.#seed % 2 === 1 && isMainThread) return outcomes;
    await Promise.all(running);
    const closing = this.#world.devices.all().map((opening) => opening.then((device) => device.close()));
    await Promise.all(closing);
    return outcomes;
  }
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
  const surroundings = await surround(new Random(seed, -1));
  const outcomes = await new Walk({ ...values, seed }).run(Number(values.operations));
  console.log(JSON.stringify({ ...surroundings, ...outcomes }));
  if (seed % 2 === 1) process.exit(0);
}

if (isMainThread) {
  void main();
} else {
  void new Walk(workerData).run(workerData.operations);
}
