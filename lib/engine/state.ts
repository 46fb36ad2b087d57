import { constants } from 'node:buffer';
import type { NativeState } from '../addon/native';
import type { DeviceInfo } from '../addon/device-info';
import { ThalwegError } from '../base/errors';
import type { StateProblem, TrainingState } from './training-state';

/** Numbers of a state: their shape, row-major, and their bytes in base64, little-endian, float64 but for a generator's words. */
interface StateNumbers {
  /** How many along each axis. */
  readonly shape: readonly number[];
  /** Base64. */
  readonly data: string;
}

/** All that a state holds. Numbers are those that the device computes with. */
export interface FullState extends TrainingState {
  /** The rate, before any schedule. */
  readonly learningRate: number;
  /** θ */
  readonly theta: StateNumbers;
  /** b */
  readonly intercept: StateNumbers;
  /** What the optimiser keeps: of each moment a row of n values and that of b. */
  readonly moments: StateNumbers;
  /** With which `tolerance` compares the next loss. */
  readonly lastLoss: number | null;
  /** The powers of two of very large or small data, 0 for others. */
  readonly exponents: { readonly features: number; readonly targets: number };
  /** Whether a gram plan reads X again. */
  readonly byPasses: boolean;
  /** Which rows come next. */
  readonly draws?: { readonly generator: StateNumbers; readonly before: number; readonly done: number };
  /** Of early stopping: the lowest validation loss, when that was, how many validations ago, and the weights there. */
  readonly best?: {
    readonly loss: number | null;
    readonly passes: number;
    readonly waited: number;
    readonly theta: StateNumbers;
    readonly intercept: StateNumbers;
  };
  /** Of a checkpoint's file. */
  readonly checksum?: string;
}

/** ERR_STATE at a field. */
export function stateError(field: string, problem: string, remedy: string): ThalwegError {
  return new ThalwegError(
    'ERR_STATE',
    `the state${field === '' ? '' : `'s "${field}"`} ${problem}. ${remedy}`,
    {
      option: 'resumeFrom',
      ...(field === '' ? {} : { path: field }),
    },
  );
}

/** What to do about one that was changed. */
export const unchanged = 'Go on from a state that thalweg made, unchanged.';

/** A state of more weights than a text can hold. */
export function tooLargeForText(): ThalwegError {
  return new ThalwegError(
    'ERR_STATE',
    'the state of so many weights is longer than a text can be in Node: it cannot be kept. Begin a descent from its theta ' +
      'with initialTheta, and leave checkpoint out.',
    { option: 'state' },
  );
}

function encoded(numbers: Float64Array | Uint32Array, shape: readonly number[]): StateNumbers {
  if (Math.ceil(numbers.byteLength / 3) * 4 > constants.MAX_STRING_LENGTH) throw tooLargeForText();
  const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return { shape, data: bytes.toString('base64') };
}

function bytesOf(field: string, { shape, data }: StateNumbers, size: number, length?: number): ArrayBuffer {
  const bytes = Buffer.from(data, 'base64');
  const values = shape.reduce((product, count) => product * count, 1);
  if (bytes.length !== values * size || (length !== undefined && values !== length))
    throw stateError(field, 'has not as many numbers as it should', unchanged);
  return new Uint8Array(bytes).buffer;
}

function floatsOf(field: string, numbers: StateNumbers, length?: number): Float64Array {
  const values = new Float64Array(bytesOf(field, numbers, 8, length));
  if (values.every((value) => Number.isFinite(value))) return values;
  throw stateError(field, 'has a number that is not finite', unchanged);
}

/** The kind of a device: with another one steps have other last bits. */
export function deviceKind({ backend, name, driver }: DeviceInfo): string {
  return `${backend} ${backend === 'cpu' ? driver : name}`;
}

/** The state of a descent as the addon tells it. */
export function stateOf(native: NativeState, problem: StateProblem): FullState {
  // How many classes labels tell is known by then.
  const madeFor = { ...problem, outputs: native.intercepts.length };
  const { draws, best, moments, theta } = native;
  const width = theta.length + native.intercepts.length;
  const isLbfgs = madeFor.optimizer['name'] === 'lbfgs';
  return {
    format: 'thalweg-state',
    version: 1,
    madeFor,
    passes: native.passes,
    steps: native.steps,
    learningRate: native.learningRate,
    theta: encoded(theta, [theta.length]),
    intercept: encoded(native.intercepts, [native.intercepts.length]),
    moments: encoded(moments, isLbfgs ? [moments.length] : [moments.length / width, width]),
    lastLoss: native.lastLoss ?? null,
    exponents: { features: native.features, targets: native.targets },
    byPasses: native.byPasses,
    ...(madeFor.strategy === 'batch'
      ? {}
      : { draws: { ...draws, generator: encoded(draws.generator, [draws.generator.length]) } }),
    ...(best === undefined
      ? {}
      : {
          best: {
            passes: best.passes,
            waited: best.waited,
            loss: Number.isFinite(best.loss) ? best.loss : null,
            theta: encoded(best.theta, [best.theta.length]),
            intercept: encoded(best.intercepts, [best.intercepts.length]),
          },
        }),
  };
}

/** A state for the addon. @throws ThalwegError ERR_STATE */
export function nativeState(state: FullState): NativeState {
  const { best, draws, madeFor } = state;
  const { columns, outputs } = madeFor;
  const intercepts = floatsOf('intercept', state.intercept, outputs);
  const generator =
    draws === undefined
      ? new Uint32Array(generatorWords)
      : new Uint32Array(bytesOf('draws.generator', draws.generator, 4, generatorWords));
  return {
    theta: floatsOf('theta', state.theta, columns * outputs),
    intercepts,
    moments: floatsOf('moments', state.moments),
    steps: state.steps,
    passes: state.passes,
    learningRate: state.learningRate,
    ...(state.lastLoss === null ? {} : { lastLoss: state.lastLoss }),
    ...state.exponents,
    byPasses: state.byPasses,
    draws: { generator, before: draws?.before ?? 0, done: draws?.done ?? 0 },
    ...(best === undefined
      ? {}
      : {
          best: {
            passes: best.passes,
            waited: best.waited,
            loss: best.loss ?? Infinity,
            theta: floatsOf('best.theta', best.theta, best.theta.shape[0] === 0 ? 0 : columns * outputs),
            intercepts: floatsOf('best.intercept', best.intercept),
          },
        }),
  };
}

/** MT19937's words, and how many numbers were taken of them. */
const generatorWords = 625;

const goOnAlike = 'Go on as it was begun, or begin anew at its weights with initialTheta.';

/** Refuses a state of another problem. @throws ThalwegError ERR_STATE that names the field */
export function refuseOther({ madeFor }: TrainingState, asked: Partial<StateProblem>): void {
  for (const [field, value] of Object.entries(asked)) {
    const had = madeFor[field as keyof StateProblem];
    if (field === 'ranks') refuseOtherRanks(madeFor.ranks, asked.ranks);
    if (field === 'deviceId' || field === 'ranks' || shown(had) === shown(value)) continue;
    throw stateError(
      `madeFor.${field}`,
      `is ${shown(had)}, and this descent's is ${shown(value)}`,
      goOnAlike,
    );
  }
}

/** Sums over other shares of the rows have other last bits. */
function refuseOtherRanks(had: StateProblem['ranks'], has: StateProblem['ranks']): void {
  const told = (ranks: StateProblem['ranks']): string =>
    ranks === undefined ? 'one process' : `${ranks.length} ranks`;
  if (told(had) !== told(has))
    throw stateError('madeFor.ranks', `are ${told(had)}, and this descent's are ${told(has)}`, goOnAlike);
  for (const [rank, { rows, device }] of (had ?? []).entries()) {
    const now = has?.[rank];
    if (rows === now?.rows && device === now.device) continue;
    throw stateError(
      `madeFor.ranks.${rank}`,
      `had ${rows} rows on ${device}, and has ${now?.rows} on ${now?.device}`,
      goOnAlike,
    );
  }
}

/** JSON whose fields stand in one order. */
export function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part !== 'object' || part === null || Array.isArray(part)
      ? part
      : Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))),
  );
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : (canonical(value) ?? 'not there');
}
