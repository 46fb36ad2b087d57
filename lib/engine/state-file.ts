import { createHash } from 'node:crypto';
import { ThalwegError } from '../base/errors';
import { readText } from '../base/input-file';
import { openOutputFile, requireWritable, writeWhole } from '../base/output-file';
import { fitting } from '../base/schema';
import { type FullState, canonical, nativeState, stateError, tooLargeForText, unchanged } from './state';
import { stateSchema } from './state-schema';

/** A state has a few numbers for each weight: this is one of tens of millions. */
const largestBytes = 2 ** 30;

/** Checks every field of a state. @throws ThalwegError ERR_STATE at the first that does not fit */
export function checkState(value: unknown): FullState {
  const state = fitting(stateSchema, value, 'a state', ({ field, problem }) =>
    stateError(field, problem, unchanged),
  ) as FullState;
  if (state.checksum !== undefined && state.checksum !== checksumOf(state))
    throw stateError('checksum', 'is not that of what it holds', unchanged);
  const { moments, draws, madeFor } = state;
  if (draws !== undefined && draws.before + draws.done > madeFor.rows)
    throw stateError('draws', 'are past the end of an epoch', unchanged);
  const permuted = madeFor.sampling !== 'with-replacement' && madeFor.windowed !== true;
  if (draws !== undefined && permuted && draws.before !== 0)
    throw stateError('draws.before', 'must be 0, since an epoch is one permutation', unchanged);
  const isLbfgs = madeFor.optimizer['name'] === 'lbfgs';
  const unknowns = (madeFor.columns + 1) * madeFor.outputs;
  if (!isLbfgs && (moments.shape.length !== 2 || moments.shape[1] !== unknowns))
    throw stateError('moments', 'are not those of as many weights', unchanged);
  nativeState(state);
  return state;
}

/** Of all but the checksum. */
function checksumOf(state: FullState): string {
  return createHash('sha256')
    .update(canonical({ ...state, checksum: undefined }) ?? '')
    .digest('hex');
}

/** What tells a state from others, for people too. */
export function titleOf(state: FullState): string {
  const { strategy } = state.madeFor;
  const passes = `${state.passes} ${strategy === 'batch' ? 'iterations' : 'epochs'}`;
  return `a state after ${passes} with the checksum ${checksumOf(state).slice(0, 16)}`;
}

/** The state in a file. @throws ThalwegError ERR_FILE, ERR_STATE */
export async function readState(path: string): Promise<FullState> {
  const text = await readText(path, {
    what: 'checkpoint',
    largest: largestBytes,
    tooLarge: (bytes) => corrupt(path, `it has ${bytes} bytes, more than any checkpoint (${largestBytes})`),
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw corrupt(path, `it is not JSON: ${(cause as Error).message}`, cause);
  }
  try {
    const state = checkState(value);
    if (state.checksum === undefined) throw stateError('checksum', 'is missing', unchanged);
    return state;
  } catch (error) {
    throw corrupt(path, (error as Error).message, error);
  }
}

function corrupt(path: string, why: string, cause?: unknown): ThalwegError {
  return new ThalwegError(
    'ERR_STATE',
    `${path} is no whole checkpoint: ${why.replace(/\.$/, '')}. Use another.`,
    {
      path,
      cause,
    },
  );
}

function textOf(state: FullState): string {
  try {
    return `${JSON.stringify({ ...state, checksum: checksumOf(state) })}\n`;
  } catch (error) {
    throw error instanceof RangeError ? tooLargeForText() : error;
  }
}

/** Writes the states of a descent to one file, each whole or not at all, one after the other; of several that wait, the last. */
export class CheckpointFile {
  #next: (() => FullState) | undefined;
  #writing: Promise<void> | undefined;
  #failure: { readonly reason: unknown } | undefined;

  /** @param onFailure called once, where a state cannot be written; {@link end} rejects with why */
  constructor(
    private readonly path: string,
    private readonly onFailure: () => void,
  ) {}

  /** Sees before long work that the file can be written. @throws ThalwegError ERR_FILE */
  async require(): Promise<void> {
    await requireWritable(this.path);
  }

  /** @param make called when it is written: of several that wait for that, the last alone */
  write(make: () => FullState): void {
    if (this.#failure !== undefined) return;
    this.#next = make;
    this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    try {
      for (let make = this.#next; make !== undefined; make = this.#next) {
        this.#next = undefined;
        await writeWhole(() => openOutputFile(this.path), textOf(make()));
      }
    } catch (reason) {
      this.#failure = { reason };
      this.onFailure();
    } finally {
      this.#writing = undefined;
    }
  }

  /** Waits for what is being written. @throws what kept a state from being written */
  async end(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure.reason;
  }
}
