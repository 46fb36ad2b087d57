import { ThalwegError } from './errors';

// Checks of arguments, with messages for people. A library's schema would add a quarter to the time that this package
// takes to load, and say less about what to do; files, which need deeper checks, go through one (lib/base/schema.ts).

/** Longer texts are cut: a message is read in a terminal. */
const mostCharacters = 60;

/** As JavaScript names what a value is: 'Object', 'Array', 'Promise'; of whatever realm it comes. */
export function kindOf(value: object): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

function articled(kind: string): string {
  return `${/^[AEIOU]/i.test(kind) ? 'an' : 'a'} ${kind}`;
}

/** What a value is, in a message. It runs no code of the value's own, which may throw. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    const cut = value.length > mostCharacters ? `${value.slice(0, mostCharacters)}…` : value;
    return `'${cut}'`;
  }
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `${value}n`;
  if (value === null || typeof value !== 'object') return String(value);
  const kind = kindOf(value);
  return articled(kind === 'Object' || kind === 'Array' ? kind.toLowerCase() : kind);
}

/** ERR_INVALID_ARGUMENT: `option` must be …; it is …. */
export function invalid(option: string, rule: string, value: unknown): ThalwegError {
  return new ThalwegError('ERR_INVALID_ARGUMENT', `${option} must be ${rule}; it is ${shown(value)}`, {
    option,
  });
}

/**
 * An object of named values. A Promise that is not awaited, a Map or an AbortSignal has none, and would do as no options at
 * all.
 */
export function checkObject(option: string, value: unknown): asserts value is object {
  const isNamed = typeof value === 'object' && value !== null && ['Object', 'Module'].includes(kindOf(value));
  if (!isNamed) throw invalid(option, 'an object', value);
}

/** A text that is the name of a file. */
export function fileName(option: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(option, 'the name of a file', value);
}

/** A finite number above 0. */
export function positive(option: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw invalid(option, 'a number above 0', value);
}

/** A finite number, 0 or more. */
export function notNegative(option: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw invalid(option, 'a number, 0 or more', value);
}

/** Any number, NaN and infinities too. */
export function number(option: string, value: unknown): number {
  if (typeof value === 'number') return value;
  throw invalid(option, 'a number', value);
}

export function finite(option: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw invalid(option, 'a finite number', value);
}

export function integer(option: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(option, `an integer from ${least} to ${most}`, value);
}

export function flag(option: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw invalid(option, 'true or false', value);
}

export function oneOf<Name extends string>(option: string, value: unknown, names: readonly Name[]): Name {
  const found = names.find((name) => name === value);
  if (found !== undefined) return found;
  throw invalid(
    option,
    names
      .map((name) => `'${name}'`)
      .join(', ')
      .replace(/, ([^,]*)$/, ' or $1'),
    value,
  );
}

export function checkFunction(
  option: string,
  value: unknown,
): asserts value is (...args: never[]) => unknown {
  if (typeof value === 'function') return;
  throw invalid(option, 'a function', value);
}

/** Refuses options that are not in `known`. */
export function refuseUnknown(options: object, known: readonly string[], place: string): void {
  for (const option of Object.keys(options)) {
    if (known.includes(option)) continue;
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `${place} has no option '${option}'; its options are ${known.join(', ')}`,
      { option },
    );
  }
}

/** `count` zeros; what is counted is named where there is no memory for them. */
export function zeros(option: string, count: number): Float64Array {
  try {
    return new Float64Array(count);
  } catch {
    throw new ThalwegError(
      'ERR_OUT_OF_MEMORY',
      `there is no memory for ${count} values of 8 bytes (${option})`,
      {
        option,
      },
    );
  }
}
