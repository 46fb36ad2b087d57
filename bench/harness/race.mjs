import { setTimeout } from 'node:timers/promises';

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Seconds of each contender's unit of work: the median of rounds in which all take turns, so that what else the machine
 * does falls on all of them. A first turn warms up and tells how many units fill a turn.
 *
 * @param contenders { name, run(count) → seconds of so many units }
 * @returns by name { seconds, turns, note? }; `turns` has the seconds of each round
 */
export async function race(contenders, { rounds, secondsPerTurn }) {
  const counts = [];
  for (const { run } of contenders) {
    const once = await run(1);
    const again = once > secondsPerTurn ? once : (await run(2)) / 2;
    counts.push(Math.max(1, Math.min(100_000, Math.round(secondsPerTurn / again))));
  }
  const seconds = contenders.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { run }] of contenders.entries()) {
      // The others' threads spin for a moment when their work is done.
      await setTimeout(100);
      seconds[index].push((await run(counts[index])) / counts[index]);
    }
  }
  return Object.fromEntries(
    contenders.map(({ name, note }, index) => [
      name,
      {
        seconds: median(seconds[index]),
        turns: seconds[index],
        ...(note && { note }),
      },
    ]),
  );
}

/** What a contender runs, of something that gives the seconds of one unit. */
export const oneByOne = (once) => async (count) => {
  let total = 0;
  for (let done = 0; done < count; done += 1) total += await once();
  return total;
};

/** Throws where θ is not the other's; a time of a wrong answer is worth nothing. Returns the relative difference. */
export function sameTheta(name, theta, otherName, other, atMost) {
  // Of so many values that they are no arguments of a call.
  const mostOf = (valueAt) => other.reduce((most, _, j) => Math.max(most, valueAt(j)), 0);
  const largest = mostOf((j) => Math.abs(other[j]));
  const difference = mostOf((j) => Math.abs(theta[j] - other[j])) / largest;
  if (!(difference <= atMost)) {
    throw new Error(
      `${name} and ${otherName} disagree: θ differs by ${difference.toExponential(1)} of its largest value`,
    );
  }
  return difference;
}
