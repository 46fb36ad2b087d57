/** Which rows are held out of training: about `fraction` of them, the same ones for the same seed. */
export interface Split {
  readonly fraction: number;
  readonly seed: number;
}

const WORD = 2 ** 32;

/**
 * `rows` with a column `held`. A row is held out where a hash of its number falls below the fraction: the
 * finaliser of MurmurHash3 (Austin Appleby, public domain) over the number, mixed with that of the seed.
 * So a row's lot depends on its place in the file and the seed alone.
 *
 * @param rows A subquery with the row number `r`.
 */
export function withSplit(rows: string, { fraction, seed }: Split): string {
  const start = `(SELECT *, xor((r % ${WORD})::UBIGINT, ${finalise(seed)}::UBIGINT) AS h0 FROM ${rows})`;
  const first = `(SELECT *, (xor(h0, h0 >> 16) * 2246822507) % ${WORD} AS h1 FROM ${start})`;
  const second = `(SELECT *, (xor(h1, h1 >> 13) * 3266489909) % ${WORD} AS h2 FROM ${first})`;
  return `(SELECT *, xor(h2, h2 >> 16) < ${Math.round(fraction * WORD)} AS held FROM ${second})`;
}

/** The same of one row, counted from 1. */
export function isHeldOut(row: number, { fraction, seed }: Split): boolean {
  return finalise((row % WORD) ^ finalise(seed)) < Math.round(fraction * WORD);
}

function finalise(seed: number): number {
  let h = seed >>> 0;
  h = Math.imul(h ^ (h >>> 16), 2246822507);
  h = Math.imul(h ^ (h >>> 13), 3266489909);
  return (h ^ (h >>> 16)) >>> 0;
}
