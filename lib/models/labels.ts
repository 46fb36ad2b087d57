import { invalid } from '../base/arguments';
import { type Label, type VectorLike, isLabel } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { shownLabel } from '../base/listed';
import { Matrix, type MatrixLike } from '../devices/device';

/** What the targets 0, 1, … stand for: two different labels or more, and of a neuron just two. */
export type Classes = readonly [zero: Label, one: Label, ...more: Label[]];

/** @internal Checks what names so many classes. @throws ThalwegError ERR_INVALID_ARGUMENT */
export function checkClasses(value: unknown, count = 2): Classes {
  const labels: readonly unknown[] = Array.isArray(value) ? value : [];
  if (labels.length === count && new Set(labels).size === count && labels.every(isLabel)) {
    return [...labels] as unknown as Classes;
  }
  const rule =
    count === 2
      ? 'two different texts, booleans or numbers, for 0 and 1'
      : `${count} different texts, booleans or numbers, for 0 to ${count - 1}`;
  throw invalid('classes', rule, value);
}

/**
 * @internal The classes of targets that are texts or booleans: false and true, or so many texts in the order of their
 * characters. Undefined where the targets are numbers.
 *
 * @throws ThalwegError ERR_INVALID_ARGUMENT where there are not as many of one type
 */
export function classesOf(option: string, y: unknown, count = 2): Classes | undefined {
  if (!Array.isArray(y)) return undefined;
  const [first] = y as unknown[];
  if (typeof first === 'boolean' && count === 2) return [false, true];
  if (typeof first !== 'string' && typeof first !== 'boolean') return undefined;
  const found = [...new Set(y as unknown[])];
  if (found.every((label) => typeof label === 'string')) {
    found.sort((a, b) => (a < b ? -1 : 1));
    if (found.length === count) return found as unknown as Classes;
  }
  throw new ThalwegError('ERR_INVALID_ARGUMENT', `${option} has ${counted(found, count)}: ${learns(count)}`, {
    option,
  });
}

/** @internal Ranks may each have but some of the classes. @throws ThalwegError ERR_INVALID_ARGUMENT */
export function requireClasses(given: Classes | undefined, found: Classes | undefined): void {
  if (given !== undefined || found === undefined) return;
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    'a rank sees no labels but its own: over several ranks name them in classes',
    { option: 'classes' },
  );
}

function counted(found: readonly unknown[], count: number): string {
  const named = found.slice(0, 3).map(shownLabel).join(', ');
  if (count > 2) return `${found.length} classes, or other values than texts (${named}, …)`;
  return `${found.length === 1 ? 'one class' : 'more than two classes, or other values than texts'} (${named})`;
}

function learns(count: number): string {
  return count === 2
    ? 'a neuron learns numbers, or two classes as 0 and 1; where not both are here, name them in classes'
    : `the layer has ${count} outputs, one a class; name them in classes`;
}

/** @internal The number of its class for each target that is a label. @throws ThalwegError ERR_INVALID_ARGUMENT, with the row */
export function encoded(option: string, y: unknown, classes: Classes): Float64Array {
  if (!Array.isArray(y) && !ArrayBuffer.isView(y))
    throw invalid(option, 'an array of the classes, or of 0 and 1', y);
  const labels = y as ArrayLike<unknown>;
  const numbers = new Map<unknown, number>(classes.map((label, at) => [label, at]));
  return Float64Array.from({ length: labels.length }, (_, row) => {
    const label = labels[row];
    const at = numbers.get(label);
    if (at !== undefined) return at;
    const last = classes.length - 1;
    throw new ThalwegError(
      'ERR_INVALID_ARGUMENT',
      `${option}[${row}] is ${shownLabel(label)}; the classes are ` +
        `${classes.slice(0, last).map(shownLabel).join(', ')} and ${shownLabel(classes[last])}`,
      { option, row },
    );
  });
}

/** Targets of a neuron or a layer: numbers, or the labels of classes. */
export type Targets = VectorLike | Matrix | readonly string[] | readonly boolean[];

/** @internal Targets as numbers. */
export function numbersOf(
  y: Targets | MatrixLike,
  classes: Classes | undefined,
  option = 'y',
): VectorLike | MatrixLike {
  return y instanceof Matrix || classes === undefined
    ? (y as VectorLike | MatrixLike)
    : encoded(option, y, classes);
}
