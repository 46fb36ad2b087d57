'use strict';

/** Uniform numbers from −1 to 1: mulberry32. */
function numbersOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

/** X, y and weights of so many rows; y by a rule that the loss of a case takes. */
function dataOf({ seed, rows, columns, targets = 'numbers', outputs = 1, scale = 1, noise = 0.3 }) {
  const next = numbersOf(seed);
  const theta = Array.from({ length: columns }, next);
  const X = Array.from({ length: rows }, () => Array.from({ length: columns }, next));
  const y = X.map((row) => {
    const z = row.reduce((sum, value, j) => sum + value * theta[j], noise * next());
    if (targets === 'zeroOrOne') return z > 0 ? 1 : 0;
    if (targets === 'plusMinusOne') return z > 0 ? 1 : -1;
    if (targets === 'counts') return Math.max(0, Math.round(2 + 2 * z));
    if (targets === 'classes') return z < -0.2 ? 0 : z < 0.2 ? 1 : 2;
    return outputs === 1 ? z : Array.from({ length: outputs }, (_, k) => z * (k + 1) + 0.1 * next());
  });
  // Some rows do not count.
  const weights = X.map(() => Math.max(0, next() + 0.6));
  return { X: X.map((row) => row.map((value) => value * scale)), y, weights };
}

/** The rows of one rank: every size-th, in blocks, none on the first rank, or half of them on it. */
function shareOf(rows, { rank, size }, division = 'strided') {
  if (division === 'strided') return rows.filter((_, i) => i % size === rank);
  if (division === 'first-half' && size > 1) {
    const half = Math.floor(rows.length / 2);
    const others = { rank: rank - 1, size: size - 1 };
    return rank === 0 ? rows.slice(0, half) : shareOf(rows.slice(half), others, 'blocks');
  }
  const first = division === 'none-first' && size > 1 ? 1 : 0;
  const part = (r) => Math.floor(((r - first) * rows.length) / (size - first));
  return rank < first ? [] : rows.slice(part(rank), part(rank + 1));
}

/**
 * What a call is given of the rows that its description names: the last `heldRows` of them to validate with.
 *
 * @param world undefined: all rows
 */
function sampleOf({ data, division, heldRows = 0, heldDivision = division }, world) {
  const all = dataOf(data);
  const last = all.X.length - heldRows;
  const part = (rows, how) => (world === undefined ? rows : shareOf(rows, world, how));
  const parts = (first, end, how) =>
    Object.fromEntries(Object.entries(all).map(([name, rows]) => [name, part(rows.slice(first, end), how)]));
  const sample = parts(0, last, division);
  return heldRows === 0 ? sample : { ...sample, held: parts(last, all.X.length, heldDivision) };
}

module.exports = { dataOf, numbersOf, sampleOf, shareOf };
