'use strict';

const { openDevice } = require('../../dist');
const { cpu } = require('../../native/build.json');

/** Variables that make a device compute in another way. More threads than processors do not spin. */
const choices = {
  THALWEG_THREADS: [undefined, '2', '3', '5'],
  THALWEG_CPU_LEVEL: [undefined, ...cpu.levels.map(({ name }) => name)],
  THALWEG_KERNEL_SHAPE: [undefined, 'rows', 'wide'],
  THALWEG_MAX_ALLOCATION: [undefined, '16384'],
  // Of rows on disk, those that stay in memory.
  THALWEG_SPOOL_MEMORY: ['0', '20000'],
};

/** Sets variables for a whole walk, by its random numbers; those that are set already stay. Returns them. */
async function surround(random) {
  const chosen = {};
  for (const [name, values] of Object.entries(choices)) {
    const value = random.of(values);
    if (value === undefined || process.env[name] !== undefined) continue;
    process.env[name] = chosen[name] = value;
  }
  if (chosen.THALWEG_CPU_LEVEL !== undefined && !(await hasLevel())) {
    delete process.env.THALWEG_CPU_LEVEL;
    delete chosen.THALWEG_CPU_LEVEL;
  }
  return chosen;
}

/** Whether this processor has the level that is set. */
async function hasLevel() {
  try {
    await (await openDevice('cpu')).close();
    return true;
  } catch (error) {
    if (error.code === 'ERR_INVALID_ARGUMENT') return false;
    throw error;
  }
}

module.exports = { surround };
