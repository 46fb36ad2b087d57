import type { Source, SourceColumn } from '../files/source';

/** Columns that read alike, in groups by what `key` says besides their type. */
export function alike(
  columns: readonly SourceColumn[],
  key: (column: SourceColumn) => unknown = () => '',
): SourceColumn[][] {
  const groups = new Map<string, SourceColumn[]>();
  for (const column of columns) {
    const name = `${column.type} ${String(key(column))}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [column]);
    else group.push(column);
  }
  return [...groups.values()];
}

/**
 * A subquery of the values of columns that read alike, each as a row of its own: i, the place of its column from 1 on, and c0.
 *
 * @param rows how many rows of the source; left out: all
 */
export function unnested(source: Source, group: readonly SourceColumn[], rows?: number): string {
  const lists = source.select([], { lists: [{ alias: 'v', columns: group }] });
  const some = rows === undefined ? lists : `(SELECT v FROM ${lists} LIMIT ${rows})`;
  return `(SELECT generate_subscripts(v, 1) AS i, unnest(v) AS c0 FROM ${some})`;
}
