import type { CompressedRows } from '../../lib';
import type { Uniform } from './arbitrary';

/**
 * Rows of about `each` values that are not 0.
 *
 * @param skew above 1: the first columns are in more rows, as frequent words are
 */
export function compressedRows(
  m: number,
  n: number,
  each: number,
  random: Uniform,
  skew = 1,
): CompressedRows {
  const [data, indices, indptr]: [number[], number[], number[]] = [[], [], [0]];
  for (let i = 0; i < m; i += 1) {
    const columns = new Set<number>();
    const count = Math.floor(2 * each * random.next());
    while (columns.size < Math.min(count, n)) columns.add(Math.floor(n * random.next() ** skew));
    for (const j of columns) {
      data.push(4 * random.next() - 2);
      indices.push(j);
    }
    indptr.push(data.length);
  }
  return {
    data: Float64Array.from(data),
    indices: Int32Array.from(indices),
    indptr: Uint32Array.from(indptr),
    shape: [m, n],
  };
}

/** The same with its zeros. */
export function writtenOut({ data, indices, indptr, shape: [m, n] }: CompressedRows) {
  const written = new Float64Array(m * n);
  for (let i = 0; i < m; i += 1) {
    for (let e = indptr[i] ?? NaN; e < (indptr[i + 1] ?? NaN); e += 1) {
      const at = i * n + Number(indices[e]);
      written[at] = Number(data[e]);
    }
  }
  return { data: written, shape: [m, n] as const };
}
