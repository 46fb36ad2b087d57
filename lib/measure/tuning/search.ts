import { ThalwegError } from '../../base/errors';
import { median } from '../median';
import type { Effort } from './effort';
import type { Session } from './session';
import type { Settings } from '../../addon/settings';
import type { Axis } from './grid';

/** Parameters that were not taken, and why. */
export interface Refusal {
  readonly settings: Settings;
  readonly why: string;
}

export interface Found {
  /** The parameters that differ from the defaults. */
  readonly settings: Settings;
  readonly refused: readonly Refusal[];
}

/** Below this a difference may be noise. */
const margin = 1.03;
/** What one number of columns may lose where the others win. */
const mostLoss = 1.05;

/** How many candidates `search` tries. */
export function candidatesOf(axes: readonly Axis[], defaults: Readonly<Record<string, number>>): number {
  return axes.reduce((count, axis) => count + valuesOf(axis, defaults).length, 0);
}

function valuesOf({ name, values }: Axis, defaults: Readonly<Record<string, number>>): readonly number[] {
  return values.filter((value) => value !== defaults[name]);
}

/**
 * Tries the values of one parameter after the other, and keeps the fastest where it wins clearly. A candidate that does
 * not compile, loses the device or computes wrongly is refused.
 *
 * @param defaults The device's own parameters.
 * @param tried Called after each candidate.
 */
export async function search(
  session: Session,
  effort: Effort,
  axes: readonly Axis[],
  defaults: Readonly<Record<string, number>>,
  tried: () => void,
): Promise<Found> {
  let best: Settings = {};
  const refused: Refusal[] = [];
  for (const axis of axes) {
    let winner = best;
    let mostGained = margin;
    for (const value of valuesOf(axis, defaults)) {
      const candidate = { ...best, [axis.name]: value };
      const gained = await gainOf(session, effort, best, candidate, axis).catch((error: unknown) => {
        refused.push({ settings: { [axis.name]: value }, why: reasonOf(error) });
        return 0;
      });
      if (gained > mostGained) {
        mostGained = gained;
        winner = candidate;
      }
      tried();
    }
    best = winner;
  }
  return { settings: best, refused };
}

class Wrong extends Error {}

/** Why a candidate was refused; anything that is not about the device goes on. */
function reasonOf(error: unknown): string {
  if (error instanceof Wrong) return error.message;
  if (error instanceof ThalwegError) return `${error.code}: ${error.message}`;
  throw error;
}

/** How many times as fast the candidate is; 0 where some number of columns loses too much or it changes nothing. */
async function gainOf(
  session: Session,
  effort: Effort,
  best: Settings,
  candidate: Settings,
  { name, columns }: Axis,
): Promise<number> {
  // The device may have no room for the value.
  if ((await session.configure(candidate))[name] !== candidate[name]) return 0;
  const fault = await session.fault(candidate);
  if (fault !== undefined) throw new Wrong(fault);
  const ratios = await speedups(session, effort, best, candidate, columns);
  return ratios.some((ratio) => ratio * mostLoss < 1) ? 0 : geometricMean(ratios);
}

/** For each number of columns, how many times as fast `candidate` is as `best`: medians of measurements in turns. */
export async function speedups(
  session: Session,
  effort: Effort,
  best: Settings,
  candidate: Settings,
  columns: readonly number[],
): Promise<number[]> {
  const ratios: number[] = [];
  for (const n of columns) {
    // What is not compiled yet is, before it counts.
    await session.seconds(best, n);
    await session.seconds(candidate, n);
    const times: { readonly best: number; readonly candidate: number }[] = [];
    for (let i = 0; i < effort.repeats; i += 1) {
      times.push({
        best: await session.seconds(best, n),
        candidate: await session.seconds(candidate, n),
      });
    }
    ratios.push(median(times.map((time) => time.best)) / median(times.map((time) => time.candidate)));
  }
  return ratios;
}

function geometricMean(ratios: readonly number[]): number {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}

/** Whether the parameters that were found, all together, are clearly faster than the defaults. */
export function winsClearly(ratios: readonly number[]): boolean {
  return geometricMean(ratios) >= margin;
}
