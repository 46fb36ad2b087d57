import { invalid } from '../base/arguments';
import { ThalwegError } from '../base/errors';

/** The name of a class. A number has to be finite. */
export type Label = string | boolean | number;

/** What the targets 0 and 1 stand for: two different labels. */
export type Classes = readonly [zero: Label, one: Label];

function shown(label: unknown): string {
  return typeof label === 'string' ? JSON.stringify(label) : String(label);
}

/** @internal Checks what names two classes. @throws ThalwegError ERR_INVALID_ARGUMENT */
export function checkClasses(value: unknown): Classes {
  if (Array.isArray(value) && value.length === 2 && value[0] !== value[1] && value.every(isLabel))
    return [value[0] as Label, value[1] as Label];
  throw invalid('classes', 'two different texts, booleans or numbers, for 0 and 1', value);
}

function isLabel(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

/**
 * @internal The classes of targets that are texts or booleans: false and true, or two texts in the order of their characters.
 * Undefined where the targets are numbers.
 *
 * @throws ThalwegError ERR_INVALID_ARGUMENT where there are not two of one type
 */
export function classesOf(option: string, y: unknown): Classes | undefined {
  if (!Array.isArray(y)) return undefined;
  const [first] = y as unknown[];
  if (typeof first === 'boolean') return [false, true];
  if (typeof first !== 'string') return undefined;
  const [zero, one, third] = [...new Set(y as unknown[])].sort((a, b) => (String(a) < String(b) ? -1 : 1));
  if (typeof zero === 'string' && typeof one === 'string' && third === undefined) return [zero, one];
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `${option} has ${one === undefined ? 'one class' : 'more than two classes, or other values than texts'} ` +
      `(${[zero, one, third]
        .filter((label) => label !== undefined)
        .map(shown)
        .join(', ')}): ` +
      'a neuron learns numbers, or two classes as 0 and 1',
    { option },
  );
}

/** @internal 0 and 1 for targets that are labels. @throws ThalwegError ERR_INVALID_ARGUMENT, with the row */
export function encoded(option: string, y: unknown, classes: Classes): Float64Array {
  if (!Array.isArray(y) && !ArrayBuffer.isView(y))
    throw invalid(option, 'an array of the classes, or of 0 and 1', y);
  const labels = y as ArrayLike<unknown>;
  return Float64Array.from({ length: labels.length }, (_, row) => {
    const label = labels[row];
    const at = classes.findIndex((known) => known === label);
    if (at >= 0) return at;
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `${option}[${row}] is ${shown(label)}; the classes are ${classes.map(shown).join(' and ')}`,
      { option, row },
    );
  });
}
