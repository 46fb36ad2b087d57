import { createColors, isColorSupported } from 'picocolors';
import { markedColor } from './visible';

const used = ['bold', 'dim', 'red', 'yellow', 'green'] as const;

type Colors = Readonly<Record<(typeof used)[number], (text: string) => string>>;

/** Colours where a stream is a terminal that shows them; never in a pipe, not even under CI. */
export function colorsFor(stream: { readonly isTTY?: boolean }): Colors {
  // `isTTY` of a pipe is undefined, which createColors takes as "decide yourself".
  const all = createColors(stream.isTTY === true && isColorSupported);
  return Object.fromEntries(used.map((name) => [name, markedColor(all[name])])) as Colors;
}

/** Colours for standard output. */
export const colors = colorsFor(process.stdout);

/** A number as a person reads it: six significant digits. */
export function number(value: number): string {
  if (!Number.isFinite(value)) {
    return String(value);
  }
  const magnitude = Math.abs(value);
  if (Number.isInteger(value) && magnitude < 1e15) {
    return value.toLocaleString('en-US');
  }
  return magnitude >= 1e-4 && magnitude < 1e9 ? String(Number(value.toPrecision(6))) : value.toExponential(4);
}

/** `1 row`, `2 rows`. */
export function counted(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A time as a person reads it. */
export function duration(seconds: number): string {
  return seconds < 1
    ? `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`
    : `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
}
