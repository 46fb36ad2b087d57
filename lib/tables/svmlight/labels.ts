import { ThalwegError } from '../../base/errors';
import type { Target } from '../../model/features';
import { MOST_CLASSES, PAIRS } from '../encoder/target';
import type { SvmlightFiles } from './read';

/** What the labels of SVMlight files are called. */
export const LABEL = 'label';

/**
 * What labels are learned as: numbers, or classes where they are 1 and 2, or -1 and 1.
 *
 * @param asClasses whether they are classes; undefined: by that rule
 * @throws ThalwegError `ERR_COLUMN` for classes that are no whole numbers, with the row; for one class, or more than 1000
 */
export function labelEncoding(
  files: Pick<SvmlightFiles, 'name' | 'path'>,
  labels: Float64Array,
  asClasses: boolean | undefined,
): Target {
  const numbers = { name: LABEL, kind: 'number' } as const;
  if (asClasses === false) return numbers;
  const levels = levelsOf(labels);
  if (asClasses === undefined) {
    const pair = PAIRS.find((one) => levels.length === 2 && one.every((level, at) => level === levels[at]));
    return pair === undefined ? numbers : { ...numbers, levels: pair };
  }
  const row = labels.findIndex((label) => !Number.isSafeInteger(label));
  if (row >= 0) {
    throw refused(
      files,
      `, row ${row + 1}: the label is ${labels[row] as number}; classes are whole numbers. Leave --activation softmax out to learn numbers.`,
      row,
    );
  }
  if (levels.length === 1)
    throw refused(files, ` has one label, ${levels[0] as number}: classes are two or more.`);
  if (levels.length > MOST_CLASSES)
    throw refused(files, ` has more labels than ${MOST_CLASSES} classes. Leave --activation softmax out.`);
  return { ...numbers, levels };
}

/** The different labels by size: of too many no more than say so. */
function levelsOf(labels: Float64Array): number[] {
  const levels = new Set<number>();
  // -0 is 0.
  for (const label of labels) if (levels.size <= MOST_CLASSES) levels.add(label + 0);
  return [...levels].sort((a, b) => a - b);
}

/**
 * Labels as a model has targets: numbers, or the places of classes.
 *
 * @param firstRow of all, for messages
 * @throws ThalwegError `ERR_COLUMN` for a label that the model does not know, with the row
 */
export function encodedLabels(
  files: Pick<SvmlightFiles, 'name' | 'path'>,
  labels: Float64Array,
  target: Target,
  firstRow = 0,
): Float64Array {
  const { levels } = target;
  if (levels === undefined) return labels;
  const places = new Map(levels.map((level, place) => [level, place]));
  return labels.map((label, at) => {
    const place = (places as ReadonlyMap<string | number, number>).get(label + 0);
    if (place !== undefined) return place;
    const known = levels.map((level) => JSON.stringify(level)).join(', ');
    const row = firstRow + at;
    throw refused(
      files,
      `, row ${row + 1}: the label is ${label}; the model knows ${known}. Give labels of those.`,
      row,
    );
  });
}

function refused({ name, path }: Pick<SvmlightFiles, 'name' | 'path'>, what: string, row?: number) {
  const place = row === undefined ? {} : { row };
  return new ThalwegError('ERR_COLUMN', `${name}${what}`, { path, column: LABEL, ...place });
}
