import { trimmed } from '../base/trimmed';
import { ThalwegError } from '../base/errors';
import type * as Described from '../tables/columns/described';
import { lazily } from '../base/lazily';
import type * as Forms from '../tables/columns/forms';
import type { NumericFeature } from './features';

/* eslint-disable @typescript-eslint/no-require-imports -- loaded at their first use */
const forms = lazily(() => require('../tables/columns/forms') as typeof Forms);
const describing = lazily(() => require('../tables/columns/described') as typeof Described);
/* eslint-enable @typescript-eslint/no-require-imports */

/** Where a value stands: the name of its column, and which of several rows it is in, from 0. */
export interface Place {
  readonly column: string;
  readonly row: number | undefined;
}

const MILLISECONDS_A_DAY = 86_400_000;

const plurals = { number: 'numbers', boolean: 'booleans', date: 'dates', category: 'text' } as const;

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (value instanceof Date) return 'a date';
  if (Array.isArray(value)) return 'an array';
  return textOf(value) ?? `of the type ${typeof value}`;
}

/** "the column …" of messages, or "row 3, the column …". */
export function placed({ column, row }: Place): string {
  return `${row === undefined ? '' : `row ${row + 1}: `}the column "${column}"`;
}

export function columnError(place: Place, is: string, code: 'ERR_COLUMN' | 'ERR_NOT_FINITE' = 'ERR_COLUMN') {
  const { column, row } = place;
  return new ThalwegError(code, `${placed(place)} ${is}`, { column, ...(row === undefined ? {} : { row }) });
}

function otherKind(place: Place, value: unknown, was: string): ThalwegError {
  return columnError(place, `is ${shown(value)}; the model was trained on ${was} there`);
}

/**
 * Whether a value is missing: undefined, null, NaN, an empty text, or one of the words that say so.
 *
 * @param nulls those words; no value is taken for one, by how it is written, unless they are named
 */
export function isMissing(value: unknown, nulls: readonly string[] = []): boolean {
  if (value === undefined || value === null || Number.isNaN(value)) return true;
  const text = textOf(value);
  return text === '' || (text !== undefined && nulls.includes(text));
}

/** A value as it is written; of an object there is none. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return trimmed(value);
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value);
  return undefined;
}

/**
 * A value that is there as the number that it stands for, as in a table: a boolean as 1 or 0, a date as days since 1970-01-01
 * UTC, a text as its column's texts read, or of dates also in ISO 8601.
 *
 * @throws ThalwegError ERR_COLUMN of another kind, ERR_NOT_FINITE for an infinity
 */
export function numberOf(value: unknown, { kind, form }: NumericFeature, place: Place): number {
  const number = read(value, kind, form);
  if (Number.isNaN(number))
    throw otherKind(
      place,
      value,
      form === undefined ? plurals[kind] : describing().described(form, { type: 'text' }),
    );
  if (!Number.isFinite(number))
    throw columnError(place, `is ${shown(value)}, which is infinite`, 'ERR_NOT_FINITE');
  return number;
}

function read(value: unknown, kind: NumericFeature['kind'], form: NumericFeature['form']): number {
  if (typeof value === 'string') {
    const number = forms().readText(value, kind, form);
    return Number.isNaN(number) && kind === 'date' ? forms().readText(value, kind) : number;
  }
  if (kind === 'number' && (typeof value === 'number' || typeof value === 'bigint')) return Number(value);
  if (kind === 'boolean' && typeof value === 'boolean') return value ? 1 : 0;
  if (kind === 'date' && value instanceof Date) return value.getTime() / MILLISECONDS_A_DAY;
  return NaN;
}

/** What words for missing values are as numbers of a column. */
export function goneOf(nulls: readonly string[] | undefined, feature: NumericFeature): readonly number[] {
  return nulls === undefined || nulls.length === 0 ? [] : forms().numbersOfWords(nulls, feature);
}

/** A value that is there as the text of a category, as in a table. @throws ThalwegError ERR_COLUMN of an object */
export function levelOf(value: unknown, place: Place): string {
  const text = textOf(value);
  if (text === undefined) throw otherKind(place, value, plurals.category);
  return text;
}
