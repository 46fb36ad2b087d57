import { checkObject, flag, integer, invalid, refuseUnknown, shown } from '../base/arguments';
import { ThalwegError } from '../base/errors';
import { type NativeIndexStream, addon } from '../addon/native';
import { isLabel } from '../base/data-types';

/** How rows are put into folds. */
export interface SplitOptions {
  /** How many, 2 or more; default 5. */
  readonly folds?: number;
  /** Whether rows are shuffled first; default true, since tables are often sorted. */
  readonly shuffle?: boolean;
  /** Of the shuffle: 0 to 2³² − 1, of NumPy's legacy generator (MT19937), as scikit-learn's `random_state`; default 0. */
  readonly seed?: number;
}

/** The rows of one fold, and those of all others, both in their order. */
export interface Split {
  /** Row numbers that are learned from. */
  readonly train: Uint32Array;
  /** Row numbers that are held out. */
  readonly test: Uint32Array;
}

/** @internal */
export interface Splitting {
  readonly folds: number;
  readonly shuffle: boolean;
  readonly seed: number;
}

const mostSeeds = 0xffff_ffff;

/** @internal @throws ThalwegError ERR_INVALID_ARGUMENT */
export function checkSplitting({ folds = 5, shuffle = true, seed = 0 }: SplitOptions): Splitting {
  return {
    folds: integer('folds', folds, 2, mostSeeds),
    shuffle: flag('shuffle', shuffle),
    seed: integer('seed', seed, 0, mostSeeds),
  };
}

function checkOptions(options: unknown, place: string): Splitting {
  checkObject('options', options);
  refuseUnknown(options, ['folds', 'shuffle', 'seed'], place);
  return checkSplitting(options);
}

/**
 * Puts m rows into folds of one size, the first m mod folds of them a row larger: scikit-learn's `KFold`, with the same rows
 * for the same seed.
 *
 * @param rows m, at least as many as folds
 * @returns one split a fold; each row is held out once
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT
 *
 * @example
 * ```ts
 * import { kFold } from 'thalweg/model-selection';
 *
 * console.log(kFold(5, { folds: 2, shuffle: false })[0]); // { train: Uint32Array(2) [ 3, 4 ], test: Uint32Array(3) [ 0, 1, 2 ] }
 * ```
 */
export function kFold(rows: number, options: SplitOptions = {}): Split[] {
  const splitting = checkOptions(options, 'kFold');
  return splitsOf(foldsOfRows(integer('rows', rows, 1, mostSeeds), splitting), splitting.folds);
}

/**
 * Puts rows into folds in each of which classes are as frequent as in all: scikit-learn's `StratifiedKFold`, with the same
 * rows for the same seed.
 *
 * @param y the class of each row; one class at least has as many rows as there are folds
 * @returns one split a fold; each row is held out once
 * @throws {@link ThalwegError} ERR_INVALID_ARGUMENT
 *
 * @example
 * ```ts
 * import { stratifiedKFold } from 'thalweg/model-selection';
 *
 * const [first] = stratifiedKFold(['a', 'a', 'b', 'b'], { folds: 2, shuffle: false });
 * console.log(first); // { train: Uint32Array(2) [ 1, 3 ], test: Uint32Array(2) [ 0, 2 ] }
 * ```
 */
export function stratifiedKFold(
  y: ArrayLike<string | boolean | number>,
  options: SplitOptions = {},
): Split[] {
  const splitting = checkOptions(options, 'stratifiedKFold');
  if (!Array.isArray(y) && !ArrayBuffer.isView(y)) throw invalid('y', 'an array of classes', y);
  return splitsOf(foldsOfClasses(y, splitting), splitting.folds);
}

/** @internal The fold of each row. @throws ThalwegError ERR_INVALID_ARGUMENT */
export function foldsOfRows(rows: number, { folds, shuffle, seed }: Splitting): Uint32Array {
  if (rows < folds) throw tooMany(folds, `there are ${rows} rows`);
  const order = shuffle ? new (addon().IndexStream)(seed).permutation(rows) : undefined;
  const fold = new Uint32Array(rows);
  const [least, larger] = [Math.floor(rows / folds), rows % folds];
  for (let at = 0, k = 0, left = 0; at < rows; at += 1, left -= 1) {
    if (left === 0) {
      left = least + (k < larger ? 1 : 0);
      k += 1;
    }
    fold[order?.[at] ?? at] = k - 1;
  }
  return fold;
}

/** @internal Likewise, by the class of each row. @throws ThalwegError ERR_INVALID_ARGUMENT */
export function foldsOfClasses(
  y: ArrayLike<string | boolean | number>,
  { folds, shuffle, seed }: Splitting,
): Uint32Array {
  const { codes, counts } = coded(y);
  const most = counts.reduce((greatest, count) => Math.max(greatest, count), 0);
  if (most < folds) throw tooMany(folds, `no class has more than ${most} rows`);
  const stream = shuffle ? new (addon().IndexStream)(seed) : undefined;
  let before = 0;
  const order = counts.map((count) => foldsOfClass(before, (before += count), folds, stream));
  const next = counts.map(() => 0);
  return codes.map((k) => {
    const at = next[k] as number;
    next[k] = at + 1;
    return order[k]?.[at] as number;
  });
}

/**
 * The fold of each row of a class whose rows are `first` to `end` in the order of classes: row i of all counts to fold i mod
 * folds, so that the sizes of folds differ by at most one.
 */
function foldsOfClass(
  first: number,
  end: number,
  folds: number,
  stream: NativeIndexStream | undefined,
): Uint32Array {
  const sizes = new Uint32Array(folds);
  for (let i = first; i < end; i += 1) sizes[i % folds] = (sizes[i % folds] as number) + 1;
  const inOrder = new Uint32Array(end - first);
  let at = 0;
  for (const [fold, size] of sizes.entries()) inOrder.fill(fold, at, (at += size));
  return stream?.permutation(end - first).map((from) => inOrder[from] as number) ?? inOrder;
}

/** Classes by the order in which they come first, and how many rows each has. */
function coded(y: ArrayLike<string | boolean | number>): { codes: Uint32Array; counts: number[] } {
  const known = new Map<unknown, number>();
  const counts: number[] = [];
  const codes = Uint32Array.from({ length: y.length }, (_, row) => {
    if (!isLabel(y[row]))
      throw new ThalwegError(
        'ERR_INVALID_ARGUMENT',
        `y[${row}] is ${shown(y[row])}: classes are texts, booleans or finite numbers`,
        { option: 'y', row },
      );
    const code = known.get(y[row]) ?? known.size;
    known.set(y[row], code);
    counts[code] = (counts[code] ?? 0) + 1;
    return code;
  });
  return { codes, counts };
}

function tooMany(folds: number, why: string): ThalwegError {
  return new ThalwegError('ERR_INVALID_ARGUMENT', `folds is ${folds}, and ${why}: take fewer folds`, {
    option: 'folds',
  });
}

function splitsOf(fold: Uint32Array, folds: number): Split[] {
  const rows = Uint32Array.from(fold.keys());
  return Array.from({ length: folds }, (_, k) => ({
    train: rows.filter((row) => fold[row] !== k),
    test: rows.filter((row) => fold[row] === k),
  }));
}
