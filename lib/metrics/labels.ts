import { invalid } from '../base/arguments';
import type { Label } from '../base/data-types';
import { ThalwegError } from '../base/errors';
import { listed, shownLabel } from '../base/listed';
import { isList } from './arguments';
import type { Labels } from './options';

type Kind = 'string' | 'boolean' | 'number';

const plurals: Record<Kind, string> = { string: 'texts', boolean: 'booleans', number: 'numbers' };

/** `a string`, `an object`, `undefined`. */
function articled(value: unknown): string {
  if (value === undefined) return 'undefined';
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}

function kindOf(option: string, label: unknown, row: number): Kind {
  if (typeof label === 'string' || typeof label === 'boolean' || Number.isSafeInteger(label))
    return typeof label as Kind;
  const is = typeof label === 'number' ? String(label) : articled(label);
  const hint = typeof label === 'number' ? '; make labels of outputs, as predictLabels does' : '';
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `${option}[${row}] is ${is}: labels are texts, booleans or whole numbers${hint}`,
    { option, row },
  );
}

/** Refuses values that are no labels, or not all of one type, that of `others` where these are given. */
function checked(option: string, value: unknown, others?: ArrayLike<Label>): ArrayLike<Label> {
  if (!isList(value)) throw invalid(option, 'an array of labels', value);
  if (value.length === 0) throw new ThalwegError('ERR_SHAPE', `${option} is empty`, { option });
  const kind = kindOf(option, value[0], 0);
  for (let row = 1; row < value.length; row += 1) {
    if (kindOf(option, value[row], row) === kind) continue;
    const message = `${option} has ${plurals[kind]} and, in row ${row}, ${articled(value[row])}: give labels of one type`;
    throw new ThalwegError('ERR_INVALID_ARGUMENT', message, { option, row });
  }
  const other = others && (typeof others[0] as Kind);
  if (other !== undefined && other !== kind) {
    const message = `${option} has ${plurals[kind]}, and yTrue ${plurals[other]}: give labels of one type`;
    throw new ThalwegError('ERR_INVALID_ARGUMENT', message, { option });
  }
  return value as ArrayLike<Label>;
}

function inOrder(labels: Iterable<Label>): Label[] {
  return [...labels].sort((a, b) => (a < b ? -1 : Number(a > b)));
}

/** Labels and, of each row, the number of its label among them. */
export interface Coded {
  /** In ascending order, or as they were asked for. */
  readonly labels: readonly Label[];
  /** Of each list of labels the numbers; −1 for one that is not among them. */
  readonly codes: readonly Int32Array[];
}

/**
 * Labels of one list, or of two that are of the same rows.
 *
 * @param options the labels, where they are not those that are there
 * @throws ThalwegError ERR_INVALID_ARGUMENT, ERR_SHAPE
 */
export function coded(
  lists: Readonly<Record<string, Labels>>,
  { labels: asked }: { readonly labels?: readonly Label[] | undefined },
): Coded {
  const all: ArrayLike<Label>[] = [];
  for (const [option, list] of Object.entries(lists)) all.push(checked(option, list, all[0]));
  for (const [index, option] of Object.keys(lists).entries()) {
    const [{ length } = [], list] = [all[0], all[index] as ArrayLike<Label>];
    if (list.length === length) continue;
    throw new ThalwegError('ERR_SHAPE', `${option} has ${list.length} values, and yTrue has ${length}`, {
      option,
    });
  }
  const labels = asked === undefined ? inOrder(different(all)) : given(asked, all[0]);
  const numbers = new Map(labels.map((label, code) => [label, code]));
  const codes = all.map((list) => {
    const code = new Int32Array(list.length);
    for (let row = 0; row < code.length; row += 1) code[row] = numbers.get(list[row] as Label) ?? -1;
    return code;
  });
  return { labels, codes };
}

function different(lists: readonly ArrayLike<Label>[]): Set<Label> {
  const found = new Set<Label>();
  for (const list of lists) for (let row = 0; row < list.length; row += 1) found.add(list[row] as Label);
  return found;
}

function given(labels: readonly Label[], others: ArrayLike<Label> | undefined): readonly Label[] {
  const found = Array.from(checked('labels', labels, others));
  if (new Set(found).size < found.length)
    throw new ThalwegError('ERR_INVALID_ARGUMENT', 'labels names one twice', { option: 'labels' });
  return found;
}

/**
 * The label that is found or not, of two: the one named, or the second in order; of rows of one label alone 1, or true.
 *
 * @returns for each row whether it has it
 * @throws ThalwegError ERR_INVALID_ARGUMENT
 */
export function positives(
  yTrue: Labels,
  {
    positive,
    labels: asked,
  }: { readonly positive?: Label | undefined; readonly labels?: readonly Label[] | undefined },
): Uint8Array {
  const { labels, codes } = coded({ yTrue }, { labels: asked });
  const [code = new Int32Array(0)] = codes;
  refuseUndeclared(yTrue, code, labels);
  const label = positive === undefined ? greater(labels) : checkedPositive(positive, labels);
  return isLabel(code, labels.indexOf(label));
}

/** Of each row whether its label is that of the number k. */
export function isLabel(code: Int32Array, k: number): Uint8Array {
  // Not by Uint8Array.from, which takes ten times as long.
  const found = new Uint8Array(code.length);
  for (let row = 0; row < found.length; row += 1) found[row] = code[row] === k ? 1 : 0;
  return found;
}

function greater(labels: readonly Label[]): Label {
  const [first, second] = labels;
  if (labels.length === 2 && second !== undefined) return second;
  const hint = 'say which is the positive one: { positive: … }';
  if (labels.length > 2) {
    const message = `yTrue has ${labels.length} labels (${listed(labels)}), of which one is to be told from the others: ${hint}`;
    throw new ThalwegError('ERR_INVALID_ARGUMENT', message, { option: 'positive' });
  }
  if (typeof first === 'boolean') return true;
  if (first === 0 || first === 1 || first === -1) return 1;
  throw new ThalwegError('ERR_INVALID_ARGUMENT', `yTrue has one label (${listed(labels)}): ${hint}`, {
    option: 'positive',
  });
}

function checkedPositive(positive: Label, labels: readonly Label[]): Label {
  const isOther = typeof positive !== typeof labels[0];
  if (!isOther && (labels.length < 2 || labels.includes(positive))) return positive;
  throw new ThalwegError(
    'ERR_INVALID_ARGUMENT',
    `positive is ${shownLabel(positive)}, and the labels are ${listed(labels)}`,
    { option: 'positive' },
  );
}

/** Refuses rows whose label is not among those that were named. @throws ThalwegError ERR_INVALID_ARGUMENT, with the row */
export function refuseUndeclared(yTrue: Labels, codes: Int32Array, labels: readonly Label[]): void {
  const row = codes.indexOf(-1);
  if (row < 0) return;
  const message = `yTrue[${row}] is ${shownLabel(yTrue[row])}, and the labels are ${listed(labels)}`;
  throw new ThalwegError('ERR_INVALID_ARGUMENT', message, { option: 'yTrue', row });
}
