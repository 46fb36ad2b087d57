import { type DateForm, type Form, type NumberForm, dateOrders } from './form';
import { HEXADECIMAL, TIME, thousandsMarks } from './form-steps';
import { readText } from './forms';

/** How texts may read that `numbers` or `dates` was asked for, or nothing. */
export type Asked =
  | { readonly as: 'numbers'; readonly hint?: NumberHint | undefined }
  | { readonly as: 'dates'; readonly hint?: DateForm['order'] | undefined };

export const numberHints = ['decimal-point', 'decimal-comma'] as const;
export type NumberHint = (typeof numberHints)[number];

/** Codes that stand for a currency where no sign does; of other words before a number nothing is known. */
const CURRENCIES = new Set(
  (
    'AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KES KRW MAD MXN MYR ' +
    'NGN NOK NZD PEN PHP PKR PLN RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR Fr. Fr Rs. Rs kr. kr'
  ).split(' '),
);

const CURRENCY_SIGN = /^[A-Z]{0,3}\p{Sc}$/u;

/** A word, a unit with slashes and powers, or a currency. */
const UNIT = /^(?:[\p{L}°µ][\p{L}\p{M}°µ²³/.· ]*|\p{Sc})$/u;

/** What stands before the digits, from the first digit to the last, and what stands behind. */
const PARTS =
  /^([^0-9]*?)([.,]?[0-9](?:[0-9.,'’_ \u00a0\u202f\u2009]*[0-9])?[.,]?(?:[eE][-+]?[0-9]+)?)([^0-9]*)$/u;

const AROUND = /^[ \u00a0\u202f\u2009]+|[ \u00a0\u202f\u2009]+$/gu;
const SIGNS = /[-+\u2212\u2012\u2013\uff0d\ufe63()]/gu;

interface Parts {
  readonly before: string;
  readonly digits: string;
  readonly after: string;
  readonly percent: boolean;
}

function partsOf(text: string): Parts | undefined {
  const [whole, before = '', digits = '', behind = ''] = PARTS.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const percent = /^[ \u00a0\u202f\u2009]*%/u.test(behind);
  return {
    before: before.replace(SIGNS, '').replace(AROUND, ''),
    digits,
    after: behind.replace('%', '').replace(/[()]/g, '').replace(AROUND, ''),
    percent,
  };
}

/** The one unit, in the spellings that it has here; undefined where there are several. */
function unitOf(words: ReadonlySet<string>): string[] | undefined {
  const spellings = [...words].filter((word) => word !== '');
  if (!spellings.every((word) => UNIT.test(word))) return undefined;
  const stems = new Set(spellings.map((word) => word.toLowerCase().replace(/\(?s\)?$/, '')));
  return stems.size <= 1 ? spellings.sort() : undefined;
}

/** The one currency; undefined where there are several, or words that are none. */
function currencyOf(words: ReadonlySet<string>): string[] | undefined {
  const signs = [...words].filter((word) => word !== '');
  return signs.length <= 1 && signs.every((word) => CURRENCY_SIGN.test(word) || CURRENCIES.has(word))
    ? signs
    : undefined;
}

type Thousands = NonNullable<NumberForm['thousands']>;

/** The marks with which all of these may be written. */
function* marked(all: readonly Parts[]): Generator<Pick<NumberForm, 'decimal' | 'thousands'>> {
  const has = (characters: string): boolean =>
    all.some(({ digits }) => Array.from(characters).some((character) => digits.includes(character)));
  const marks = (Object.keys(thousandsMarks) as Thousands[]).filter((mark) => has(thousandsMarks[mark]));
  for (const decimal of has(',.') ? ([undefined, ','] as const) : ([undefined] as const))
    for (const thousands of [undefined, ...marks])
      if (thousands !== (decimal ?? '.'))
        yield { ...(decimal && { decimal }), ...(thousands && { thousands }) };
}

function numberForms(texts: readonly string[], hint: NumberHint | undefined): NumberForm[] {
  const all: Parts[] = [];
  for (const text of texts) {
    const parts = partsOf(text);
    if (parts === undefined) return [];
    all.push(parts);
  }
  const before = currencyOf(new Set(all.map((parts) => parts.before)));
  const after = unitOf(new Set(all.map((parts) => parts.after)));
  if (before === undefined || after === undefined) return [];
  const around = {
    ...(before.length > 0 && { before }),
    ...(after.length > 0 && { after }),
    ...(all.some((parts) => parts.percent) && { percent: true as const }),
  };
  const forms = Array.from(marked(all), (marks): NumberForm => ({
    read: 'number',
    ...marks,
    ...around,
  })).filter((form) => fits(form, texts));
  if (hint !== undefined) return hinted(forms, hint, { read: 'number', decimal: ',', ...around }, texts);
  // As in 1.234: what every language reads is asked about only where it is dressed.
  const plain = forms.find((form) => Object.keys(form).length === 1);
  return plain === undefined ? forms : [plain];
}

/** Those of a decimal mark, of which whole numbers show none. */
function hinted(
  forms: readonly NumberForm[],
  hint: NumberHint,
  ofWhole: NumberForm,
  texts: readonly string[],
): NumberForm[] {
  const isComma = hint === 'decimal-comma';
  const found = forms.filter((form) => (form.decimal === ',') === isComma);
  return found.length === 0 && isComma && fits(ofWhole, texts) ? [ofWhole] : found;
}

function fits(form: Form, texts: readonly string[]): boolean {
  return texts.every((text) =>
    Number.isFinite(readText(text, form.read === 'date' ? 'date' : 'number', form)),
  );
}

/** Weeks and halves of years, as people write them. */
const PERIOD =
  /^(?:[12][0-9]{3}[-/ ]?(?:[Ww][0-9]{1,2}(?:-?[1-7])?|[Hh][12])|(?:[Ww][0-9]{1,2}|[Hh][12])[-/ ]?[12][0-9]{3})$/;

/** The first by its characters of some texts, where all are weeks or halves of years. */
export function periodAmong(texts: readonly string[]): string | undefined {
  return texts.every((text) => PERIOD.test(text)) ? [...texts].sort()[0] : undefined;
}

const isHexadecimal = new RegExp(`^${HEXADECIMAL}$`, 'u');
const isTime = new RegExp(`^${TIME}$`, 'u');

/**
 * The forms in which all of some texts read as numbers or as dates; several where one text could stand for several values.
 *
 * @param asked for what alone to look
 */
export function candidates(texts: readonly string[], asked?: Asked): Form[] {
  if (texts.length === 0) return [];
  const forms: Form[] = [];
  if (asked?.as !== 'dates') {
    if (texts.every((text) => isHexadecimal.test(text))) return [{ read: 'hexadecimal' }];
    if (texts.every((text) => isTime.test(text))) return [{ read: 'time' }];
    forms.push(...numberForms(texts, asked?.hint));
  }
  if (asked?.as !== 'numbers')
    for (const order of dateOrders) {
      // Digits alone are numbers, unless somebody knows better.
      if (order === 'compact' && asked === undefined) continue;
      const form: Form = { read: 'date', order };
      if ((asked?.hint ?? order) === order && fits(form, texts)) forms.push(form);
    }
  return forms;
}
