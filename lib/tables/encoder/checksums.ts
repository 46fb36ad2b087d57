import type { Source } from '../files/source';

/** Of a column, or of some that are read as one, over all rows and in their order. */
export interface Checksum {
  readonly names: readonly string[];
  /** 64 bits as text; null where there are no rows. */
  readonly sum: string | null;
}

/**
 * A checksum of each of the columns v0, v1, …, which are `names` before the target and the weight, of y, and of w where rows have
 * weights: of each value with the number of its row, so that the same values in another order have another. DuckDB's own hashes,
 * which a version of it has the same everywhere.
 *
 * @param rows a subquery with those columns and the numbers of rows as `r`
 */
export async function checksums(
  source: Source,
  rows: string,
  names: readonly (readonly string[])[],
  isWeighted: boolean,
): Promise<Checksum[]> {
  const groups = names.length - (isWeighted ? 2 : 1);
  const columns = [
    ...Array.from({ length: groups }, (_, index) => `v${index}`),
    ...(isWeighted ? ['y', 'w'] : ['y']),
  ];
  const sums = columns.map(
    (column) => `CAST(bit_xor(hash(xor(hash(${column}), CAST(r AS UBIGINT)))) AS VARCHAR)`,
  );
  const [found = []] = await source.database.rows(`SELECT ${sums.join(', ')} FROM ${rows}`);
  return names.map((each, index) => ({ names: each, sum: (found[index] ?? null) as string | null }));
}
