import type { Label } from '../base/data-types';
import type { Names, OutputColumn } from './output-columns';

/** Some rows that were read, in their order. */
export interface Predicted {
  /** One a row: whether it has outputs. */
  readonly used: Uint8Array;
  readonly outputs: Float64Array;
  /** The values that are kept of each row. */
  readonly kept: readonly (readonly (string | null)[])[];
}

/** What is written of a value; null: nothing. */
type Cell = Label | null;

/** How rows are written. */
export interface RowFormat {
  readonly head: string;
  readonly line: (kept: readonly Cell[], values: readonly Cell[]) => string;
}

/** CSV, in which what is missing is empty. */
export function csvFormat({ kept, model }: Names): RowFormat {
  // Quotes, where nothing else stands in a line: readers pass over one that is empty.
  const line = (cells: readonly Cell[]): string => `${cells.map(field).join(',') || '""'}\n`;
  return {
    head: line([...kept, ...model]),
    line: (texts, values) => line([...texts, ...values]),
  };
}

/** A value as a CSV field. */
function field(value: Cell): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** JSON lines: an object a row, in which what is missing is null. */
export function jsonFormat({ kept, model }: Names): RowFormat {
  // By hand, since an object has no two names __proto__ and puts numbers first.
  const names = [...kept, ...model].map((name) => JSON.stringify(name));
  return {
    head: '',
    line: (texts, values) => {
      const members = [...texts, ...values].map((value, at) => `${names[at] ?? ''}:${JSON.stringify(value)}`);
      return `{${members.join(',')}}\n`;
    },
  };
}

/** What was written of some rows. */
export interface Written {
  readonly text: string;
  /** How many rows have outputs that float64 cannot hold. */
  readonly overflowed: number;
  /** The first row without a prediction, from 0; −1 where there is none. */
  readonly firstEmpty: number;
}

/** The lines of some rows. */
export function written(
  { used, outputs, kept }: Predicted,
  columns: readonly OutputColumn[],
  perRow: number,
  format: RowFormat,
): Written {
  const nothing = columns.map(() => null);
  let text = '';
  let next = 0;
  let overflowed = 0;
  let firstEmpty = -1;
  for (const [row, isUsed] of used.entries()) {
    const first = isUsed === 1 ? next : undefined;
    if (first !== undefined) next += perRow;
    const isFinite = first !== undefined && outputs.subarray(first, first + perRow).every(Number.isFinite);
    if (first !== undefined && !isFinite) overflowed += 1;
    if (!isFinite && firstEmpty < 0) firstEmpty = row;
    text += format.line(
      kept[row] ?? [],
      isFinite ? columns.map(({ value }) => value(outputs, first)) : nothing,
    );
  }
  return { text, overflowed, firstEmpty };
}
