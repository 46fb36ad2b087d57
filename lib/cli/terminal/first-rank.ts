import { setTimeout as pause } from 'node:timers/promises';
import { launch } from '../../mpi/bridge';

/** Milliseconds in which the first rank says what is wrong: the end of another one would be its own. */
const firstSpeaks = 1000;

/** Whether this process is alone or the first of those that a launcher has started, as far as that tells. */
export function isFirstRank(): boolean {
  return (launch().rank ?? 0) === 0;
}

/** Waits, on other ranks than the first, until that has spoken. */
export async function letFirstSpeak(): Promise<void> {
  if (!isFirstRank()) await pause(firstSpeaks);
}
