import { isMainThread } from 'node:worker_threads';
import { type NativeRanks, addon } from '../addon/native';
import { checkObject, invalid } from '../base/arguments';
import { ThalwegError } from '../base/errors';
import { fromNative, translated } from '../base/native-errors';
import { lazily } from '../base/lazily';
import type * as Bridge from './bridge';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const bridge = lazily(() => require('./bridge') as typeof Bridge);

/** @internal What ranks can do while a call of theirs is under way: all make the same calls in the same order. */
export interface Ranks {
  readonly rank: number;
  readonly size: number;
  /** What each rank gives, in their order; JSON takes it from one to the other. */
  gather<Value>(mine: Value): Promise<Value[]>;
  /** Sums over all ranks, added in their order. */
  sum(values: Float64Array): Promise<Float64Array>;
  /** Tells the others that this one has failed; resolves when all know. */
  fail(message: string): Promise<void>;
  /** Whether there is no MPI: the program was started alone. */
  readonly isAlone: boolean;
}

interface Started {
  readonly rank: number;
  readonly size: number;
  readonly library: string;
  readonly ranks: Ranks;
}

/** The most of a message that goes to other ranks. */
const longestMessage = 4000;

let started: Started | undefined;

function start(): Started {
  if (started !== undefined) return started;
  if (!isMainThread) {
    const message = 'The ranks of a program are its processes: a worker has none, the main thread knows them';
    throw new ThalwegError('ERR_RANK', message, { option: 'world' });
  }
  const { isOfMany, size } = bridge().launch();
  if (!isOfMany) {
    started = { rank: 0, size: 1, library: 'none: the program was started alone', ranks: alone };
    return started;
  }
  let found: ReturnType<NativeRanks['startRanks']>;
  try {
    found = addon().startRanks(bridge().bridgeFile());
  } catch (error) {
    throw fromNative(error);
  }
  // Before the listener that stops the devices, which may wait for ranks.
  process.prependListener('exit', (code) => {
    addon().endRanks(code);
  });
  if (size !== undefined && size > 1 && found.size === 1) {
    throw new ThalwegError(
      'ERR_RANK',
      `${size} processes were started, and each is alone for ${found.library.split(/[,\n]/, 1)[0] ?? 'MPI'}: thalweg is joined to ` +
        'another MPI than the one that started them (npx thalweg build --mpi), or srun needs --mpi=pmix or --mpi=pmi2',
      { option: 'world' },
    );
  }
  started = { ...found, ranks: byMpi(found) };
  return started;
}

function told(error: unknown): string {
  const { code } = error as { code?: unknown };
  const text = error instanceof Error ? error.message : String(error);
  const message = typeof code === 'string' ? `${code}: ${text}` : text;
  return message.slice(0, longestMessage);
}

/** Whether all ranks know of that failure already. */
function isShared(error: unknown): boolean {
  return error instanceof ThalwegError && error.code === 'ERR_RANK';
}

function byMpi({ rank, size }: { readonly rank: number; readonly size: number }): Ranks {
  return {
    ...{ rank, size, isAlone: false },
    gather: async <Value>(mine: Value) => {
      const texts = await translated(addon().gatherFromRanks(JSON.stringify(mine)));
      return texts.map((text) => JSON.parse(text) as Value);
    },
    sum: (values) => translated(addon().sumOverRanks(values)),
    fail: (message) => translated(addon().failBeforeRanks(message)),
  };
}

const alone: Ranks = {
  ...{ rank: 0, size: 1, isAlone: true },
  gather: <Value>(mine: Value) => Promise.resolve([JSON.parse(JSON.stringify(mine)) as Value]),
  sum: (values) => Promise.resolve(values.slice()),
  fail: () => Promise.resolve(),
};

/**
 * All processes that `mpirun` or `srun` has started together, each of them a rank: see {@link world}.
 */
export class World {
  #last: Promise<unknown> = Promise.resolve();

  /** Of this process, from 0. @throws {@link ThalwegError} ERR_DRIVER_MISSING, ERR_RANK where MPI cannot be started */
  get rank(): number {
    return start().rank;
  }

  /** How many there are; 1 in a program that was started alone. @throws as `rank` */
  get size(): number {
    return start().size;
  }

  /** What the MPI library says of itself. @throws as `rank` */
  get library(): string {
    return start().library;
  }

  /**
   * Waits until all ranks have come here.
   *
   * @throws {@link ThalwegError} ERR_RANK where one has failed or ended, or makes another call
   */
  async barrier(): Promise<void> {
    await this.together(() => Promise.resolve());
  }

  /**
   * The sum of each value over all ranks, added in the order of ranks: the same bits on all of them.
   *
   * @param values as many on each rank
   * @throws {@link ThalwegError} ERR_RANK where one has failed or ended, or makes another call
   */
  async sum(values: Float64Array | readonly number[]): Promise<Float64Array> {
    if (!Array.isArray(values) && !(values instanceof Float64Array))
      throw invalid('values', 'a Float64Array, or an array of numbers', values);
    return await this.together((all) => all.sum(Float64Array.from(values)));
  }

  /**
   * @internal Makes a call of all ranks: those of one process follow each other. What fails on one rank fails on all, with
   * its message, when they meet next.
   */
  async together<Result>(body: (ranks: Ranks) => Promise<Result>): Promise<Result> {
    const { ranks } = start();
    const before = this.#last;
    const call = (async () => {
      await before.catch(() => undefined);
      return await this.#meeting(ranks, body);
    })();
    this.#last = call.catch(() => undefined);
    return await call;
  }

  async #meeting<Result>(ranks: Ranks, body: (ranks: Ranks) => Promise<Result>): Promise<Result> {
    let result: Result;
    try {
      result = await body(ranks);
    } catch (error) {
      if (!isShared(error)) await ranks.fail(told(error));
      throw error;
    }
    // Nobody goes on before all are done.
    await ranks.gather(true);
    return result;
  }
}

/**
 * The ranks of this program: the processes that `mpirun -n 4 node program.js` or `srun` has started. Given to a descent or
 * a fit, each rank brings rows of its own, and all find the weights for the rows of all together. MPI is started when it is
 * first asked, and needs to be joined to thalweg once: `npx thalweg build --mpi`. A program that was started alone is the one
 * rank of its world, and needs no MPI.
 *
 * @example
 * ```ts
 * import { batchGradientDescent } from 'thalweg';
 * import { world } from 'thalweg/mpi';
 *
 * const X = [[1, 1], [1, 2], [2, 2], [2, 3]];
 * const y = [6, 8, 9, 11];
 * const isMine = (_: unknown, row: number): boolean => row % world.size === world.rank;
 * const options = { learningRate: 'auto', iterations: 5000, fitIntercept: true, world } as const;
 * const { theta } = await batchGradientDescent(X.filter(isMine), y.filter(isMine), options);
 * if (world.rank === 0) console.log([...theta].map((value) => value.toFixed(3))); // [ '1.000', '2.000' ]
 * ```
 */
export const world = new World();

/** @internal Makes a call of all ranks, or of this process alone where there is no world. */
export async function overRanks<Result>(
  given: World | undefined,
  body: (ranks: Ranks | undefined) => Promise<Result>,
): Promise<Result> {
  return given === undefined ? await body(undefined) : await given.together(body);
}

/** @internal @throws ThalwegError ERR_INVALID_ARGUMENT */
export function checkWorld(value: unknown): World | undefined {
  if (value === undefined || value instanceof World) return value;
  throw invalid('world', "world of 'thalweg/mpi'", value);
}

/** @internal The world of a call's options. @throws ThalwegError ERR_INVALID_ARGUMENT */
export function worldOf(options: unknown): World | undefined {
  checkObject('options', options);
  return checkWorld((options as { readonly world?: unknown }).world);
}
