import { type Kind, type ReadColumn, valueSql } from '../columns/read-column';
import type { ReadAs, Source } from '../files/source';

/** A value that is read already: one DOUBLE, or the text of a category. */
export function valueOf(kind: Kind): ReadAs {
  const isText = kind === 'category';
  return {
    type: isText ? 'VARCHAR' : 'DOUBLE',
    sqlType: isText ? 'VARCHAR' : 'DOUBLE',
    read: (alias) => ({
      present: `(${alias} IS NOT NULL)`,
      [isText ? 'text' : kind]: alias,
      ...(isText ? {} : { text: `CAST(${alias} AS VARCHAR)` }),
      isTyped: true,
    }),
  };
}

/**
 * The columns with their values read once and for all, where there is room: whoever looks at the rows again finds
 * numbers, and no text to parse.
 *
 * @param rows of the source
 */
export async function settled<Read extends ReadColumn>(
  source: Source,
  reads: readonly Read[],
  rows: number,
): Promise<Read[]> {
  const values = reads.map((read) => ({ column: read.column, sql: valueSql(read), as: valueOf(read.kind) }));
  // Typed values cost next to nothing to read, and one text alone no more than a copy of everything.
  if (values.filter(({ column }) => column.sql.isTyped !== true).length < 2) return [...reads];
  const columns = await source.derive(values, rows);
  return reads.map((read, index) => {
    const column = columns?.[index];
    return column === undefined ? read : { ...read, column, words: undefined };
  });
}
