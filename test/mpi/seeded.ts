import { randomInt } from 'node:crypto';
import { numbersOf } from './data.cjs';

let next: (() => number) | undefined;

/** Uniform from 0 to 1, by the seed of the test that runs. */
export function uniform(): number {
  if (next === undefined) throw new Error('only tests made with `seeded` draw numbers');
  return (next() + 1) / 2;
}

/** A whole number below 2³¹. */
export function wholeNumber(): number {
  return Math.floor(uniform() * 2 ** 31);
}

/** A test whose numbers follow from a seed, which is told where it fails; THALWEG_TEST_SEED brings it back. */
export function seeded<Args extends unknown[]>(
  body: (...args: Args) => Promise<void>,
): (...args: Args) => Promise<void> {
  const run = async (args: Args): Promise<void> => {
    const seed = Number(process.env['THALWEG_TEST_SEED'] ?? randomInt(2 ** 31));
    next = numbersOf(seed);
    try {
      await body(...args);
    } catch (error) {
      const how = `The same numbers again: THALWEG_TEST_SEED=${seed}`;
      if (error instanceof Error) {
        // Jest shows the stack, where that begins with the message.
        const stack = error.stack?.replace(error.message, () => `${error.message}\n\n${how}`);
        error.message += `\n\n${how}`;
        if (stack !== undefined) error.stack = stack;
      }
      throw error;
    } finally {
      next = undefined;
    }
  };
  // A test that has a parameter too many is one with a callback for Jest.
  return Object.defineProperty((...args: Args) => run(args), 'length', { value: body.length });
}
