import { chosenBefore } from './chosen';
import { type Floats, type RowSource, dtypeOf, zeros } from './rows';
import { sparseAt, sparseRows } from './sparse-rows';

/**
 * Some rows of a source, in their order. Their scaling is not that of all rows.
 *
 * @param chosen their numbers there, in that order
 */
export function rowsAt(source: RowSource, chosen: Uint32Array): RowSource {
  const { columns, dtype, nameOf, sparse } = source;
  if (sparse !== undefined) {
    const some = sparseRows(chosen.length, dtype, sparseAt(sparse, chosen));
    return nameOf === undefined ? some : { ...some, nameOf };
  }
  async function* blocks(bytes?: number): AsyncIterable<Floats> {
    let first = 0;
    let next = 0;
    let part: Floats | undefined;
    for await (const block of source.blocks(bytes)) {
      // A block is valid until the next: they share their memory.
      if (part?.BYTES_PER_ELEMENT !== block.BYTES_PER_ELEMENT || part.length < block.length)
        part = zeros(dtypeOf(block), block.length);
      const end = first + block.length / columns;
      const some = chosenBefore(chosen, next, end);
      copyRows(block, part, some, first, columns);
      if (some.length > 0) yield part.subarray(0, some.length * columns);
      next += some.length;
      first = end;
    }
  }
  return {
    ...{ rows: chosen.length, columns, dtype, blocks },
    ...(nameOf === undefined ? {} : { nameOf }),
  };
}

/** Copies rows out of a block whose first is row `first` of all. */
function copyRows(from: Floats, into: Floats, rows: Uint32Array, first: number, columns: number): void {
  let to = 0;
  for (let index = 0; index < rows.length; index += 1) {
    const at = ((rows[index] as number) - first) * columns;
    for (let j = 0; j < columns; j += 1) into[to + j] = from[at + j] as number;
    to += columns;
  }
}
