import type { Dtype } from '../base/data-types';
import type { Target } from './target';

type Texts = 'gradient' | 'forward' | 'steps' | 'update';

/** Columns of rows that the CPU device's loops are cut for, and their neighbours: odd, prime, one vector and a few. */
const ofProcessors = {
  quick: [1, 2, 3, 5, 8, 11, 17, 31, 33, 64, 129, 257, 1025],
  full: [
    ...Array.from({ length: 40 }, (_, index) => index + 1),
    ...[47, 48, 49, 63, 64, 65, 79, 80, 81, 96, 97, 127, 128, 129, 130, 191, 192, 193, 255, 256, 257, 258],
    ...[511, 512, 513, 1000, 1024, 1025, 2048, 2049, 4096, 4099, 8192, 8209],
  ],
};

/** Of kernels for CPUs, whose loops along the columns are the same for all n, besides those at which kernels change. */
const ofRows = {
  quick: [17, 33, 257],
  full: [17, 19, 23, 31, 32, 33, 37, 63, 64, 65, 129, 257, 1000, 1025, 4100],
};

/** Rows of batches, whose steps are slow to follow: a few kernels alone. */
const ofBatches = [3, 33, 260];

/**
 * Numbers of columns at which a kernel is to be tried: the fewest and the most that each of its programs serves; quick, of
 * each kind of them.
 */
export async function columnsFor(
  target: Target,
  dtype: Dtype,
  kernel: Texts,
  quick = target.quick,
): Promise<number[]> {
  const { shape } = target;
  if (shape === undefined) return ofProcessors[quick ? 'quick' : 'full'];
  if (quick && kernel === 'steps') return ofBatches;
  const plans = await target.plans(dtype);
  const texts = plans.map((plan) => (quick ? kindOf(plan.gradient) : plan[kernel]));
  // Where the last program's columns end says nothing.
  const ends = endsOf(texts).filter((n) => n < texts.length - widestPack);
  const more = shape === 'rows' ? ofRows[quick ? 'quick' : 'full'] : [];
  return [...new Set([...ends, ...more])].sort((a, b) => a - b);
}

/** The most columns that one load brings. */
const widestPack = 4;

/** A kernel's name. */
function kindOf(text: string): string {
  return text.split(' ')[0] ?? text;
}

/** The first and the last place, counted from 1, of each text. */
function endsOf(texts: readonly string[]): number[] {
  const ends = new Map<string, [first: number, last: number]>();
  texts.forEach((text, index) => {
    const known = ends.get(text);
    if (known === undefined) ends.set(text, [index + 1, index + 1]);
    else known[1] = index + 1;
  });
  return [...ends.values()].flat();
}

/** About how many values X may have, for the plain reference takes its time. */
const mostValues = { quick: 50_000, full: 120_000 };

/**
 * Numbers of rows for n columns: one; on both sides of a tile; a few tiles, the last one short; as many as make several
 * groups, a prime number.
 */
export async function rowsFor(target: Target, dtype: Dtype, n: number): Promise<number[]> {
  const most = Math.max(3, Math.floor(mostValues[target.quick ? 'quick' : 'full'] / n));
  const plan = (await target.plans(dtype))[n - 1];
  const tile = plan?.tileRows ?? 16;
  const wanted = target.quick
    ? [1, tile + 1, primeUpTo(most)]
    : [1, 2, tile - 1, tile, tile + 1, 3 * tile + 1, 257, primeUpTo(most)];
  return [...new Set(wanted.filter((m) => m >= 1 && m <= most))];
}

function primeUpTo(most: number): number {
  for (let m = most; m > 3; m -= 1) if (isPrime(m)) return m;
  return 3;
}

function isPrime(m: number): boolean {
  for (let factor = 2; factor * factor <= m; factor += 1) if (m % factor === 0) return false;
  return true;
}
