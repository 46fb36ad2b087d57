import timers from 'node:timers/promises';

// Kept from here on: tests that replace the timers of their realm do not mean these.
const { setImmediate: nextTurn } = timers;

/** Lets timers and other callbacks run. A promise alone does not: the addon settles many in one turn of the loop. */
export async function breathe(): Promise<void> {
  await nextTurn();
}
