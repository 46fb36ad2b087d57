import { dtypes } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { activations, losses } from './data';

/** What tells one case of a group from the others, and is all that it is made of. */
export type Values = Readonly<Record<string, string | number>>;

/** `gradient m=33 n=257 dtype=float32 seed=7`: what --case takes. */
export function textOf(group: string, values: Values): string {
  return [group, ...Object.entries(values).map(([name, value]) => `${name}=${value}`)].join(' ');
}

/** What a value that is a word may be. */
export type Words = Readonly<Record<string, readonly string[]>>;

const common: Words = { dtype: dtypes, activation: activations, loss: losses };

/** The group's name, and what stands after it. */
export function splitCase(text: string): { readonly group: string; readonly rest: readonly string[] } {
  const [group = '', ...rest] = text.trim().split(/\s+/);
  return { group, rest };
}

/**
 * The values of a case as text, those that are not named as in `like`, a case of the group.
 *
 * @throws ThalwegError ERR_INVALID_ARGUMENT
 */
export function valuesOf(rest: readonly string[], like: Values, words: Words = {}): Values {
  const values: Record<string, string | number> = { ...like };
  for (const part of rest) {
    const [name = '', value = ''] = part.split('=');
    const known = like[name];
    if (known === undefined) throw refused(part, `it has ${Object.keys(like).join(', ')}`);
    values[name] =
      typeof known === 'number' ? numberOf(part, value) : wordOf(part, value, { ...common, ...words }[name]);
  }
  return values;
}

function numberOf(part: string, value: string): number {
  const number = Number(value);
  if (value === '' || !Number.isFinite(number) || number < 0) throw refused(part, 'a number is wanted');
  return number;
}

function wordOf(part: string, value: string, allowed: readonly string[] = []): string {
  if (!allowed.includes(value)) throw refused(part, `it is one of ${allowed.join(', ')}`);
  return value;
}

function refused(part: string, why: string): ThalwegError {
  return new ThalwegError('ERR_INVALID_ARGUMENT', `a case has no '${part}': ${why}`, { option: 'case' });
}
