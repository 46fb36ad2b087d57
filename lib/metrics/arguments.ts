import { checkObject, invalid, refuseUnknown, shown } from '../base/arguments';
import type { HostMatrix, VectorLike } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import type { MetricOptions } from './options';

// No built-in module of Node is named here, nor by what this names: a browser loads it, too.

/** m rows of K values. */
export interface Columns {
  readonly rows: number;
  readonly columns: number;
  /** Row by row. */
  readonly data: ArrayLike<number>;
}

/** @throws ThalwegError ERR_INVALID_ARGUMENT */
export function checkOptions(metric: string, options: unknown, known: readonly string[]): void {
  checkObject('options', options);
  refuseUnknown(options, ['sampleWeight', ...known], metric);
}

/** Whether it is an array or a typed array, of whatever realm. */
export function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);
}

/** @throws ThalwegError ERR_SHAPE */
export function checkLength(option: string, length: number, rows: number, of: string): void {
  if (length === rows) return;
  throw new ThalwegError('ERR_SHAPE', `${option} has ${length} values, and ${of} has ${rows}`, { option });
}

function notFinite(option: string, value: unknown, row: number, column?: number): ThalwegError {
  const place = column === undefined ? `${option}[${row}]` : `${option}[${row}][${column}]`;
  const at = { option, row, ...(column === undefined ? {} : { column }) };
  if (typeof value === 'number')
    return new ThalwegError(
      'ERR_NOT_FINITE',
      `${place} is ${value}: leave such rows out, or correct them`,
      at,
    );
  const message = `${place} is ${shown(value)}, where a number has to be`;
  return new ThalwegError('ERR_INVALID_ARGUMENT', message, at);
}

/** A vector of finite numbers, at least one. @throws ThalwegError ERR_INVALID_ARGUMENT, ERR_SHAPE, ERR_NOT_FINITE */
export function vector(option: string, value: unknown): Float64Array {
  if (!isList(value)) throw invalid(option, 'an array of numbers', value);
  if (value.length === 0) throw new ThalwegError('ERR_SHAPE', `${option} is empty`, { option });
  const found = new Float64Array(value.length);
  for (let row = 0; row < value.length; row += 1) {
    const one = value[row];
    if (typeof one !== 'number' || !Number.isFinite(one)) throw notFinite(option, one, row);
    found[row] = one;
  }
  return found;
}

/** As {@link vector}, of a given length. */
export function vectorOf(option: string, value: unknown, rows: number, of = 'yTrue'): Float64Array {
  const found = vector(option, value);
  checkLength(option, found.length, rows, of);
  return found;
}

/** A vector as one column, rows of as many values each, or `{ data, shape }`. @throws as {@link vector} */
export function columnsOf(option: string, value: VectorLike | HostMatrix): Columns {
  if (!isList(value)) return shaped(option, value);
  if (!isList(value[0])) {
    const data = vector(option, value);
    return { rows: data.length, columns: 1, data };
  }
  const rows = value as unknown as readonly unknown[];
  const columns = value[0].length;
  const data = new Float64Array(rows.length * columns);
  for (const [row, values] of rows.entries()) {
    if (!isList(values) || values.length !== columns) {
      const message = `${option}[${row}] is no row of ${columns} values, as the first is`;
      throw new ThalwegError('ERR_SHAPE', message, { option, row });
    }
    for (let k = 0; k < columns; k += 1) {
      const one = values[k];
      if (typeof one !== 'number' || !Number.isFinite(one)) throw notFinite(option, one, row, k);
      data[row * columns + k] = one;
    }
  }
  return { rows: rows.length, columns, data };
}

function shaped(option: string, value: unknown): Columns {
  const rule = 'an array of numbers, an array of rows, or { data, shape: [rows, columns] }';
  if (typeof value !== 'object' || value === null) throw invalid(option, rule, value);
  const { data, shape } = value as { readonly data?: unknown; readonly shape?: unknown };
  const [rows, columns] = (Array.isArray(shape) ? shape : []) as unknown[];
  if (!isList(data) || typeof rows !== 'number' || typeof columns !== 'number')
    throw invalid(option, rule, value);
  checkLength(`${option}.data`, data.length, rows * columns, 'its shape');
  return { rows, columns, data: vector(option, data) };
}

/** 1 each where none are given. @throws ThalwegError as {@link vector}; ERR_INVALID_ARGUMENT below 0, and where no row counts */
export function weightsOf({ sampleWeight }: MetricOptions, rows: number): Float64Array {
  if (sampleWeight === undefined) return new Float64Array(rows).fill(1);
  const option = 'sampleWeight';
  const weights = vectorOf(option, sampleWeight, rows);
  const row = weights.findIndex((weight) => weight < 0);
  if (row >= 0) {
    const message = `sampleWeight[${row}] is below 0: weights are 0, for rows that do not count, or more`;
    throw new ThalwegError('ERR_INVALID_ARGUMENT', message, { option, row });
  }
  if (weights.some((weight) => weight > 0)) return weights;
  const message = 'every sampleWeight is 0, so that no row counts: one at least must be above 0';
  throw new ThalwegError('ERR_INVALID_ARGUMENT', message, { option });
}

/** Refuses what is no probability. @throws ThalwegError ERR_INVALID_ARGUMENT, with its row */
export function checkProbabilities(option: string, { data, columns }: Columns): void {
  for (let at = 0; at < data.length; at += 1) {
    const value = data[at] as number;
    if (value >= 0 && value <= 1) continue;
    const row = Math.floor(at / columns);
    const message = `${option} is ${value} in row ${row}: probabilities are from 0 to 1`;
    throw new ThalwegError('ERR_INVALID_ARGUMENT', message, { option, row });
  }
}
