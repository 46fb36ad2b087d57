import type { Floats, RowSource } from './rows';

/**
 * Some rows of a source, in their order. Their scaling is not that of all rows.
 *
 * @param isChosen whether the source's row of that number is among them
 * @param rows how many are
 */
export function rowsWhere(source: RowSource, isChosen: (row: number) => boolean, rows: number): RowSource {
  const { columns, dtype, nameOf } = source;
  async function* blocks(bytes?: number): AsyncIterable<Floats> {
    let first = 0;
    for await (const block of source.blocks(bytes)) {
      const part = block.slice();
      let kept = 0;
      for (let at = 0; at < block.length; at += columns, first += 1) {
        if (!isChosen(first)) continue;
        // Rows only move towards the front.
        part.copyWithin(kept, at, at + columns);
        kept += columns;
      }
      if (kept > 0) yield part.subarray(0, kept);
    }
  }
  return {
    ...{ rows, columns, dtype, blocks },
    ...(nameOf === undefined ? {} : { nameOf }),
  };
}
