import { setTimeout } from 'node:timers/promises';
import { median } from '../median';

/** Seconds of `count` units of work, done one after the other. */
export type Work = (count: number) => Promise<number>;

export interface Pace {
  /** Turns of each work, whose median counts. */
  readonly rounds: number;
  /** Seconds of a turn. */
  readonly seconds: number;
  readonly signal: AbortSignal;
}

const MOST_UNITS = 100_000;
/** Threads spin for a moment when their work is done. */
const PAUSE_MILLISECONDS = 10;

/**
 * Seconds of a unit of each work: medians of rounds in which all take turns, so that what else the machine does falls on
 * all of them. A first turn warms up and tells how many units fill a turn.
 */
export async function race<Name extends string>(
  works: Readonly<Record<Name, Work>>,
  { rounds, seconds, signal }: Pace,
): Promise<Record<Name, number>> {
  const names = Object.keys(works) as Name[];
  const turns = new Map<Name, { count: number; measured: number[] }>();
  for (const name of names) {
    signal.throwIfAborted();
    await works[name](1);
    const once = await works[name](1);
    const count = Math.max(1, Math.min(MOST_UNITS, Math.round(seconds / Math.max(once, 1e-7))));
    turns.set(name, { count, measured: [] });
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, { count, measured }] of turns) {
      await setTimeout(PAUSE_MILLISECONDS);
      signal.throwIfAborted();
      measured.push((await works[name](count)) / count);
    }
  }
  const medians = [...turns].map(([name, { measured }]) => [name, median(measured)] as const);
  return Object.fromEntries(medians) as Record<Name, number>;
}
