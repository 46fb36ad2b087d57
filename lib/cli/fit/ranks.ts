import { ThalwegError } from '../../base/errors';
import { launch } from '../../mpi/bridge';
import { type Ranks, world } from '../../mpi/world';
import { letFirstSpeak } from '../terminal/first-rank';
import { areSvmlight } from '../../tables/files/inputs';
import type { Context } from '../terminal/context';
import type { DataSource } from '../terminal/data-options';
import type { FitOptions } from './fit-options';

/** How many processes a launcher has started this one with; 1: it is alone; undefined: the launcher does not say. */
function launchedWith(): number | undefined {
  const { isOfMany, size } = launch();
  return isOfMany ? size : 1;
}

/**
 * Runs a command in which the processes that `mpirun` or `srun` has started divide the work, or in this process alone, where it
 * was started alone. The first rank says what failed on any, and its exit code is that of the program.
 */
export async function overLaunched(
  context: Context,
  body: (context: Context, ranks: Ranks | undefined) => Promise<number>,
): Promise<number> {
  if (launchedWith() === 1) return await body(context, undefined);
  let rank: number;
  try {
    ({ rank } = world);
  } catch (error) {
    await letFirstSpeak();
    throw error;
  }
  if (rank === 0) return await world.together((ranks) => body(context, ranks));
  try {
    return await world.together((ranks) => body({ ...context, quiet: true }, ranks));
  } catch {
    // The first rank knows; an end of this one other than 0 would end it before it has said so.
    return 0;
  }
}

/** @throws ThalwegError `ERR_INVALID_ARGUMENT`, where processes of a launcher each would do the same */
export function refuseLaunched(command: string): void {
  const size = launchedWith();
  if (size !== 1) throw refused(`thalweg ${command} is`, size);
}

/** @throws ThalwegError `ERR_INVALID_ARGUMENT`, naming what takes several ranks */
export function refuseAlone({ averageEvery }: FitOptions): void {
  if (averageEvery === undefined) return;
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    '--average-every averages what several ranks have come to, and this process was started alone. Start some with mpirun or srun, or leave it out.',
    { option: 'average-every' },
  );
}

/** @throws ThalwegError `ERR_INVALID_ARGUMENT`, naming what ranks do not do together */
export function refuseOverRanks(
  { data, options: reading }: DataSource,
  options: FitOptions,
  ranks: Ranks,
): void {
  const { strategy } = options;
  const asked: readonly (readonly [boolean, string, string])[] = [
    [strategy === 'stochastic', '--strategy stochastic is', 'strategy'],
    [areSvmlight(data, reading), 'SVMlight files are', 'data'],
    [data.includes('-'), 'data from standard input (-) are', 'data'],
  ];
  const found = asked.find(([isAsked]) => isAsked);
  if (found !== undefined) throw refused(found[1], ranks.size, found[2]);
}

function refused(what: string, size: number | undefined, option?: string): ThalwegError {
  const many = size === undefined ? 'several processes' : `${size} processes`;
  return new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `${what} not for several ranks, and ${many} were started together. Start one, or set THALWEG_MPI=off for processes that work each for itself.`,
    option === undefined ? {} : { option },
  );
}
