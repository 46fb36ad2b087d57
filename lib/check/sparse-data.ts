import type { Dtype } from '../base/data-types';
import { scaledRows } from '../rows/standardize';
import {
  NOWHERE,
  type RowSource,
  type Scaling,
  type SparseBlock,
  type SparseLayout,
} from '../rows/row-source';
import { codesFor, columnsOf, sparseRows } from '../rows/sparse-rows';
import { type Uniform, exactIn, floats } from './data';
import type { Data } from './plain';

/** As what sparse columns are held. */
export const holdings = ['codes', 'compressed', 'both'] as const;

/**
 * What rows hold of them: little, in some rows and columns nothing; one column in nearly every row, so that its sums are of
 * many parts; or much, more than a work-group has work-items.
 */
export const fillings = ['few', 'hot', 'long'] as const;

/** Where the columns of X are: as they are held, or some of each kind between those of the others, first levels left out. */
export const orders = ['held', 'mixed'] as const;

export interface SparseValues {
  readonly held: string;
  readonly filling: string;
  readonly order: string;
  /** 0 or 1: whether columns are scaled. */
  readonly scaled: number;
  /** Whether of integers, so small that sums of theirs are exact. */
  readonly values: string;
  readonly m: number;
  /** Sparse columns as they are held, and dense ones before them. */
  readonly n: number;
  readonly dense: number;
  readonly dtype: Dtype;
}

/** Rows as a device may hold them, and the same with a place for every value. */
export interface SparseRows {
  readonly source: RowSource;
  readonly X: Pick<Data, 'X' | 'm' | 'n' | 'sizes'>;
}

/** The entries of a row, by rising column. */
type Entries = readonly (readonly [column: number, value: number])[];

export function sparseRowsOf(of: SparseValues, random: Uniform): SparseRows {
  const { m, dense, dtype } = of;
  const value = (): number => (of.values === 'integers' ? random.integer(-1, 1) : random.signed());
  const numbers = exactIn(dtype, random.array(m * dense, value));
  const levels = levelsOf(of);
  const codes = levels.map((count) => Array.from({ length: m }, () => codeOf(of, count, random)));
  const compressed = of.held === 'codes' ? 0 : of.n - sum(levels);
  const entries = Array.from({ length: m }, (_, i): Entries =>
    columnsHeld(of, i, compressed, random).map((column) => [column, exact(dtype, value())]),
  );
  const layout = placed(of, levels, compressed, sum(entries.map(({ length }) => length)), random);
  const held = { layout, numbers, codes, entries };
  const raw = sparseRows(m, dtype, { layout, blocks: (bytes) => blocksOf(held, dtype, bytes) });
  const written = writtenOut(held, raw.columns);
  if (of.scaled === 0) return { source: raw, X: { X: written, m, n: raw.columns } };
  const scaling = scalingOf(of, raw.columns, random);
  return { source: scaledRows(raw, scaling), X: { ...scaledBy(scaling, written), m, n: raw.columns } };
}

interface Held {
  readonly layout: SparseLayout;
  readonly numbers: Float64Array;
  /** Of each column of codes. */
  readonly codes: readonly (readonly number[])[];
  /** Of each row. */
  readonly entries: readonly Entries[];
}

function sum(values: readonly number[]): number {
  return values.reduce((all, each) => all + each, 0);
}

function exact(dtype: Dtype, value: number): number {
  return dtype === 'float64' ? value : Math.fround(value);
}

/** More than any work-group has work-items. */
const manyCodes = 1031;

/** Of columns of codes: two of few levels beside one of the others; of rows that hold much, many of as many each. */
function levelsOf({ held, filling, n }: SparseValues): number[] {
  if (held === 'compressed') return [];
  const coded = held === 'both' ? Math.ceil(n / 2) : n;
  if (filling === 'long') {
    const count = Math.min(Math.ceil(coded / 2), manyCodes);
    const each = Math.floor(coded / count);
    return [...Array<number>(count - 1).fill(each), coded - (count - 1) * each];
  }
  return coded > 3 ? [coded - 3, 1, 2] : [coded];
}

/** Of few rows each level is rarer than the one before, and the last one is in none. */
function codeOf({ filling }: SparseValues, levels: number, random: Uniform): number {
  const any = random.next();
  if (filling === 'hot') return any < 0.9 ? levels - 1 : random.integer(0, levels - 1);
  return Math.floor(filling === 'few' ? any ** 2 * Math.max(levels - 1, 1) : any * levels);
}

/** The columns of row i that hold something, by rising number. */
function columnsHeld({ filling }: SparseValues, i: number, columns: number, random: Uniform): number[] {
  if (columns === 0) return [];
  const all = Array.from({ length: filling === 'long' ? columns : 0 }, (_, j) => j);
  const any = (): number => random.integer(0, Math.max(columns - 2, 0));
  const some = filling === 'few' ? (i % 3 === 2 ? [] : [any(), any()]) : [Math.floor(columns / 2), any()];
  return filling === 'long' ? all : [...new Set(some)].sort((a, b) => a - b);
}

/** With where each column is in X. */
function placed(
  { order, dense }: SparseValues,
  levels: readonly number[],
  compressed: number,
  entries: number,
  random: Uniform,
): SparseLayout {
  const layout = { dense, levels, compressed, entries };
  if (order === 'held') return layout;
  const places = Uint32Array.from({ length: columnsOf(layout) }, (_, j) => j);
  let first = dense;
  for (const count of levels) {
    // Something is left of a column of codes.
    if (count > 1) places[first] = NOWHERE;
    first += count;
  }
  const left = places.filter((place) => place !== NOWHERE).map((_, at) => at);
  for (let at = left.length - 1; at > 0; at -= 1) {
    const other = random.integer(0, at);
    [left[at], left[other]] = [left[other] as number, left[at] as number];
  }
  let next = 0;
  return {
    ...layout,
    places: places.map((place) => (place === NOWHERE ? NOWHERE : (left[next++] as number))),
  };
}

function* blocksOf(
  { layout, numbers, codes, entries }: Held,
  dtype: Dtype,
  bytes = 1 << 20,
): Iterable<SparseBlock> {
  const { dense, levels, compressed } = layout;
  const most = Math.max(1, Math.floor(bytes / (8 * (dense + 1))));
  for (let first = 0; first < entries.length; first += most) {
    const rows = entries.slice(first, first + most);
    const all = rows.flat();
    yield {
      rows: rows.length,
      ...(dense === 0
        ? {}
        : { dense: floats(dtype, numbers.slice(first * dense, (first + rows.length) * dense)) }),
      codes: codes.map((column, c) => {
        const room = codesFor(levels[c] as number, rows.length);
        room.set(column.slice(first, first + rows.length));
        return room;
      }),
      ...(compressed === 0
        ? {}
        : {
            compressed: {
              lengths: Uint32Array.from(rows, ({ length }) => length),
              columns: Uint32Array.from(all, ([column]) => column),
              values: floats(
                dtype,
                Float64Array.from(all, ([, value]) => value),
              ),
            },
          }),
    };
  }
}

/** A place for every value, by the definition. */
function writtenOut({ layout, numbers, codes, entries }: Held, columns: number): Float64Array {
  const { dense, levels, places } = layout;
  const X = new Float64Array(entries.length * columns);
  for (const [i, row] of entries.entries()) {
    const write = (held: number, value: number): void => {
      const place = places === undefined ? held : (places[held] as number);
      if (place !== NOWHERE) X[i * columns + place] = value;
    };
    for (let j = 0; j < dense; j += 1) write(j, numbers[i * dense + j] as number);
    let first = dense;
    for (const [c, column] of codes.entries()) {
      write(first + (column[i] as number), 1);
      first += levels[c] as number;
    }
    for (const [column, value] of row) write(first + column, value);
  }
  return X;
}

/** Not those of the rows: a column that never changes is scaled as well. */
function scalingOf({ values, dtype }: SparseValues, columns: number, random: Uniform): Scaling {
  const isExact = values === 'integers';
  const means = random.array(columns, () => (isExact ? random.integer(-1, 1) : random.signed()));
  const scales = random.array(columns, () =>
    isExact ? 2 ** random.integer(-1, 1) : 0.5 + 1.5 * random.next(),
  );
  return { means: exactIn(dtype, means), scales: exactIn(dtype, scales) };
}

/** A device takes what means come to off sums: rounding goes with |x| + |mean|. */
function scaledBy({ means, scales }: Scaling, X: Float64Array): Required<Pick<Data, 'X' | 'sizes'>> {
  const columns = means.length;
  const mean = (at: number): number => means[at % columns] as number;
  const scale = (at: number): number => scales[at % columns] as number;
  return {
    X: X.map((x, at) => (x - mean(at)) / scale(at)),
    sizes: X.map((x, at) => (Math.abs(x) + Math.abs(mean(at))) / scale(at)),
  };
}
