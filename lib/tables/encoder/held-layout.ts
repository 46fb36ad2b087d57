import { NOWHERE, type SparseLayout } from '../../rows/row-source';
import { codeBytes } from '../../rows/sparse-rows';
import { type CategoryFeature, type Feature, fills, width } from './encoding';
import type { Reading } from './reading';

/** Where codes are less than half of what columns of 0 and 1 would be, they are worth a look in θ for each row. */
const leastSaving = 2;

/** Codes of a category: 0 is the level that is left out. */
export function codesOf({ levels }: CategoryFeature): number {
  return levels.length + 1;
}

/**
 * Whether the columns of all levels may stand for a value that is missing, or not known: that is no code.
 *
 * @param feature what is settled of it: whether a level stands for either
 */
export function mayAverage(
  { unknown, missing }: Pick<Reading, 'unknown' | 'missing'>,
  feature: Pick<CategoryFeature, 'other' | 'fill'>,
): boolean {
  return (
    (unknown === 'other' && feature.other === undefined) || (fills(missing) && feature.fill === undefined)
  );
}

/**
 * How rows of these features are held with categories as codes: behind the numbers, in the order of both. Undefined where
 * that does not go, or hardly takes less.
 */
export function heldLayout(
  reading: Pick<Reading, 'features' | 'unknown' | 'missing'>,
): SparseLayout | undefined {
  const features = reading.features.map(({ encoding }) => encoding);
  const categories = features.filter((feature) => feature.kind === 'category');
  if (categories.some((feature) => mayAverage(reading, feature))) return undefined;
  const all = width(features);
  const dense = all - width(categories);
  const levels = categories.map(codesOf);
  const bytes = 8 * dense + levels.reduce((sum, count) => sum + codeBytes(count), 0);
  if (8 * all < leastSaving * bytes) return undefined;
  return { dense, levels, compressed: 0, entries: 0, places: placesOf(features) };
}

/** Of each column as it is held which of X it is. */
function placesOf(features: readonly Feature[]): Uint32Array {
  const [numbers, codes]: [number[], number[]] = [[], []];
  let column = 0;
  for (const feature of features) {
    const columns = width([feature]);
    if (feature.kind === 'category') codes.push(NOWHERE);
    const into = feature.kind === 'category' ? codes : numbers;
    for (let end = column + columns; column < end; column += 1) into.push(column);
  }
  return Uint32Array.from([...numbers, ...codes]);
}
