'use strict';

// Lets each call of the functions named fail in turn, and prints a line of JSON for each: what came of it, what was
// left open, and whether the device works afterwards.
const { openObjects, programme } = require('./programme.cjs');

/** Which calls of a function fail: the first ones, then fewer and fewer. */
const calls = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89];

async function outcome() {
  try {
    await programme();
    return { code: 'none' };
  } catch ({ code, message, log }) {
    return { code, message, log };
  }
}

async function main() {
  const expected = JSON.stringify(await programme());
  for (const name of process.argv.slice(2)) {
    for (const call of calls) {
      process.env.HIP_EMULATOR_FAIL = `${name}:${call}`;
      const came = await outcome();
      const left = openObjects();
      process.env.HIP_EMULATOR_FAIL = '';
      const again = JSON.stringify(await programme()) === expected;
      console.log(JSON.stringify({ name, call, ...came, left, again }));
      if (came.code === 'none' && call > 3) break;
    }
  }
}

main();
