import { type Floats, type RowSource, dtypeOf, zeros } from './rows';
import { sparseRows, sparseWhere } from './sparse-rows';

/**
 * Some rows of a source, in their order. Their scaling is not that of all rows.
 *
 * @param isChosen whether the source's row of that number is among them
 * @param rows how many are
 */
export function rowsWhere(source: RowSource, isChosen: (row: number) => boolean, rows: number): RowSource {
  const { columns, dtype, nameOf, sparse } = source;
  if (sparse !== undefined) {
    const some = sparseRows(rows, dtype, sparseWhere(sparse, isChosen));
    return nameOf === undefined ? some : { ...some, nameOf };
  }
  async function* blocks(bytes?: number): AsyncIterable<Floats> {
    let first = 0;
    let part: Floats | undefined;
    for await (const block of source.blocks(bytes)) {
      // A block is valid until the next: they share their memory.
      if (part?.BYTES_PER_ELEMENT !== block.BYTES_PER_ELEMENT || part.length < block.length)
        part = zeros(dtypeOf(block), block.length);
      let kept = 0;
      for (let at = 0; at < block.length; at += columns, first += 1) {
        if (!isChosen(first)) continue;
        for (let j = 0; j < columns; j += 1) part[kept + j] = block[at + j] as number;
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
