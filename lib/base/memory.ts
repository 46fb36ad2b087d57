import { freemem } from 'node:os';

/** The bytes of memory that this process can still have: Node's own answer, which knows of limits, from 20.13 on. */
export function availableMemory(): number {
  const { availableMemory: ask } = process as { availableMemory?: () => number };
  return ask === undefined ? freemem() : ask.call(process);
}

/** `1.5 GB`. */
export function gigabytes(bytes: number): string {
  return `${Number((bytes / 1e9).toPrecision(2)).toLocaleString('en-US')} GB`;
}
