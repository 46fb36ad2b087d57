import { ThalwegError } from '../../base/errors';
import type { Feature } from '../../model/features';
import type { SvmlightBlock } from './parser';

/** Rows of a file for a model, as CSR in any order. */
export interface KnownRows {
  readonly data: Float64Array;
  readonly indices: Uint32Array;
  readonly indptr: Uint32Array;
  readonly shape: [rows: number, columns: number];
}

/** Which column of a model an index of SVMlight files is: the one whose name it is. */
export class KnownIndices {
  readonly #columns: ReadonlyMap<number, number>;
  /** How many values are of no column of the model, and the first index of one. */
  unknown = 0;
  firstUnknown: number | undefined;

  /**
   * @param model what to call it
   * @throws ThalwegError ERR_MODEL for a column that is no number, or that an index cannot name
   */
  constructor(features: readonly Feature[], model: string) {
    for (const { name, kind } of features) {
      if (/^(?:0|[1-9]\d{0,9})$/.test(name) && kind === 'number') continue;
      const what = kind === 'number' ? '' : `, a ${kind}`;
      throw new ThalwegError(
        'ERR_MODEL',
        `${model} reads the column "${name}"${what}, and SVMlight files have numbers with indices for names. Give a model that was trained on such files.`,
        { path: model, column: name },
      );
    }
    this.#columns = new Map(features.map(({ name }, column) => [Number(name), column]));
  }

  /** Rows of a block; values of an index that training did not see are left out and counted. */
  rowsOf({ lengths, columns, values }: SvmlightBlock): KnownRows {
    const rows = lengths.length;
    const data = new Float64Array(values.length);
    const indices = new Uint32Array(values.length);
    const indptr = new Uint32Array(rows + 1);
    let [from, to] = [0, 0];
    for (let row = 0; row < rows; row += 1) {
      for (const end = from + (lengths[row] as number); from < end; from += 1) {
        const column = this.#columns.get(columns[from] as number);
        if (column === undefined) {
          this.unknown += 1;
          this.firstUnknown ??= columns[from];
          continue;
        }
        indices[to] = column;
        data[to] = values[from] as number;
        to += 1;
      }
      indptr[row + 1] = to;
    }
    return {
      data: data.subarray(0, to),
      indices: indices.subarray(0, to),
      indptr,
      shape: [rows, this.#columns.size],
    };
  }
}
