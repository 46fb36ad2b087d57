'use strict';

/**
 * Makes each call of some OpenCL functions fail in turn: `node walk.cjs JSON`, where JSON is { FUNCTION: [VARIANT, …] }
 * and a variant is what follows the call's number in a fault: '', '=-4', '+'. Prints a JSON object for each failure,
 * and one at the end.
 */
const { rmSync } = require('node:fs');
const { arm, counted } = require('./control.cjs');
const { settled, stages } = require('./stages.cjs');

const functions = Object.entries(JSON.parse(process.argv[2]));

/** What a device does once in its life is done again on a device that is new. */
const once = [
  'clCreateProgramWithSource',
  'clCreateProgramWithBinary',
  'clGetProgramInfo',
  'clBuildProgram',
  'clGetProgramBuildInfo',
  'clCreateKernel',
];
/** Compiled kernels are kept as binaries where none are. */
const onlyUncached = ['clGetProgramInfo'];
const discovery = ['clGetPlatformIDs', 'clGetPlatformInfo', 'clGetDeviceIDs', 'clGetDeviceInfo'];
/** Only a build that failed is asked about. */
const before = { clGetProgramBuildInfo: 'clBuildProgram:1' };

/** Forgets the kernels that were compiled before. */
function emptyCache() {
  const { THALWEG_CACHE } = process.env;
  if (THALWEG_CACHE !== 'off') rmSync(THALWEG_CACHE, { recursive: true, force: true });
}

/** All calls of a short stage; of a long one the first, some on the way, and the last; of variants the first and last. */
function chosen(count, variant) {
  const all = Array.from({ length: count }, (_, i) => i + 1);
  if (variant !== '') return all.filter((nth) => nth === 1 || nth === count);
  const step = Math.ceil(count / 8);
  return count <= 12 ? all : all.filter((nth) => nth <= 4 || nth % step === 0 || nth === count);
}

/** A stage, on one device for as long as that is not lost. */
class Walk {
  #name;
  #stage;
  #state;
  #expected;

  constructor(name) {
    this.#name = name;
    this.#stage = stages[name];
  }

  async walk() {
    emptyCache();
    const uncached = await this.#counts();
    await this.#renew();
    const cold = await this.#counts();
    if (this.#stage.renewed) await this.#renew();
    const warm = await this.#counts();
    for (const [called, variants] of functions) {
      // Where the stage asks for no platform, only `counted` did.
      if (discovery.includes(called) && !this.#stage.discovers) continue;
      const calls = onlyUncached.includes(called) ? uncached : once.includes(called) ? cold : warm;
      // The log is asked for its size, and for itself.
      const count = called in before ? (calls.clBuildProgram > 0 ? 2 : 0) : (calls[called] ?? 0);
      for (const variant of variants)
        for (const nth of chosen(count, variant)) await this.#fail(called, nth, variant);
    }
    await this.#state.device?.close();
  }

  /** How often each function is called where nothing fails. */
  async #counts() {
    if (this.#state === undefined) await this.#renew();
    arm();
    const result = await this.#whole();
    this.#expected ??= result;
    return (await counted()).calls;
  }

  async #renew() {
    await this.#state?.device?.close();
    arm();
    this.#state = await this.#stage.prepare();
  }

  async #attempt() {
    try {
      return { result: JSON.stringify(await this.#stage.run(this.#state)) };
    } catch ({ name, code, message, device, log }) {
      return { failure: { name, code, message, device, log } };
    }
  }

  async #whole() {
    const { result, failure } = await this.#attempt();
    if (failure !== undefined) throw new Error(`${this.#name} without a fault: ${failure.message}`);
    return result;
  }

  /** One failure, what is left after it, and whether everything works again. */
  async #fail(called, nth, variant) {
    const renewed = this.#stage.renewed || once.includes(called);
    if (renewed) await this.#renew();
    if (onlyUncached.includes(called)) emptyCache();
    const held = (await counted()).live;
    arm([...(called in before ? [before[called]] : []), `${called}:${nth}${variant}`].join());
    const { result, failure } = await this.#attempt();
    const { device, devices } = this.#state;
    const over = device?.closed ?? false;
    // A device that is lost is closed before it is back.
    if (over) await device.close();
    const { failed } = await counted();
    const right = result === this.#expected;
    if (!over) {
      arm();
      await settled(this.#state);
    }
    const { live } = await counted();
    arm();
    const outcome = { stage: this.#name, called, nth, variant, failed, failure, right, over, held, live };
    if (failure !== undefined && device !== undefined && !over)
      outcome.works = (await this.#whole()) === this.#expected;
    if (over || device === undefined || (renewed && nth === 1)) {
      await this.#renew();
      outcome.worksAnew = (await this.#whole()) === this.#expected;
    }
    console.log(JSON.stringify({ ...outcome, devices }));
  }
}

async function walk() {
  for (const name of Object.keys(stages)) await new Walk(name).walk();
  arm();
  console.log(JSON.stringify({ end: (await counted()).live }));
}

void walk();
