import { ZONE } from '../files/iso-date';
import type { DateForm, NumberForm } from './form';

/** Every mark that a `thousands` of a form stands for. */
export const thousandsMarks: Readonly<Record<NonNullable<NumberForm['thousands']>, string>> = {
  ',': ',',
  '.': '.',
  "'": "'\u2019",
  ' ': ' \u00a0\u202f\u2009',
  _: '_',
};

const SPACES = '[ \u00a0\u202f\u2009]*';

/** Minus, figure dash and en dash, and wide forms. */
const MINUSES = '\u2212\u2012\u2013\uff0d\ufe63';
const SIGN = `[-+${MINUSES}]?`;

/**
 * How a number's text becomes one that every language reads, as steps that SQL and JavaScript take alike: where it fits
 * `pattern` as a whole, `removed` texts go, then each character of `from` becomes that of `to` in its place, and the others of
 * `from` go.
 */
export interface NumberSteps {
  readonly pattern: string;
  readonly removed: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly divisor: number;
}

/** A text as a pattern that fits it, for both RE2 and JavaScript. */
export function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function anyOf(texts: readonly string[]): string {
  return texts.length === 0 ? '' : `(?:${texts.map(escaped).join('|')})?`;
}

/** The steps of a form. */
export function numberSteps(form: NumberForm): NumberSteps {
  const { decimal = '.', thousands, before = [], after = [], percent } = form;
  const marks = thousands === undefined ? '' : thousandsMarks[thousands];
  const point = escaped(decimal);
  // India groups by two digits above the first thousand.
  const grouped =
    marks === ''
      ? ''
      : `[0-9]{1,3}(?:[${marks}][0-9]{3})+|[0-9]{1,2}(?:[${marks}][0-9]{2})*[${marks}][0-9]{3}|`;
  const dressed = before.length + after.length > 0 || percent === true;
  const exponent = dressed ? '' : '(?:[eE][-+]?[0-9]+)?';
  const digits = `(?:(?:${grouped}[0-9]+)(?:${point}[0-9]*)?|${point}[0-9]+)${exponent}`;
  const unit = `${percent === true ? `${SPACES}%` : ''}${after.length === 0 ? '' : `${SPACES}${anyOf(after)}`}`;
  const currency = before.length === 0 ? '' : `${anyOf(before)}${SPACES}`;
  const whole = [
    `${SIGN}${SPACES}${currency}${digits}${unit}`,
    `${currency}${SIGN}${SPACES}${digits}${unit}`,
    `\\(${SPACES}${currency}${digits}${unit}${SPACES}\\)`,
    `${currency}\\(${SPACES}${digits}${SPACES}\\)${unit}`,
  ];
  const turned = `${decimal === ',' ? ',' : ''}${MINUSES}(`;
  const gone = `${marks}${thousandsMarks[' ']}+)%`;
  return {
    pattern: `(?:${whole.join('|')})`,
    removed: [...before, ...after].sort((a, b) => b.length - a.length),
    from: `${turned}${Array.from(gone)
      .filter((character) => !turned.includes(character))
      .join('')}`,
    to: `${decimal === ',' ? '.' : ''}${'-'.repeat(MINUSES.length + 1)}`,
    divisor: percent === true ? 100 : 1,
  };
}

/** 64 bits. */
export const HEXADECIMAL = '0[xX][0-9a-fA-F]{1,16}';

/** Hours, minutes, seconds, and whether it is in the afternoon. */
const CLOCK =
  '([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9](?:[.,][0-9]{1,9})?))?(?: ?([AaPp])[.]?[Mm][.]?)?';

/** Of a time of day, with the groups hours, minutes, seconds, a or p. */
export const TIME = CLOCK;

/** `T` or a space, a time of day, a zone. */
const TIME_AND_ZONE = `${CLOCK}(?: ?${ZONE})?`;
const AFTER_DATE = `(?:(?:[T]|,? )${TIME_AND_ZONE})?`;

/** English months, as their first three letters stand in names. */
export const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';

const MONTH_NAME =
  '([Jj][Aa][Nn]|[Ff][Ee][Bb]|[Mm][Aa][Rr]|[Aa][Pp][Rr]|[Mm][Aa][Yy]|[Jj][Uu][Nn]|[Jj][Uu][Ll]|[Aa][Uu][Gg]|[Ss][Ee][Pp]|[Oo][Cc][Tt]|[Nn][Oo][Vv]|[Dd][Ee][Cc])' +
  '(?:[Uu][Aa][Rr][Yy]|[Rr][Uu][Aa][Rr][Yy]|[Cc][Hh]|[Ii][Ll]|[Ee]|[Yy]|[Uu][Ss][Tt]|[Tt]|[Tt]?[Ee][Mm][Bb][Ee][Rr]|[Oo][Bb][Ee][Rr])?[.]?';

/** In English, as mails and calendars begin with one. */
const WEEKDAY =
  '(?:(?:[Mm]on|[Tt]ues?|[Ww]ed(?:nes)?|[Tt]hu(?:rs?)?|[Ff]ri|[Ss]at(?:ur)?|[Ss]un)(?:day)?[.]?,? )?';

const ONE_OR_TWO = '([0-9]{1,2})';
const FOUR_OR_TWO = '([0-9]{4}|[0-9]{2})';
/** Of other years these are more likely parts of numbers. */
const YEAR_ALONE = '(1[5-9][0-9]{2}|2[0-9]{3})';
const QUARTER = '([Qq][1-4])';
const BETWEEN = '[-/. ]';
const NAME_GAP = '[-/., ]*';

/** A date: its pattern, and at which groups of it day, month and year stand; those of the time follow. */
export interface DateSteps {
  readonly pattern: string;
  readonly year: readonly number[];
  /** Digits, three letters of a name, or a quarter, which begins with its first; of two groups one is empty. */
  readonly month: readonly number[];
  /** Of none: the first of the month. */
  readonly day: readonly number[];
  /** The first of hours, minutes, seconds, a or p, zone; behind all groups: midnight. */
  readonly time: number;
}

function stepsOf(
  pattern: string,
  year: DateSteps['year'],
  month: DateSteps['month'],
  day: DateSteps['day'],
  time = 4,
): DateSteps {
  return { pattern, year, month, day, time };
}

/** The steps of a form. */
export function dateSteps({ order }: DateForm): DateSteps {
  const numeric = `${ONE_OR_TWO}${BETWEEN}${ONE_OR_TWO}${BETWEEN}${FOUR_OR_TWO}${AFTER_DATE}`;
  switch (order) {
    case 'day-first':
      return stepsOf(numeric, [3], [2], [1]);
    case 'month-first':
      return stepsOf(numeric, [3], [1], [2]);
    case 'year-first':
      return stepsOf(`([0-9]{4})${BETWEEN}${ONE_OR_TWO}${BETWEEN}${ONE_OR_TWO}${AFTER_DATE}`, [1], [2], [3]);
    case 'compact':
      return stepsOf(`([0-9]{4})([0-9]{2})([0-9]{2})${AFTER_DATE}`, [1], [2], [3]);
    case 'year-month': {
      const named = `${MONTH_NAME}${NAME_GAP}${YEAR_ALONE}`;
      return stepsOf(`(?:${YEAR_ALONE}[-/]${ONE_OR_TWO}|${named})`, [1, 4], [2, 3], [], 5);
    }
    case 'quarter':
      return stepsOf(
        `(?:${YEAR_ALONE}[-/ ]?${QUARTER}|${QUARTER}[-/ ]?${YEAR_ALONE})`,
        [1, 4],
        [2, 3],
        [],
        5,
      );
    case 'month-name':
      // RE2 gives nine groups at most.
      return stepsOf(
        `${WEEKDAY}(?:${MONTH_NAME}${NAME_GAP})?${ONE_OR_TWO}(?:st|nd|rd|th)?` +
          // Logs of web servers have 07/Apr/2021:14:12:20 +0000.
          `(?:${NAME_GAP}${MONTH_NAME}${NAME_GAP}|[-/., ]+)${FOUR_OR_TWO}(?:(?:[T:]|,? )${TIME_AND_ZONE})?`,
        [4],
        [1, 3],
        [2],
        5,
      );
  }
}

/** Years of two digits are those from 1969 to 2068, as in POSIX. */
export const PIVOT = 69;
