/** How numbers are written, where not as 1234.5: a currency before them, a unit behind, marks between thousands. */
export interface NumberForm {
  readonly read: 'number';
  /** Left out: a point. */
  readonly decimal?: ',' | undefined;
  /** The mark between groups of digits; a space stands for all widths of it, an apostrophe for both shapes. */
  readonly thousands?: ',' | '.' | "'" | ' ' | '_' | undefined;
  /** What may stand before a number. */
  readonly before?: readonly string[] | undefined;
  /** What may stand behind it. */
  readonly after?: readonly string[] | undefined;
  /** Whether each has a % behind it: 50% is 0.5. */
  readonly percent?: true | undefined;
}

/** 0x1F. */
export interface HexadecimalForm {
  readonly read: 'hexadecimal';
}

/** A time of day as hours since midnight: 08:30 is 8.5. */
export interface TimeForm {
  readonly read: 'time';
}

/** In which order day, month and year may stand. */
export const dateOrders = [
  'day-first',
  'month-first',
  'year-first',
  'month-name',
  'compact',
  'year-month',
  'quarter',
] as const;

/**
 * Of `month-name` the month is an English word, wherever it stands; `compact` is 20240131; `year-month` is 2024-01 or Jan 2024,
 * and `quarter` 2024Q1: their first days.
 */
export interface DateForm {
  readonly read: 'date';
  readonly order: (typeof dateOrders)[number];
}

/** How the texts of a column read as numbers or dates, where these are not written plainly. */
export type Form = NumberForm | HexadecimalForm | TimeForm | DateForm;
