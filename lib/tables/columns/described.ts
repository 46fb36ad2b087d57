import type { SourceColumn } from '../files/source';
import type { Form, NumberForm } from './form';

const MARKS: Readonly<Record<NonNullable<NumberForm['thousands']>, string>> = {
  ',': 'commas',
  '.': 'points',
  "'": 'apostrophes',
  ' ': 'spaces',
  _: 'underscores',
};

const ORDERS = {
  'day-first': 'day first',
  'month-first': 'month first',
  'year-first': 'year first',
  'month-name': 'the month by name',
  compact: 'as 20240131',
  'year-month': 'months alone',
  quarter: 'quarters',
} as const;

/** How a column was read, as people say it: `numbers with $ before them`. */
export function described(form: Form, { type }: Pick<SourceColumn, 'type'>): string {
  switch (form.read) {
    case 'hexadecimal':
      return 'hexadecimal numbers';
    case 'time':
      return 'times of day, in hours';
    case 'date':
      return `dates, ${ORDERS[form.order]}`;
    case 'number':
      return describedNumber(form, type === 'text');
  }
}

function describedNumber(
  { decimal, thousands, before = [], after = [], percent }: NumberForm,
  isUntyped: boolean,
): string {
  const parts = [
    ...(before.length > 0 ? [`${before.join(' or ')} before them`] : []),
    ...(after.length > 0 ? [`the unit ${after.join(' or ')}`] : []),
    ...(thousands === undefined ? [] : [`${MARKS[thousands]} between thousands`]),
    ...(decimal === undefined ? [] : ['a decimal comma']),
  ];
  if (percent === true) return `${['percentages', ...parts].join(', ')}, 50% as 0.5`;
  if (parts.length > 0) return `numbers with ${parts.join(' and ')}`;
  return isUntyped ? 'numbers, where (5) and \u22125 are -5' : 'numbers that are written as text';
}

/** `None 4, NA 2`, and how many these are. */
export function wordsTaken(taken: ReadonlyMap<string, number>): {
  readonly short: string;
  readonly count: number;
} {
  return {
    short: [...taken].map(([word, count]) => `${word} ${count}`).join(', '),
    count: [...taken.values()].reduce((sum, count) => sum + count, 0),
  };
}
