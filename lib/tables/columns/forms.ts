import { trimmed } from '../../base/trimmed';
import { ISO_DATE } from '../files/iso-date';
import { HEXADECIMAL, MONTHS, PIVOT, TIME, dateSteps, numberSteps } from './form-steps';
import type { DateForm, Form, NumberForm } from './form';

export type { Form } from './form';

const SECONDS_A_DAY = 86_400;
const MICROSECONDS_A_DAY = SECONDS_A_DAY * 1e6;

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`, 'u');

type Reader = (text: string) => number;

function numberReader(form: NumberForm): Reader {
  const { pattern, removed, from, to, divisor } = numberSteps(form);
  const fits = whole(pattern);
  const turned = new Map(Array.from(from).map((character, at) => [character, to[at] ?? '']));
  return (text) => {
    if (!fits.test(text)) return NaN;
    const bare = removed.reduce((left, gone) => left.replaceAll(gone, ''), text);
    return (
      Number(
        Array.from(bare)
          .map((character) => turned.get(character) ?? character)
          .join(''),
      ) / divisor
    );
  };
}

/** Hours, minutes and seconds as text, as far as they are there. */
function secondsOf([hours = '', minutes = '', seconds = '', half = '']: readonly (
  string | undefined
)[]): number {
  const hour = half === '' ? Number(hours) : (Number(hours) % 12) + (/p/i.test(half) ? 12 : 0);
  return hour * 3600 + (Number(minutes) * 60 + Number(seconds.replace(',', '.')));
}

function zoneMinutes(zone = ''): number {
  if (!/^[-+]/.test(zone)) return 0;
  const digits = zone.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || '0');
  return zone.startsWith('-') ? -minutes : minutes;
}

/** Midnight of a day that there is, in days since 1970. */
function dayOf(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? date.getTime() / 86_400_000 : NaN;
}

function days(midnight: number, time: readonly (string | undefined)[]): number {
  const micros = midnight * MICROSECONDS_A_DAY + Math.round(secondsOf(time) * 1e6);
  return (micros - zoneMinutes(time[4]) * 60_000_000) / MICROSECONDS_A_DAY;
}

/** Of two names, or none, there is none. */
function monthOf(text: string): number {
  if (text.length === 3) return MONTHS.indexOf(text.toLowerCase()) / 3 + 1;
  return Number(text) || 3 * Number(text.slice(1)) - 2;
}

function dateReader(form: DateForm): Reader {
  const { pattern, year, month, day, time } = dateSteps(form);
  const fits = whole(pattern);
  return (text) => {
    const found = fits.exec(text) as readonly (string | undefined)[] | null;
    if (found === null) return NaN;
    const part = (groups: readonly number[]): string => groups.map((at) => found[at] ?? '').join('');
    const years = Number(part(year));
    const full = part(year).length > 2 ? years : years + (years < PIVOT ? 2000 : 1900);
    return days(dayOf(full, monthOf(part(month)), Number(part(day) || '1')), found.slice(time, time + 5));
  };
}

function timeReader(): Reader {
  const fits = whole(TIME);
  return (text) => {
    const found = fits.exec(text);
    return found === null ? NaN : secondsOf(found.slice(1, 5)) / 3600;
  };
}

function readerOf(form: Form): Reader {
  switch (form.read) {
    case 'number':
      return numberReader(form);
    case 'hexadecimal': {
      const fits = whole(HEXADECIMAL);
      return (text) => (fits.test(text) ? Number(text) : NaN);
    }
    case 'time':
      return timeReader();
    case 'date':
      return dateReader(form);
  }
}

const readers = new WeakMap<Form, Reader>();

function ofForm(text: string, form: Form): number {
  const reader = readers.get(form) ?? readerOf(form);
  readers.set(form, reader);
  return reader(text);
}

/** With the tabs and line ends around it that DuckDB passes over. */
const PLAIN_NUMBER = /^[\t-\r ]*[-+]?(?:[0-9]+[.]?[0-9]*|[.][0-9]+)(?:[eE][-+]?[0-9]+)?[\t-\r ]*$/;

const PLAIN_DATE = whole(ISO_DATE);

function plainDate(text: string): number {
  const found = PLAIN_DATE.exec(text);
  if (found === null) return NaN;
  const [, year, month, day, hours, minutes, seconds, zone] = found as readonly (string | undefined)[];
  const time = [hours, minutes, seconds];
  if (secondsOf(time) > SECONDS_A_DAY) return NaN;
  return days(dayOf(Number(year), Number(month), Number(day)), [...time, '', zone]);
}

const BOOLEANS: Readonly<Record<string, number>> = { true: 1, false: 0 };

/**
 * A column's text as the number it stands for: a date as days since 1970-01-01 UTC, a boolean as 1 or 0.
 *
 * @param form how the column's texts read; left out: plainly, as 1234.5, 2026-01-31 or true
 * @returns NaN where it does not read so
 */
export function readText(text: string, kind: 'number' | 'boolean' | 'date', form?: Form): number {
  const bare = trimmed(text);
  if (form !== undefined) return ofForm(bare, form);
  if (kind === 'boolean') return BOOLEANS[bare.toLowerCase()] ?? NaN;
  if (kind === 'date') return plainDate(bare);
  return PLAIN_NUMBER.test(bare) ? Number(bare) : NaN;
}

/** What words for missing values are as numbers of a column, as -999 is one of -999.0; of booleans none are. */
export function numbersOfWords(
  words: readonly string[],
  { kind, form }: { readonly kind: 'number' | 'boolean' | 'date'; readonly form?: Form | undefined },
): number[] {
  if (kind === 'boolean') return [];
  return words.map((word) => readText(word, kind, form)).filter(Number.isFinite);
}
