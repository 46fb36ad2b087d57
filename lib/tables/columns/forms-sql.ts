import { digitsSql, zoneMinutesSql } from '../files/iso-date';
import { literal } from '../files/sql';
import { HEXADECIMAL, MONTHS, PIVOT, TIME, dateSteps, numberSteps } from './form-steps';
import type { DateForm, Form, NumberForm } from './form';

/** A text, trimmed, as the number that it stands for in a form: a DOUBLE, NULL where it does not read so. */
export function formSql(form: Form, text: string): string {
  switch (form.read) {
    case 'number':
      return numberSql(form, text);
    case 'hexadecimal':
      return `CASE WHEN ${fits(text, HEXADECIMAL)} THEN CAST(TRY_CAST(${text} AS UBIGINT) AS DOUBLE) END`;
    case 'time':
      return `CASE WHEN ${fits(text, TIME)} THEN ${secondsSql((group) => extract(text, TIME, [group]), 1)} / 3600 END`;
    case 'date':
      return dateSql(form, text);
  }
}

const fits = (text: string, pattern: string): string => `regexp_full_match(${text}, ${literal(pattern)})`;

function numberSql(form: NumberForm, text: string): string {
  const { pattern, removed, from, to, divisor } = numberSteps(form);
  const bare = removed.reduce((left, gone) => `replace(${left}, ${literal(gone)}, '')`, text);
  const value = `TRY_CAST(translate(${bare}, ${literal(from)}, ${literal(to)}) AS DOUBLE)`;
  return `CASE WHEN ${fits(text, pattern)} THEN ${value}${divisor === 1 ? '' : ` / ${divisor}`} END`;
}

/** The group of a pattern, or of several that which is not empty; '' where all are. */
function extract(text: string, pattern: string, groups: readonly number[]): string {
  const parts = groups.map((group) => `regexp_extract(${text}, ${literal(`^(?:${pattern})$`)}, ${group})`);
  return parts.length === 1 ? (parts[0] as string) : `concat(${parts.join(', ')})`;
}

/** Seconds since midnight of a time whose parts are the groups from `first` on. */
function secondsSql(group: (group: number) => string, first: number): string {
  const half = group(first + 3);
  const hours = digitsSql(group(first));
  const seconds = digitsSql(`replace(${group(first + 2)}, ',', '.')`);
  const hour = `CASE lower(${half}) WHEN 'p' THEN ${hours} % 12 + 12 WHEN 'a' THEN ${hours} % 12 ELSE ${hours} END`;
  return `((${hour}) * 3600 + (${digitsSql(group(first + 1))} * 60 + ${seconds}))`;
}

function dateSql(form: DateForm, text: string): string {
  const { pattern, year, month, day, time } = dateSteps(form);
  const group = (...at: readonly number[]): string => extract(text, pattern, at);
  const years = group(...year);
  const full = `CASE WHEN length(${years}) > 2 THEN ${years} ELSE CAST(CAST(${years} AS INTEGER) + CASE WHEN CAST(${years} AS INTEGER) < ${PIVOT} THEN 2000 ELSE 1900 END AS VARCHAR) END`;
  const name = group(...month);
  const named = `CASE WHEN length(${name}) = 3 THEN CAST((instr(${literal(MONTHS)}, lower(${name})) + 2) // 3 AS VARCHAR) ELSE ${form.order === 'year-month' ? name : "''"} END`;
  const ofQuarter = `CAST(3 * CAST(substr(${name}, 2) AS INTEGER) - 2 AS VARCHAR)`;
  const monthOfYear = form.order === 'quarter' ? ofQuarter : month.length > 1 ? named : name;
  const midnight = `epoch_us(TRY_CAST(concat(${full}, '-', ${monthOfYear}, '-', ${day.length === 0 ? "'01'" : group(...day)}) AS DATE))`;
  const clock = `round(${secondsSql((at) => group(at), time)} * 1e6)`;
  const zone = `(${zoneMinutesSql(group(time + 4))}) * 60000000`;
  return `CASE WHEN ${fits(text, pattern)} THEN (${midnight} + ${clock} - ${zone}) / 86400000000.0::DOUBLE END`;
}
